"""Paper forms: typed in by two operators, one after the other, and counted when both agree.

The first entry waits locked. When the second one says the same, the rating goes into the box and only the form's number
stays. Where they differ, the second operator looks at the paper once more; then both entries are erased.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import PaperEntry, Round, RoundState, Unit
from evalsys.services import sealing
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.collection import NO_ANSWER, OpenForm, Parcel, deliver, new_nonce, prepare_ballot
from evalsys.services.entries.assisted import PAPER, Entry, ballot_of
from evalsys.services.questionnaires.document import TICK_POINTS
from evalsys.services.transfers.cells import visible

PURPOSE = "paper"
ONCE, DIFFERS, DONE = "once", "differs", "done"

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class PaperForm:
    """A paper form that is being typed in: its number, and what stands in each of its fields by name."""

    number: str
    fields: Fields


@dataclass(frozen=True)
class Difference:
    """A field that the two entries fill in differently; empty when nothing was typed in."""

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True)
class WaitingPaper:
    """A paper form whose entries differ."""

    id: int
    number: str
    unit_code: str
    differences: tuple[Difference, ...]
    agreed: Fields

    @property
    def names(self) -> frozenset[str]:
        """The names of the fields that differ."""
        return frozenset(one.name for one in self.differences)


def enter_paper(actor: Actor, paper: PaperForm, entry: Entry, *, secret: str, now: datetime) -> str:
    """Type a paper form in; returns "once", "differs" or "done": what it waits for now.

    Raises Forbidden; Invalid when the form holds no answer; Conflict when the number was entered before, this operator
    typed it in herself, or it was first entered for another office.
    """
    form, parcel = entry.form, _packed(entry, secret, now)
    act = Act(actor, "entry.send", f"paper:{form.round_code}/{paper.number}", now, detail={"channel": PAPER})
    with audited(act) as session:
        row = _row(session, form, paper.number)
        if row is None:
            session.add(_first(actor, paper, form, now))
            act.detail = {**act.detail, "entry": ONCE}
            return ONCE
        _refuse_second(row, actor, form)
        if _differences(_opened(row.first), paper.fields):
            row.second, row.second_by, row.state = _sealed(paper.fields), actor.account_id, DIFFERS
        else:
            deliver(session, parcel)
            _close(row, actor)
        act.detail = {**act.detail, "entry": row.state}
        return row.state


def find_paper(actor: Actor, paper_id: int) -> WaitingPaper:
    """A form whose entries differ, for the operator who typed it in as the second. Raises Forbidden, NotFound."""
    require(actor, "entry.answer")
    row = db.session.scalar(select(PaperEntry).join(Round).where(PaperEntry.id == paper_id, _waits_for(actor)))
    if row is None:
        raise NotFound("There is no form with differences here that you have to look at.")
    first, second = _opened(row.first), _opened(row.second)
    differences = _differences(first, second)
    names = {one.name for one in differences}
    agreed = {name: text for name, text in second.items() if name not in names}
    code = db.session.scalar(select(Unit.code).where(Unit.id == row.unit_id)) or ""
    return WaitingPaper(row.id, row.number, code, differences, agreed)


def list_differences(actor: Actor) -> list[tuple[int, str]]:
    """(Id, number) of the forms that wait for this operator to look at the paper again. Raises Forbidden."""
    require(actor, "entry.answer")
    query = select(PaperEntry.id, PaperEntry.number).join(Round).where(_waits_for(actor))
    return [(paper_id, number) for paper_id, number in db.session.execute(query.order_by(PaperEntry.number))]


def resolve_paper(actor: Actor, paper_id: int, entry: Entry, *, secret: str, now: datetime) -> None:
    """Put a form into the box as the paper says after all, and erase both entries. Raises as `enter_paper` does."""
    form, parcel = entry.form, _packed(entry, secret, now)
    act = Act(actor, "entry.send", f"paper:{form.round_code}/{paper_id}", now, detail={"channel": PAPER})
    with audited(act) as session:
        row = session.scalar(select(PaperEntry).where(PaperEntry.id == paper_id).with_for_update())
        if row is None or row.state != DIFFERS or row.second_by != actor.account_id:
            raise Conflict("This form has been settled already.")
        if (row.round_id, row.unit_id) != (form.round_id, form.unit_id):  # its round is over, and another one is open
            raise Conflict("Ratings of this office are not being collected at the moment.")
        act.subject = f"paper:{form.round_code}/{row.number}"
        deliver(session, parcel)
        _close(row, actor)
        act.detail = {**act.detail, "entry": DONE, "resolved": True}


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    mine = PaperEntry.state == DIFFERS, PaperEntry.second_by == actor.account_id
    return and_(*mine, Round.state == RoundState.COLLECTING)


def _packed(entry: Entry, secret: str, now: datetime) -> Parcel:
    """Ready for the box; on paper a block of boxes says something only where one is ticked."""
    boxes = {tick.code for item in entry.form.document.items for tick in item.ticks}
    asked = zip(entry.form.questions, entry.codes, strict=True)
    if not any((TICK_POINTS if name in boxes else 1) <= code <= points for (name, points), code in asked):
        raise Invalid(NO_ANSWER)
    numbered = replace(entry, nonce=new_nonce(entry.form, secret, now))
    return prepare_ballot(ballot_of(numbered, PAPER), secret=secret, now=now)


def _row(session: Session, form: OpenForm, number: str) -> PaperEntry | None:
    # The round's row is held, so that two who type in the same new number at once come one after the other.
    session.execute(select(Round.id).where(Round.id == form.round_id).with_for_update())
    return session.scalar(select(PaperEntry).where(PaperEntry.round_id == form.round_id, PaperEntry.number == number))


def _first(actor: Actor, paper: PaperForm, form: OpenForm, now: datetime) -> PaperEntry:
    return PaperEntry(
        round_id=form.round_id,
        questionnaire_id=form.questionnaire_id,
        unit_id=form.unit_id,
        number=paper.number,
        first=_sealed(paper.fields),
        first_by=actor.account_id,
        created_at=now,
    )


def _refuse_second(row: PaperEntry, actor: Actor, form: OpenForm) -> None:
    if row.state == DONE:
        raise Conflict("A form with this number has been entered twice already and counts. Check the number.")
    if row.state == DIFFERS:
        raise Conflict("This form was entered twice with differences. Its second operator looks at the paper again.")
    if row.first_by == actor.account_id:
        raise Conflict("You have typed in this form yourself. Another operator types it in the second time.")
    if (row.unit_id, row.questionnaire_id) != (form.unit_id, form.questionnaire_id):
        raise Conflict("A form with this number was first entered for another office. Check number and office.")


def _close(row: PaperEntry, actor: Actor) -> None:
    """Only the number stays: the office beside it would point at the one response of that channel and day."""
    row.state, row.first, row.second, row.second_by = DONE, b"", b"", actor.account_id
    row.unit_id = row.questionnaire_id = None


def _differences(first: Fields, second: Fields) -> tuple[Difference, ...]:
    """Fields that differ; spaces and line ends of written words do not matter."""
    names = [*first, *(name for name in second if name not in first)]
    pairs = ((name, _plain(first.get(name, ())), _plain(second.get(name, ()))) for name in names)
    return tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])


def _plain(typed: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(" ".join(visible(one).split()) for one in typed if one.strip()))


def _sealed(fields: Fields) -> bytes:
    return sealing.lock(PURPOSE, json.dumps(dict(fields)))


def _opened(sealed: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(sealing.unlock(PURPOSE, sealed))
    return found
