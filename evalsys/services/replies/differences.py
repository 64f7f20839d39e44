"""What makes two runs of a round differ: what went in, unit by unit, and how the scores moved because of it."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import Run
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round
from evalsys.services.run_as_opened import BEHIND_SCORES
from evalsys.services.run_influence import HIDING_TABLES, clear_units, rounded
from evalsys.services.run_pages import RunFacts, facts_of
from evalsys.services.run_tables import Tables, overseen_tables, rows_of, shown_tables
from evalsys.services.weights import Labels, scheme_of
from scoring.files.comparison import CAUSES, compare
from scoring.files.stored import Stored
from scoring.result import Result

VIEWS_IN_MEMORY = 4
NEEDED = frozenset({"scores", "means", "figures"})
PLACES = {"cells": 0, "figures": 0, "panels": 0, "adjustments": 0, "units": 0}
"""Where the unit stands in each kind of row that a run freezes."""


@dataclass(frozen=True)
class FigureChange:
    """An administrative figure that is not the same in both runs; empty where a run has none."""

    unit: Text
    indicator: Text
    period: str
    before: str
    after: str


@dataclass(frozen=True)
class Movement:
    """A unit's score in both runs and the parts of its change; all empty where something of it may not be shown.

    `kinds` are the kinds of input rows of the unit that differ: "cells", "figures", "panels", "adjustments", "units".
    """

    code: str
    name: Text
    kinds: tuple[str, ...]
    before: Decimal | None = None
    after: Decimal | None = None
    change: Decimal | None = None
    parts: tuple[tuple[str, Decimal | None], ...] = ()
    bands: tuple[str, str] = ("", "")
    is_hidden: bool = False


@dataclass(frozen=True)
class Difference:
    """Two runs side by side; `movements` are the units that moved or whose input differs. `same` units did neither."""

    before: RunFacts
    after: RunFacts
    reason: str
    has_same_input: bool
    has_same_scheme: bool
    has_same_engine: bool
    figures: tuple[FigureChange, ...]
    movements: tuple[Movement, ...]
    same: int
    hidden: int


def difference_page(actor: Actor, code: str, numbers: tuple[int, int], locale: str) -> Difference:
    """Two runs of a round compared as the oversight body may see them. Raises Forbidden, NotFound."""
    require(actor, "run.read")
    round_ = find_round(db.session(), code)
    pair = _numbered(round_.id, numbers[0]), _numbered(round_.id, numbers[1])
    movements = movements_of(pair, "overseer", locale)
    changed = tuple(one for one in movements if one.kinds or one.change)
    return Difference(
        before=facts_of(pair[0], locale),
        after=facts_of(pair[1], locale),
        reason=pair[1].reason,
        has_same_input=pair[0].input == pair[1].input,
        has_same_scheme=pair[0].scheme_version.digest == pair[1].scheme_version.digest,
        has_same_engine=pair[0].engine_version == pair[1].engine_version,
        figures=_figure_changes(pair, locale),
        movements=changed,
        same=len(movements) - len(changed),
        hidden=sum(one.is_hidden for one in movements),
    )


def movements_of(pair: tuple[Run, Run], audience: str, locale: str) -> list[Movement]:
    """All units of the later run; figures only of those of which neither run hides anything from the audience."""
    names, kinds = content.names("unit", locale), _changed_kinds(pair)
    tables = _tables(pair[0], audience), _tables(pair[1], audience)
    bands = [{row["unit"]: row["band"] for row in rows_of(table["scores"])} for table in tables]
    split, clear = _split(pair), _clear(pair, tables)
    found = []
    for unit in bands[1]:
        name, own = names.get(unit) or Text(unit, ""), tuple(kinds.get(unit, ()))
        row = split.get(unit)
        if unit not in clear or row is None:
            found.append(Movement(unit, name, own, is_hidden=True))
            continue
        parts = tuple((cause, _points(row[cause])) for cause in CAUSES)
        moved = (_points(row["before"]), _points(row["after"]), _points(row["change"]))
        found.append(Movement(unit, name, own, *moved, parts, (bands[0].get(unit, ""), bands[1][unit])))
    return found


def _numbered(round_id: int, number: int) -> Run:
    found = db.session.scalar(select(Run).where(Run.round_id == round_id, Run.number == number))
    if found is None:
        raise NotFound("This run does not exist.")
    return found


def _tables(run: Run, audience: str) -> Tables:
    return overseen_tables(run) if audience == "overseer" else _public(run.result, run.scheme_version.body)


@lru_cache(maxsize=VIEWS_IN_MEMORY)
def _public(result: bytes, body: str) -> Tables:
    return shown_tables(Result.from_json(result), scheme_of(body), "public")


def _clear(pair: tuple[Run, Run], tables: tuple[Tables, Tables]) -> frozenset[str]:
    groups = [scheme_of(run.scheme_version.body).groups for run in pair]
    behind = HIDING_TABLES if groups[0] == groups[1] else BEHIND_SCORES
    return clear_units(tables[0], behind) & clear_units(tables[1], behind)


def _split(pair: tuple[Run, Run]) -> dict[str, Mapping[str, Any]]:
    """Each unit's change and its causes; nothing where a run of an older engine lacks the tables for it."""
    stored = [Stored(str(run.number), Result.from_json(run.result), scheme_of(run.scheme_version.body)) for run in pair]
    if any(NEEDED - set(one.result.stages) for one in stored):
        return {}
    return {row["unit"]: row for row in rows_of(compare(*stored))}


def _points(value: float | None) -> Decimal | None:
    return rounded(value)


def _changed_kinds(pair: tuple[Run, Run]) -> dict[str, list[str]]:
    """Which kinds of rows of each unit are not the same in both runs."""
    inputs = [json.loads(run.input) for run in pair]
    found: dict[str, list[str]] = defaultdict(list)
    for kind, place in PLACES.items():
        rows = [_by_unit(stored.get(kind, []), place) for stored in inputs]
        for unit in sorted(rows[0].keys() | rows[1].keys()):
            if rows[0].get(unit) != rows[1].get(unit):
                found[unit].append(kind)
    return found


def _by_unit(rows: list[list[Any]], place: int) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = defaultdict(list)
    for row in rows:
        found[str(row[place])].append(row)
    return found


def _figure_changes(pair: tuple[Run, Run], locale: str) -> tuple[FigureChange, ...]:
    """The figures that were loaded anew, came or went, in the order of units and indicators."""
    labels, units = Labels(locale), content.names("unit", locale)
    then, now = ({tuple(row[:3]): str(row[3]) for row in json.loads(run.input).get("figures", [])} for run in pair)
    return tuple(
        FigureChange(
            unit=units.get(unit) or Text(unit, ""),
            indicator=labels.node(indicator),
            period=period,
            before=then.get((unit, indicator, period), ""),
            after=now.get((unit, indicator, period), ""),
        )
        for unit, indicator, period in sorted(then.keys() | now.keys())
        if then.get((unit, indicator, period)) != now.get((unit, indicator, period))
    )
