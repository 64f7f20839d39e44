"""The mixer: moves ratings from the box to the responses, so that nobody can tell which came from whom.

A stratum is emptied only when at least ten ratings lie in the box, or when its round is over. The rows leave the box
and reappear in the order of fresh random keys within one transaction, so neither place, nor key, nor transaction ties a
response to a credential: on PostgreSQL a hidden column names the transaction that wrote a row. Nor does the day: ten
ratings of a stratum share one.

Until then nobody can read them: the box is sealed (services.sealing), and this module alone asks for the key. A stratum
that has fewer than ten ratings when its round ends is counted with its parent stratum, where the round names one.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Table, and_, delete, exists, func, insert, or_, select, text
from sqlalchemy.orm import Session

from evalsys.db import db, transaction, try_lock
from evalsys.models import (
    OVER,
    Comment,
    Credential,
    Dirty,
    Inbox,
    Indicator,
    Question,
    Questionnaire,
    RaterGroup,
    Response,
    Round,
    Submission,
)
from evalsys.services import sealing
from evalsys.services.sealing import Content

FEWEST_TO_MIX = 10
Row = dict[str, Any]


def mix(force_round: str | None = None) -> int:
    """Empty every stratum that holds enough, and everything of rounds that are over; returns how many ratings moved.

    `force_round` is the code of a round to be emptied whatever its state. 0 when another mixer is at work.
    """
    ready = _ready(db.session(), force_round)
    db.session.rollback()
    if not ready:
        _forget_keys()
        return 0
    with transaction() as session:
        moved = mix_in(session, force_round) if try_lock(session, "mixer") else 0
    if moved:
        _forget_old_rows()
    _forget_keys()
    return moved


def mix_in(session: Session, force_round: str | None = None) -> int:
    """The mixing itself, within the caller's transaction; the caller holds the lock "mixer"."""
    ready = _ready(session, force_round)
    moved = sum(_move(session, questionnaire_id, strata) for questionnaire_id, strata in ready.items())
    if session.get_bind().dialect.name == "postgresql":
        # A round that closes with an empty box is put in order as well: its credentials were spent one by one.
        is_meant = or_(Questionnaire.id.in_(ready), Round.code == force_round)
        over = select(Round.id).join(Questionnaire).where(is_meant, Round.state.in_(OVER))
        for round_id in session.scalars(over.distinct()).all():
            reorder_credentials(session, round_id)
    return moved


def reorder_credentials(session: Session, round_id: int) -> None:
    """Write a round's credentials and form numbers anew in the order of their digests, once, after it was closed.

    Until then a hidden column of PostgreSQL tells in which transaction a credential was spent.
    """
    for table in (Credential, Submission):
        columns = list(table.__table__.columns)
        query = select(*columns).where(table.round_id == round_id).order_by(table.digest)
        rows = [dict(row) for row in session.execute(query).mappings()]
        session.execute(delete(table).where(table.round_id == round_id))
        if rows:
            session.execute(cast(Table, table.__table__).insert(), rows)


def _ready(session: Session, force_round: str | None) -> dict[int, list[str]]:
    """Strata to be emptied now, by questionnaire."""
    is_over = or_(Round.state.in_(OVER), Round.code == force_round)
    query = (
        select(Inbox.questionnaire_id, Inbox.stratum)
        .join(Questionnaire, Questionnaire.id == Inbox.questionnaire_id)
        .join(Round, Round.id == Questionnaire.round_id)
        .group_by(Inbox.questionnaire_id, Inbox.stratum, Round.state, Round.code)
        .having(or_(func.count() >= FEWEST_TO_MIX, is_over))
    )
    ready: dict[int, list[str]] = {}
    for questionnaire_id, stratum in session.execute(query).all():
        ready.setdefault(questionnaire_id, []).append(stratum)
    return ready


def _move(session: Session, questionnaire_id: int, strata: Sequence[str]) -> int:
    """Every row that leaves the box becomes a response: one statement deletes and reads."""
    taken = (
        delete(Inbox)
        .where(Inbox.questionnaire_id == questionnaire_id, Inbox.stratum.in_(strata))
        .returning(Inbox.stratum, Inbox.sealed)
    )
    found = session.execute(taken).all()
    if not found:
        return 0
    key = session.scalars(select(Round.seal_key).join(Questionnaire).where(Questionnaire.id == questionnaire_id)).one()
    names = _merged(session, questionnaire_id, Counter(row.stratum for row in found))
    opened = ((new_id(), names[row.stratum], sealing.unseal(row.sealed, key or b"")) for row in found)
    mixed = sorted(opened, key=itemgetter(0))
    days = _shared_days((stratum, content.day) for _, stratum, content in mixed)
    responses = [
        {"id": id_, "questionnaire_id": questionnaire_id, "stratum": stratum, "status": 0}
        | _columns(content, days[stratum, content.day])
        for id_, stratum, content in mixed
    ]
    session.execute(insert(Response), responses)
    asked = _indicators(session, questionnaire_id) if any(content.texts for _, _, content in mixed) else {}
    comments = [line for id_, _, content in mixed for line in _comments(id_, content, asked)]
    if comments:
        session.execute(insert(Comment), sorted(comments, key=itemgetter("id")))
    mark_dirty(session, questionnaire_id, {content.unit_id for _, _, content in mixed})
    return len(found)


