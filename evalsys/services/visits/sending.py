"""A visit: its form, sending it once, and declaring a conflict for a unit."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, EvalsysError, Invalid, NotFound
from evalsys.i18n import _l
from evalsys.models import Account, Assignment, Comment, Questionnaire, Response, Round, RoundState, Unit, Visit
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.mixing import mark_dirty, new_id
from evalsys.services.questionnaires.document import Document, document_for
from evalsys.services.questionnaires.shown import Shown
from evalsys.services.suspension import refuse_suspended
from evalsys.services.visits.area import (
    CONFLICT,
    running_terms,
    stratum_of_visits,
    units_in_area,
    visit_form,
    visiting_round,
)
from evalsys.services.wording import read_form_text
from scoring.collect import pack

CHANNEL = "visit"
OUTSIDE = _l("You cannot visit this office now: it is outside your area, or your term does not run today.")
NO_ROUND = _l("No round is collecting visits at the moment.")


@dataclass(frozen=True)
class VisitPage:
    """The form of a visit with its words; the day of the visit must lie from `first_day` to `last_day`."""

    unit_code: str
    unit_name: Text
    round_title: Text
    first_day: date
    last_day: date
    document: Document
    shown: Shown


@dataclass(frozen=True)
class FilledVisit:
    """A visit as it was sent; `codes` are answer codes in the order of the questions, `nonce` the form's number.

    `texts` maps codes of text questions, and of indicators whose answer needed a reason, to what was written.
    """

    codes: Sequence[int]
    visited_on: date
    place: str
    note: str
    nonce: str
    texts: Mapping[str, str] = field(default_factory=dict)


def read_visit(actor: Actor, unit_code: str, locale: str, *, now: datetime) -> VisitPage:
    """The form about a unit of her area. Raises Forbidden, NotFound, Conflict outside term, area or round."""
    require(actor, "visit.answer")
    return _read(actor, unit_code, locale, now)


def read_visit_to_send(actor: Actor, unit_code: str, locale: str, *, now: datetime) -> VisitPage:
    """The same for somebody who sends a visit: a refusal is put on record."""
    try:
        return _read(actor, unit_code, locale, now)
    except EvalsysError:
        with audited(_act(actor, unit_code, now)):
            raise


def was_sent(actor: Actor, nonce: str) -> bool:
    """True when this very form has arrived from her before, also when its round or her term is over by now."""
    return _find_sent(db.session(), actor, nonce) is not None


def send_visit(actor: Actor, unit_code: str, filled: FilledVisit, *, now: datetime) -> None:
    """Store a visit and its answers; the same form sent again adds nothing.

    Raises Forbidden, NotFound; Conflict outside term, area or round; Invalid for a wrong day or no answer at all.
    """
    act = _act(actor, unit_code, now)
    with audited(act) as session:
        _one_by_one(session, actor)
        if _find_sent(session, actor, filled.nonce) is not None:
            act.detail = {"again": True}
            return
        unit, form = _open_form(session, actor, unit_code, now)
        _require_day(filled.visited_on, *_days(session, actor, form, unit, now), now.date())
        points = [one.indicator.points for one in form.questions]
        packed = pack(filled.codes, points)
        if not any(1 <= code <= k for code, k in zip(filled.codes, points, strict=True)):
            raise Invalid("Answer at least one question with a level of its scale.")
        response = _response(session, form, unit, filled.visited_on, packed)
        written = [(item, text) for item, text in filled.texts.items() if text]
        session.add_all(Comment(id=new_id(), response_id=response.id, item=item, text=text) for item, text in written)
        session.add(
            Visit(
                account_id=actor.account_id,
                questionnaire_id=form.id,
                unit_id=unit.id,
                visited_on=filled.visited_on,
                place=filled.place,
                note=filled.note,
                nonce=_digest(actor, filled.nonce),
                response_id=response.id,
                sent_at=now,
            )
        )
        mark_dirty(session, form.id, [unit.id])
        act.detail = {"visited_on": filled.visited_on.isoformat()}


def declare_conflict(actor: Actor, unit_code: str, reason: str, *, now: datetime) -> None:
    """Take a unit out of her area for good, because of a link to it; visits sent before stay.

    Raises Forbidden, NotFound, Conflict, Invalid.
    """
    with audited(Act(actor, "assignment.conflict", f"unit:{unit_code}"[:100], now)) as session:
        _one_by_one(session, actor)
        unit, form = _open_form(session, actor, unit_code, now)
        if not reason.strip():
            raise Invalid("Say what links you to this office.")
        session.add(
            Assignment(
                questionnaire_id=form.id,
                account_id=actor.account_id,
                unit_id=unit.id,
                is_named=True,
                state=CONFLICT,
                conflict_reason=reason,
            )
        )


def _one_by_one(session: Session, actor: Actor) -> None:
    """Her row is locked, so that what she sends twice at once comes one after the other."""
    session.execute(select(Account.id).where(Account.id == actor.account_id).with_for_update())


def _read(actor: Actor, unit_code: str, locale: str, now: datetime) -> VisitPage:
    unit, form = _open_form(db.session(), actor, unit_code, now)
    document = document_for(form)
    words = read_form_text(unit.code, form.round.code, document, locale)
    first, last = _days(db.session(), actor, form, unit, now)
    return VisitPage(unit.code, words.unit, words.round, first, last, document, words.shown)


def _open_form(session: Session, actor: Actor, unit_code: str, now: datetime) -> tuple[Unit, Questionnaire]:
    """The unit and its form, if she may visit it today; the shared lock makes the closing of the round wait."""
    unit = session.scalar(select(Unit).where(Unit.code == unit_code, Unit.is_active))
    if unit is None:
        raise NotFound("This office does not exist.")
    round_ = visiting_round(session)
    if round_ is None:
        raise Conflict(NO_ROUND)
    if session.info.get("writing"):
        locked = select(Round.state, Round.suspended_at).where(Round.id == round_.id).with_for_update(read=True)
        state, suspended_at = session.execute(locked).one()
        if state != RoundState.COLLECTING:
            raise Conflict(NO_ROUND)
        refuse_suspended(suspended_at)
    form = visit_form(session, round_, unit.id)
    if form is None or unit not in units_in_area(session, actor, round_, now.date()):
        raise Conflict(OUTSIDE)
    stratum_of_visits(session, form)
    return unit, form


def _days(session: Session, actor: Actor, form: Questionnaire, unit: Unit, now: datetime) -> tuple[date, date]:
    """The days on which a visit may have been: inside a running term and the round, not after today."""
    starts = min(term.starts_on for term in running_terms(session, actor, unit.id, now.date()))
    return max(starts, form.round.period_start), min(now.date(), form.round.period_end)


def _require_day(day: date, first: date, last: date, today: date) -> None:
    if day > today:
        raise Invalid("The visit lies in the future. Enter the day on which you were there.")
    if not first <= day <= last:
        raise Invalid(
            "The visit must lie in your term and in the round: from %(first)s to %(last)s.",
            {"first": first.isoformat(), "last": last.isoformat()},
        )


def _response(session: Session, form: Questionnaire, unit: Unit, day: date, packed: str) -> Response:
    response = Response(
        id=new_id(),
        questionnaire_id=form.id,
        unit_id=unit.id,
        stratum=stratum_of_visits(session, form),
        channel=CHANNEL,
        day=day,
        answers=packed,
    )
    session.add(response)
    session.flush()
    return response


def _find_sent(session: Session, actor: Actor, nonce: str) -> int | None:
    return session.scalar(select(Visit.id).where(Visit.nonce == _digest(actor, nonce)))


def _digest(actor: Actor, nonce: str) -> str:
    return hashlib.sha256(f"evalsys/visit/v1/{actor.account_id}/{nonce}".encode("utf-8", "replace")).hexdigest()


def _act(actor: Actor, unit_code: str, now: datetime) -> Act:
    return Act(actor, "visit.send", f"unit:{unit_code}"[:100], now)
