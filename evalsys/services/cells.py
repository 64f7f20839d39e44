"""Tallied cells: what scoring reads. A cache that one pass at a time rebuilds for the units that are marked dirty."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, func, insert, select
from sqlalchemy.orm import Session

from evalsys.db import db, transaction, try_lock
from evalsys.models import Cell, Dirty, Indicator, Question, Questionnaire, Response
from evalsys.models.response import COUNTED
from scoring.collect import Form, Tally, tally_all

UNITS_A_STATEMENT = 2000
IS_COUNTED = Response.status == COUNTED


@dataclass(frozen=True, order=True)
class CellKey:
    """Which cell."""

    questionnaire_id: int
    unit_id: int
    stratum: str


def recount() -> int:
    """Rebuild the cells of all dirty units in one transaction; returns how many cells were written.

    0 when nothing is dirty, or when another pass is at work: a slower pass must not overwrite a newer one.
    """
    if not _something_is_dirty():
        return 0
    with transaction() as session:
        if not try_lock(session, "cells"):
            return 0
        return recount_in(session)


def recount_in(session: Session) -> int:
    """The pass itself, within the caller's transaction; the caller holds the lock "cells"."""
    marks = session.execute(delete(Dirty).returning(Dirty.questionnaire_id, Dirty.unit_id)).all()
    dirty: dict[int, set[int]] = defaultdict(set)
    for questionnaire_id, unit_id in marks:
        dirty[questionnaire_id].add(unit_id)
    forms = load_forms(session, dirty)
    written = 0
    for questionnaire_id, units in dirty.items():
        for some in _portions(sorted(units)):
            written += _rebuild(session, questionnaire_id, forms[questionnaire_id], some)
    return written


def load_forms(session: Session, questionnaire_ids: Iterable[int]) -> dict[int, Form]:
    """The engine's description of questionnaires, by id, in one statement."""
    query = (
        select(Questionnaire.id, Questionnaire.code, Questionnaire.group, Indicator.code, Indicator.points)
        .join(Question, Question.questionnaire_id == Questionnaire.id)
        .join(Indicator, Indicator.id == Question.indicator_id)
        .where(Questionnaire.id.in_(list(questionnaire_ids)))
        .order_by(Questionnaire.id, Question.position)
    )
    heads: dict[int, tuple[str, str]] = {}
    questions: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for number, code, group, indicator, points in session.execute(query).all():
        heads[number] = (code, group)
        questions[number].append((indicator, points))
    return {
        number: Form(code, group, tuple(name for name, _ in questions[number]), tuple(k for _, k in questions[number]))
        for number, (code, group) in heads.items()
    }


def find_wrong_cells() -> list[CellKey]:
    """Count everything anew and name each stored cell that differs, is missing, or should not be; writes nothing.

    Units with a dirty mark are left out: their cells may be old for a moment.
    """
    session = db.session()
    dirty = set(session.execute(select(Dirty.questionnaire_id, Dirty.unit_id)).all())
    pairs = select(Response.questionnaire_id, Response.unit_id).union(select(Cell.questionnaire_id, Cell.unit_id))
    wanted: dict[int, list[int]] = defaultdict(list)
    for questionnaire_id, unit_id in session.execute(pairs).all():
        if (questionnaire_id, unit_id) not in dirty:
            wanted[questionnaire_id].append(unit_id)
    forms = load_forms(session, wanted)
    wrong: list[CellKey] = []
    for questionnaire_id, units in wanted.items():
        for some in _portions(sorted(units)):
            counted = count_cells(session, questionnaire_id, forms, some)
            fresh = {key: _blobs(found) for key, found in counted.items()}
            stored = _stored(session, questionnaire_id, some)
            wrong += [key for key in fresh.keys() | stored.keys() if fresh.get(key) != stored.get(key)]
    session.rollback()
    return sorted(wrong)


def _something_is_dirty() -> bool:
    """A read first, so that an idle worker does not take SQLite's write lock."""
    found = bool(db.session.scalar(select(exists().where(Dirty.id.is_not(None)))))
    db.session.rollback()
    return found


def _rebuild(session: Session, questionnaire_id: int, form: Form, units: Sequence[int]) -> int:
    """Read in a statement of its own: it sees every response whose mark was deleted above."""
    counted = count_cells(session, questionnaire_id, {questionnaire_id: form}, units)
    session.execute(delete(Cell).where(Cell.questionnaire_id == questionnaire_id, Cell.unit_id.in_(units)))
    rows = [
        {"questionnaire_id": key.questionnaire_id, "unit_id": key.unit_id, "stratum": key.stratum}
        | {"n": found.n, "counts": found.counts_blob(), "moments": found.moments_blob()}
        for key, found in sorted(counted.items())
    ]
    if rows:
        session.execute(insert(Cell), rows)
    return len(rows)


def count_cells(
    session: Session,
    questionnaire_id: int,
    forms: Mapping[int, Form],
    units: Sequence[int],
    which: ColumnElement[bool] = IS_COUNTED,
) -> dict[CellKey, Tally]:
    """One text a cell from the database, one count a cell here; `which` responses, all counted ones unless said."""
    query = (
        select(Response.unit_id, Response.stratum, func.aggregate_strings(Response.answers, ""))
        .where(Response.questionnaire_id == questionnaire_id, which, Response.unit_id.in_(units))
        .group_by(Response.unit_id, Response.stratum)
    )
    rows = session.execute(query).all()
    counted = tally_all([text for _, _, text in rows], forms[questionnaire_id])
    return {
        CellKey(questionnaire_id, unit_id, stratum): found
        for (unit_id, stratum, _), found in zip(rows, counted, strict=True)
    }


def _stored(session: Session, questionnaire_id: int, units: Sequence[int]) -> dict[CellKey, tuple[int, bytes, bytes]]:
    query = select(Cell.unit_id, Cell.stratum, Cell.n, Cell.counts, Cell.moments).where(
        Cell.questionnaire_id == questionnaire_id, Cell.unit_id.in_(units)
    )
    return {
        CellKey(questionnaire_id, unit_id, stratum): (n, counts, moments)
        for unit_id, stratum, n, counts, moments in session.execute(query).all()
    }


def _blobs(counted: Tally) -> tuple[int, bytes, bytes]:
    return counted.n, counted.counts_blob(), counted.moments_blob()


def _portions(units: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(units), UNITS_A_STATEMENT):
        yield units[start : start + UNITS_A_STATEMENT]
