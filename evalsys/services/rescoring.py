"""A stored run scored again with other weights, at once: what weights do not touch is worked out once and kept.

The engine itself keeps nothing. What is kept here belongs to digests of what was read, so nothing old is ever found.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

import pandas as pd
from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import Conflict
from evalsys.models import Run, SchemeVersion
from evalsys.services.run_input import RunInput
from evalsys.services.run_tables import Tables
from evalsys.services.weights import scheme_of
from scoring import pipeline, suppress
from scoring.frames import InputError
from scoring.result import Result
from scoring.scheme import Node, Scheme
from scoring.suppress import Hiding, Told
from scoring.tree import Values

RUNS_IN_MEMORY = 2
SHOWN = ("scores", "robustness")
READ_BY_HIDING = ("scores", "nodes", "groups", "means", "strata", "distribution")


@dataclass(frozen=True)
class StoredRun:
    """Which run is meant; the digests say what is in it, whatever number it has in this database."""

    run_id: int
    input_digest: str
    result_digest: str


@dataclass(frozen=True, eq=False)
class Standings:
    """Scores of all units under some weights, as the oversight body may see them.

    `tables` are scores and robustness, right for clear units at least. `nodes` are not for showing: only those of units
    that are clear may be used.
    """

    tables: Tables
    nodes: pd.DataFrame
    hiding: Hiding

    def clear(self, of: tuple[str, ...]) -> frozenset[str]:
        """The units of which nothing is hidden in the tables `of` these names."""
        return suppress.clear_units(self.hiding, of)


@dataclass(frozen=True, eq=False)
class _Then(Standings):
    """Standings that are kept, and with them which units are clear."""

    known: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)

    def clear(self, of: tuple[str, ...]) -> frozenset[str]:
        """As of any standings, worked out once."""
        if of not in self.known:
            self.known[of] = suppress.clear_units(self.hiding, of)
        return self.known[of]


@dataclass(frozen=True, eq=False)
class Tried(Standings):
    """Standings under weights that were tried, and the figures of all units behind them."""

    values: Values


@dataclass(frozen=True, eq=False)
class _Ready:
    prepared: pipeline.Prepared
    answers: Tables
    told: Told


def standings_then(stored: StoredRun) -> Standings:
    """The run as it was scored. Raises Conflict when nobody can say what of it must stay hidden."""
    return _then(stored)


def standings_with(stored: StoredRun, scheme: Scheme) -> Tried:
    """The run's answers under this scheme, which asks what the run asked. Raises Conflict when they do not fit."""
    try:
        ready = _ready(stored, _skeleton(scheme))
        tables, combined = pipeline.rescore(ready.prepared, scheme)
        stages = _whole(ready.answers, tables)
        hiding = suppress.hide_quickly(stages, scheme, "overseer", ready.told)
        return Tried(suppress.view_of(hiding, SHOWN), tables["nodes"], hiding, combined.values)
    except InputError as error:
        raise Conflict("The answers do not fit the weights: %(detail)s", {"detail": str(error)}) from error


@lru_cache(maxsize=RUNS_IN_MEMORY)
def _then(stored: StoredRun) -> Standings:
    query = select(Run.result, SchemeVersion.body).join(SchemeVersion, SchemeVersion.id == Run.scheme_version_id)
    result, body = db.session.execute(query.where(Run.id == stored.run_id)).one()
    stages = Result.from_json(result).stages
    try:
        hiding = suppress.hide(stages, scheme_of(body), "overseer")
    except InputError as error:
        raise Conflict("This run lacks what tells which figures must stay hidden, so none is shown.") from error
    kept = replace(hiding, stages={name: stages[name] for name in READ_BY_HIDING if name != "distribution"})
    return _Then(suppress.view_of(hiding, SHOWN), stages["nodes"], kept)


@lru_cache(maxsize=RUNS_IN_MEMORY)
def _ready(stored: StoredRun, skeleton: Scheme) -> _Ready:
    frozen = RunInput.from_bytes(db.session.scalars(select(Run.input).where(Run.id == stored.run_id)).one())
    prepared = pipeline.prepare(frozen.cells, frozen.forms, frozen.units, skeleton, frozen.supplement)
    answers = pipeline.finish_answers(prepared)
    stages = _whole(answers, pipeline.rescore(prepared, skeleton)[0])
    return _Ready(prepared, answers, suppress.told_by(stages, skeleton))


def _whole(answers: Tables, tables: Tables) -> Tables:
    return {**answers, **tables, "means": answers["means"].assign(level=tables["means"]["level"])}


def _skeleton(scheme: Scheme) -> Scheme:
    """The scheme with equal weights in its tree, the same for all that differ in those alone."""
    part = Fraction(1, max(len(scheme.groups), 1))
    groups = tuple(group if group.weight is None else replace(group, weight=part) for group in scheme.groups)
    return replace(scheme, tree=_level(scheme.tree), groups=groups)


def _level(node: Node) -> Node:
    alike = tuple(replace(_level(child), weight=Fraction(1, len(node.children))) for child in node.children)
    shares = tuple((group, Fraction(1, len(node.shares))) for group, _ in node.shares)
    return replace(node, children=alike, shares=shares)
