"""A sample of raw answers by lot: the same number draws the same answers, so that another auditor finds them again."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.models import OVER, Questionnaire, Response, Unit
from evalsys.models.response import IMPORTING
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round, subject_of
from evalsys.services.transfers.selection import NO_BASIS, NOT_ANSWERED, NOT_APPLICABLE, STATUSES, Form, select_answers
from evalsys.services.weights import Labels

MOST_ROWS = 100
LARGEST_SEED = 10**9
WHOLE = {"group": "", "only_counted": False, "pace": False}
MEANINGS = {NOT_ANSWERED: "not_answered", NO_BASIS: "no_basis", NOT_APPLICABLE: "not_applicable"}


@dataclass(frozen=True)
class Wish:
    """How many answers, and the number that the lot is drawn with."""

    size: int
    seed: int


@dataclass(frozen=True)
class SampleRow:
    """One response without key, day or rater; an answer is a level of its scale, or what stands for none."""

    unit: Text
    group: Text
    stratum: Text
    channel: str
    status: str
    answers: tuple[tuple[Text, str], ...]


@dataclass(frozen=True)
class Sample:
    """What the lot drew of `total` responses; the digest proves that two people drew the same."""

    wish: Wish
    total: int
    digest: str
    rows: tuple[SampleRow, ...]


@dataclass(frozen=True)
class SamplePage:
    """The round of which a sample can be drawn; not while it collects."""

    round_code: str
    round_name: Text
    is_over: bool


def sample_page(actor: Actor, round_code: str, locale: str) -> SamplePage:
    """What the page needs before a sample is drawn. Raises Forbidden, NotFound."""
    require(actor, "sample.draw")
    round_ = find_round(db.session(), round_code)
    return SamplePage(round_.code, content.text_of("round", round_.code, "name", locale), round_.state in OVER)


def draw_sample(actor: Actor, round_code: str, wish: Wish, locale: str, *, now: datetime) -> Sample:
    """Draw responses of a round that is over; that it was done, and with which number, is on record.

    Raises Forbidden, NotFound; Conflict while the round collects or has no answers; Invalid.
    """
    act = Act(actor, "sample.draw", subject_of(round_code), now)
    with audited(act) as session:
        round_ = find_round(session, round_code)
        if not 1 <= wish.size <= MOST_ROWS or not 0 <= wish.seed < LARGEST_SEED:
            raise Invalid("Enter how many answers, and a number to draw with.")
        chosen = select_answers(session, round_, WHOLE)
        query = select(Response.id).join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        there = query.where(Questionnaire.round_id == round_.id, Response.status != IMPORTING)
        ids = sorted(session.scalars(there))
        if not ids:
            raise Conflict("The round has no answers.")
        drawn = random.Random(f"{round_.code}:{wish.seed}").sample(ids, min(wish.size, len(ids)))  # noqa: S311 - a lot that can be drawn again
        asked = [one.code for one in chosen.asked]
        rows = _rows(drawn, chosen.forms, asked, locale)
        digest = hashlib.sha256(" ".join(drawn).encode()).hexdigest()
        act.detail = {"size": len(rows), "seed": wish.seed, "of": len(ids), "digest": digest}
        return Sample(wish, len(ids), digest, tuple(rows))


def _rows(drawn: list[str], forms: Mapping[int, Form], asked: list[str], locale: str) -> list[SampleRow]:
    labels, names = Labels(locale), content.names("unit", locale)
    query = select(Response, Unit.code).join(Unit, Unit.id == Response.unit_id).where(Response.id.in_(drawn))
    found = {response.id: (response, unit) for response, unit in db.session.execute(query)}
    rows = []
    for id_ in drawn:
        response, unit = found[id_]
        form = forms[response.questionnaire_id]
        signs = zip(form.places, form.values, response.answers, strict=True)
        answers = [(labels.of("indicator", asked[place]), values[sign]) for place, values, sign in signs]
        rows.append(
            SampleRow(
                unit=names.get(unit) or Text(unit, ""),
                group=labels.of("group", form.group),
                stratum=labels.of("stratum", response.stratum),
                channel=response.channel,
                status=STATUSES[response.status],
                answers=tuple((name, MEANINGS.get(value, str(value))) for name, value in answers),
            )
        )
    return rows
