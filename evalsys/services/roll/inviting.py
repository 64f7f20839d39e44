"""Orders to invite or to remind people: who is meant is settled here, a worker writes the letters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.models import RollEntry, Round, RoundState, Transfer
from evalsys.services import mail
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.roll.batches import INVITATIONS, REMINDERS, WAYS, Plan, queue
from evalsys.services.roll.groups import find_inviting_round, find_strata
from evalsys.services.rounds.states import subject_of

DAYS_BETWEEN = 7
MOST_REMINDERS = 2


@dataclass(frozen=True)
class Order:
    """Which group is written to, and how: "letters" (PDF), "eml" (a ZIP of mails), "smtp" (sent at once)."""

    round_code: str
    group: str
    way: str


def invite_people(actor: Actor, order: Order, *, now: datetime) -> int:
    """Queue the invitations of everybody new; returns the number of the transfer.

    Raises Forbidden, NotFound, Invalid, Conflict (the round's state, no mail server, nobody new).
    """
    act = Act(actor, "roll.invite", subject_of(order.round_code), now, detail={"way": order.way, "group": order.group})
    with audited(act) as session:
        round_ = _checked(session, order)
        channel = RollEntry.channel == WAYS[order.way]
        new = and_(_of(round_, order), channel, RollEntry.state == "new")
        statement = update(RollEntry).where(new).values(state="sending").returning(RollEntry.stratum, RollEntry.id)
        rows = session.execute(statement.execution_options(synchronize_session=False)).all()
        return _queue(session, Plan(INVITATIONS, round_.id, order.group, order.way), rows, act)


def remind_people(actor: Actor, order: Order, *, now: datetime) -> int:
    """Queue a reminder to everybody whose last letter is a week old, at most twice; returns the transfer's number.

    It goes to those who have rated as well: nobody knows who they are.
    Raises Forbidden, NotFound, Invalid, Conflict (the round's state, no mail server, nobody to remind).
    """
    act = Act(actor, "roll.remind", subject_of(order.round_code), now, detail={"way": order.way, "group": order.group})
    with audited(act) as session:
        round_ = _checked(session, order)
        if round_.state != RoundState.COLLECTING:
            raise Conflict("People can be reminded while a round is collecting.")
        _refuse_while_reminding(session, round_)
        due = and_(_of(round_, order), RollEntry.channel == WAYS[order.way], is_due(now))
        rows = session.execute(select(RollEntry.stratum, RollEntry.id).where(due)).all()
        return _queue(session, Plan(REMINDERS, round_.id, order.group, order.way), rows, act)


def is_due(now: datetime) -> ColumnElement[bool]:
    """People who may be reminded: a week after the invitation, once more a week later."""
    times = [
        and_(RollEntry.reminders == sent, RollEntry.invited_on <= (now - timedelta(DAYS_BETWEEN * (sent + 1))).date())
        for sent in range(MOST_REMINDERS)
    ]
    return and_(RollEntry.state == "invited", RollEntry.contact != b"", or_(*times))


def _checked(session: Session, order: Order) -> Round:
    """The round, locked: of two orders at the same moment the second finds what the first has left."""
    round_ = find_inviting_round(session, order.round_code)
    session.refresh(round_, with_for_update=True)
    find_strata(session, round_, order.group)
    if order.way not in WAYS:
        raise Invalid("Choose how the letters leave the house.")
    if order.way == "smtp" and not mail.is_configured():
        raise Conflict("No mail server is set up. Take the mails as files, or ask for EVALSYS_SMTP_URL to be set.")
    return round_


def _of(round_: Round, order: Order) -> ColumnElement[bool]:
    return and_(RollEntry.round_id == round_.id, RollEntry.group == order.group)


def _refuse_while_reminding(session: Session, round_: Round) -> None:
    of_round = Transfer.round_id == round_.id, Transfer.kind == REMINDERS, Transfer.state == "running"
    if session.scalar(select(Transfer.id).where(*of_round).limit(1)) is not None:
        raise Conflict("An earlier reminder is not over yet. Wait until it is, or decide on its batches that failed.")


def _queue(session: Session, plan: Plan, rows: Iterable[Sequence[str]], act: Act) -> int:
    chosen: dict[str, list[str]] = {}
    for stratum, entry in rows:
        chosen.setdefault(stratum, []).append(entry)
    if not chosen:
        raise Conflict("There is nobody to write to: everybody who is meant has been written to, or not long ago.")
    act.detail = {**act.detail, "people": sum(map(len, chosen.values()))}
    return queue(session, plan, chosen, act)
