"""What the oversight body sees of a round's list: numbers, files, what waits for a decision; names only on demand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from evalsys.clock import utc_now
from evalsys.db import db
from evalsys.models import RollEntry, Round, RoundState, Transfer
from evalsys.services import content, mail, work
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.roll import people
from evalsys.services.roll.batches import KINDS, WAYS, batch_name
from evalsys.services.roll.decisions import FailedBatch, failed_batches
from evalsys.services.roll.files import LetterFile, list_files
from evalsys.services.roll.groups import PublicGroup, public_groups
from evalsys.services.roll.inviting import is_due
from evalsys.services.rounds.states import find_round
from evalsys.services.weights import Labels

STATES = ("new", "sending", "invited", "failed")
MOST_NAMES = 200


@dataclass(frozen=True)
class Line:
    """People of one group, stratum, channel and language: how many stand in each state, and how many all in all."""

    group: Text
    stratum: Text
    channel: str
    locale: str
    numbers: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class Choice:
    """People who can be written to now, and how; `number` of them."""

    group: str
    group_name: Text
    way: str
    number: int


@dataclass(frozen=True)
class OrderLine:
    """A file that was loaded or an order that was given, in short."""

    id: int
    kind: str
    name: str
    state: str
    batch: str
    done: int
    total: int
    created_at: datetime
    by: str


@dataclass(frozen=True)
class RollPage:
    """The list of a round. `invite` and `remind` are the orders that this actor can give now."""

    code: str
    name: Text
    state: RoundState
    groups: tuple[PublicGroup, ...]
    lines: tuple[Line, ...]
    invite: tuple[Choice, ...]
    remind: tuple[Choice, ...]
    orders: tuple[OrderLine, ...]
    files: tuple[LetterFile, ...]
    failed: tuple[FailedBatch, ...]
    unreached: tuple[str, ...]
    may_load: bool
    may_write: bool


def roll_page(actor: Actor, round_code: str, locale: str) -> RollPage:
    """The list of a round, without a name but those whose mail was refused. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    labels, state = Labels(locale), RoundState(round_.state)
    is_open, may_write = state in (RoundState.APPROVED, RoundState.COLLECTING), may(actor, "roll.invite")
    return RollPage(
        code=round_.code,
        name=content.text_of("round", round_.code, "name", locale),
        state=state,
        groups=public_groups(actor, round_code, locale),
        lines=_lines(round_, labels),
        invite=_choices(round_, labels, is_reminder=False) if is_open and may_write else (),
        remind=_choices(round_, labels, is_reminder=True) if state == RoundState.COLLECTING and may_write else (),
        orders=_orders(round_),
        files=list_files(round_.id),
        failed=failed_batches(round_.id),
        unreached=_unreached(round_) if may_write else (),
        may_load=is_open and may(actor, "roll.load"),
        may_write=may_write,
    )


def _lines(round_: Round, labels: Labels) -> tuple[Line, ...]:
    columns = RollEntry.group, RollEntry.stratum, RollEntry.channel, RollEntry.locale
    query = select(*columns, RollEntry.state, func.count()).where(RollEntry.round_id == round_.id)
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for *key, state, number in db.session.execute(query.group_by(*columns, RollEntry.state)).all():
        found.setdefault(tuple(key), {})[state] = number
    return tuple(
        Line(
            group=labels.of("group", group),
            stratum=labels.of("stratum", stratum),
            channel=channel,
            locale=locale,
            numbers=tuple(numbers.get(state, 0) for state in STATES),
            total=sum(numbers.values()),
        )
        for (group, stratum, channel, locale), numbers in sorted(found.items())
    )


def _choices(round_: Round, labels: Labels, *, is_reminder: bool) -> tuple[Choice, ...]:
    meant = is_due(utc_now()) if is_reminder else RollEntry.state == "new"
    query = select(RollEntry.group, RollEntry.channel, func.count()).where(RollEntry.round_id == round_.id, meant)
    rows = db.session.execute(query.group_by(RollEntry.group, RollEntry.channel)).all()
    return tuple(
        Choice(group, labels.of("group", group), way, number)
        for group, channel, number in sorted(rows)
        for way, needed in WAYS.items()
        if needed == channel and (way != "smtp" or mail.is_configured())
    )


def _orders(round_: Round) -> tuple[OrderLine, ...]:
    of_round = Transfer.round_id == round_.id, Transfer.kind.in_(("roll", *KINDS))
    return tuple(_order(found) for found in db.session.scalars(select(Transfer).where(*of_round).order_by(Transfer.id)))


def _order(found: Transfer) -> OrderLine:
    batch = batch_name(found.id)
    progress = work.progress(batch)
    state = "failed" if progress.failed else found.state
    numbers = progress.settled, progress.total
    return OrderLine(
        found.id, found.kind, found.name, state, batch, *numbers, created_at=found.created_at, by=found.account.name
    )


def _unreached(round_: Round) -> tuple[str, ...]:
    """Whose mail the server refused for good, so that somebody can look for a better address."""
    failed = RollEntry.round_id == round_.id, RollEntry.state == "failed", RollEntry.contact != b""
    rows = db.session.scalars(select(RollEntry.contact).where(*failed).limit(MOST_NAMES)).all()
    contacts = [people.opened(round_.id, sealed) for sealed in rows]
    return tuple(sorted(f"{one.name} {one.email}".strip() for one in contacts))