def _merged(session: Session, questionnaire_id: int, numbers: Mapping[str, int]) -> dict[str, str]:
    """The stratum under which each one is stored: its parent where too few came in all (a group by itself is named)."""
    group = and_(RaterGroup.round_id == Questionnaire.round_id, RaterGroup.code == Questionnaire.group)
    query = select(RaterGroup.parents).join(Questionnaire, group).where(Questionnaire.id == questionnaire_id)
    parents: Mapping[str, str] = session.scalar(query) or {}
    small = {stratum for stratum, number in numbers.items() if number < FEWEST_TO_MIX and stratum in parents}
    stored = Response.questionnaire_id == questionnaire_id, Response.stratum.in_(small)
    small -= set(session.scalars(select(Response.stratum).where(*stored).distinct())) if small else set()
    return {stratum: parents[stratum] if stratum in small else stratum for stratum in numbers}


def _shared_days(found: Iterable[tuple[str, date]]) -> dict[tuple[str, date], date]:
    """The day under which each one is stored, by stratum and true day: ten ratings share one, the latest of theirs.

    A day of its own would tell whose rating it is: the order in which credentials are spent can be watched.
    """
    shared: dict[tuple[str, date], date] = {}
    for stratum, days in groupby(sorted(Counter(found).items()), key=lambda one: one[0][0]):
        parts: list[list[date]] = [[]]
        held = 0
        for (_, day), number in days:
            if held >= FEWEST_TO_MIX:
                parts.append([])
                held = 0
            parts[-1].append(day)
            held += number
        if held < FEWEST_TO_MIX and len(parts) > 1:
            parts[-2:] = [parts[-2] + parts[-1]]
        shared |= {(stratum, day): part[-1] for part in parts for day in part}
    return shared


def _columns(content: Content, day: date) -> Row:
    return {
        "unit_id": content.unit_id,
        "channel": content.channel,
        "day": day,
        "pace": content.pace,
        "network": content.network,
        "answers": content.answers,
    }


def _comments(response_id: str, content: Content, asked: Mapping[str, int]) -> list[Row]:
    """A text under the code of an indicator is the reason for that answer, under any other code it is that item's."""
    texts = [("", content.comment), *content.texts.items()]
    return [
        {"id": new_id(), "response_id": response_id, "text": text, "state": "received"}
        | {"indicator_id": asked.get(item), "item": "" if item in asked else item}
        for item, text in texts
        if text
    ]


def _indicators(session: Session, questionnaire_id: int) -> dict[str, int]:
    query = select(Indicator.code, Indicator.id).join(Question).where(Question.questionnaire_id == questionnaire_id)
    return dict(session.execute(query).all())


def mark_dirty(session: Session, questionnaire_id: int, units: Iterable[int]) -> None:
    """Ask for the cells of these units to be rebuilt, within the caller's transaction."""
    rows = [{"id": new_id(), "questionnaire_id": questionnaire_id, "unit_id": unit} for unit in sorted(units)]
    if rows:
        session.execute(insert(Dirty), rows)


def new_id() -> str:
    """128 random bits in hex."""
    return secrets.token_hex(16)


def _forget_old_rows() -> None:
    """Deleted rows stay readable in PostgreSQL's files until they are swept; SQLite overwrites them at once."""
    if db.engine.dialect.name != "postgresql":
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM inbox"))


def _forget_keys() -> None:
    """Once a round is over and its box empty, nothing needs its key any more; the public half stays as a mark."""
    is_waiting = exists().where(Inbox.questionnaire_id == Questionnaire.id, Questionnaire.round_id == Round.id)
    keys = db.session.scalars(
        select(Round.seal_key).where(Round.state.in_(OVER), Round.seal_key.is_not(None), ~is_waiting)
    )
    for key in keys.all():
        sealing.forget_key(key or b"")
    db.session.rollback()
