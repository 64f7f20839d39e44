"""The mixer: moves ratings from the box to the responses, so that nobody can tell which came from whom.

A stratum is emptied only when at least ten ratings lie in the box, or when its round is over. The rows leave the box
and reappear in the order of fresh random keys within one transaction, so neither place, nor key, nor transaction ties a
response to a credential: on PostgreSQL a hidden column names the transaction that wrote a row.
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, text
from sqlalchemy.orm import Session

from evalsys.db import db, transaction, try_lock
from evalsys.models import Comment, Credential, Dirty, Inbox, Questionnaire, Response, Round, RoundState, Submission

FEWEST_TO_MIX = 10
OVER = (RoundState.CLOSED, RoundState.SCORED, RoundState.PUBLISHED)
Row = dict[str, Any]


def mix(force_round: str | None = None) -> int:
    """Empty every stratum that holds enough, and everything of rounds that are over; returns how many ratings moved.

    `force_round` is the code of a round to be emptied whatever its state. 0 when another mixer is at work.
    """
    ready = _ready(db.session(), force_round)
    db.session.rollback()
    if not ready:
        return 0
    with transaction() as session:
        moved = mix_in(session, force_round) if try_lock(session, "mixer") else 0
    if moved:
        _forget_old_rows()
    return moved


def mix_in(session: Session, force_round: str | None = None) -> int:
    """The mixing itself, within the caller's transaction; the caller holds the lock "mixer"."""
    ready = _ready(session, force_round)
    moved = sum(_move(session, questionnaire_id, strata) for questionnaire_id, strata in ready.items())
    if session.get_bind().dialect.name == "postgresql":
        is_over = Questionnaire.id.in_(ready), Round.state.in_(OVER)
        for round_id in session.scalars(select(Round.id).join(Questionnaire).where(*is_over).distinct()).all():
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
            session.execute(insert(table), rows)


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
        .returning(Inbox.unit_id, Inbox.stratum, Inbox.channel, Inbox.day, Inbox.answers, Inbox.comment)
    )
    found = [dict(row) for row in session.execute(taken).mappings()]
    if not found:
        return 0
    mixed = sorted(({"id": new_id(), **row} for row in found), key=lambda row: row["id"])
    responses = [{"questionnaire_id": questionnaire_id, "status": 0} | _without_comment(row) for row in mixed]
    session.execute(insert(Response), responses)
    comments = [
        {"id": new_id(), "response_id": row["id"], "text": row["comment"], "state": "received"}
        for row in mixed
        if row["comment"]
    ]
    if comments:
        session.execute(insert(Comment), sorted(comments, key=lambda row: row["id"]))
    mark_dirty(session, questionnaire_id, {row["unit_id"] for row in found})
    return len(found)


def mark_dirty(session: Session, questionnaire_id: int, units: Iterable[int]) -> None:
    """Ask for the cells of these units to be rebuilt, within the caller's transaction."""
    rows = [{"id": new_id(), "questionnaire_id": questionnaire_id, "unit_id": unit} for unit in sorted(units)]
    if rows:
        session.execute(insert(Dirty), rows)


def new_id() -> str:
    """128 random bits in hex."""
    return secrets.token_hex(16)


def _without_comment(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "comment"}


def _forget_old_rows() -> None:
    """Deleted rows stay readable in PostgreSQL's files until they are swept; SQLite overwrites them at once."""
    if db.engine.dialect.name != "postgresql":
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM inbox"))
