"""Visits as evidence beside the figures: named for the oversight body, without names for the visited unit."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import Questionnaire, Response, Round, RoundState, RoundUnit, Visit
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.questionnaires.document import columns, document_for
from evalsys.services.questionnaires.given import Given, describe
from evalsys.services.rounds.states import find_round
from evalsys.services.wording import read_form_text
from scoring.collect import unpack


@dataclass(frozen=True)
class EvidenceLine:
    """One visit; `supervisor`, `sent_at` and `answers` are there for the oversight body alone."""

    unit_name: Text
    visited_on: date
    place: str
    note: str
    supervisor: str = ""
    sent_at: datetime | None = None
    answers: tuple[Given, ...] = ()


@dataclass(frozen=True)
class EvidencePage:
    """The visits of a round, by unit and day."""

    round_code: str
    round_name: Text
    lines: tuple[EvidenceLine, ...]
    is_running: bool = False


def round_evidence(actor: Actor, round_code: str, locale: str) -> EvidencePage:
    """All visits of a round with who made them; their answers once it is closed. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    found = db.session.execute(_visits(round_)).all()
    is_running = round_.state == RoundState.COLLECTING
    lines = tuple(_named_line(visit, form, "" if is_running else answers, locale) for visit, form, answers in found)
    return EvidencePage(round_.code, content.text_of("round", round_.code, "name", locale), lines, is_running)


def own_evidence(actor: Actor, round_code: str, locale: str) -> EvidencePage:
    """The visits to the head's own unit in a published round: no names, no single answers.

    Raises Forbidden; NotFound also before publication.
    """
    require(actor, "unit.read")
    round_ = find_round(db.session(), round_code)
    name = content.text_of("round", round_.code, "name", locale)
    is_part = db.session.get(RoundUnit, (round_.id, actor.unit_id)) is not None
    if round_.state != RoundState.PUBLISHED or not is_part:
        raise NotFound("This round does not exist.")
    return EvidencePage(round_.code, name, _own_lines(actor, round_, locale))


def has_visits(actor: Actor, round_code: str) -> bool:
    """True when a published round holds visits to the head's own unit."""
    query = (
        select(Visit.id)
        .join(Questionnaire, Questionnaire.id == Visit.questionnaire_id)
        .join(Round, Round.id == Questionnaire.round_id)
        .where(Round.code == round_code, Round.state == RoundState.PUBLISHED, Visit.unit_id == actor.unit_id)
    )
    return bool(db.session.scalar(select(exists(query))))


def _own_lines(actor: Actor, round_: Round, locale: str) -> tuple[EvidenceLine, ...]:
    visits = db.session.scalars(_visits(round_).where(Visit.unit_id == actor.unit_id)).all()
    return tuple(
        EvidenceLine(
            content.text_of("unit", visit.unit.code, "name", locale), visit.visited_on, visit.place, visit.note
        )
        for visit in visits
    )


def _visits(round_: Round) -> Select[Visit, Questionnaire, str]:
    return (
        select(Visit, Questionnaire, Response.answers)
        .join(Questionnaire, Questionnaire.id == Visit.questionnaire_id)
        .join(Response, Response.id == Visit.response_id)
        .where(Questionnaire.round_id == round_.id)
        .options(joinedload(Visit.account), joinedload(Visit.unit))
        .order_by(Visit.unit_id, Visit.visited_on, Visit.id)
    )


def _named_line(visit: Visit, form: Questionnaire, answers: str, locale: str) -> EvidenceLine:
    document = document_for(form)
    words = read_form_text(visit.unit.code, form.round.code, document, locale)
    codes = unpack(answers, [points for _, points in columns(document)]) if answers else ()
    return EvidenceLine(
        unit_name=words.unit,
        visited_on=visit.visited_on,
        place=visit.place,
        note=visit.note,
        supervisor=visit.account.name,
        sent_at=visit.sent_at,
        answers=describe(document, words.shown, codes) if codes else (),
    )
