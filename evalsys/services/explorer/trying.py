"""A run's draws and its test of firmness, worked out once: a run never changes, and its seed makes them repeatable.

Only units of which nothing is hidden are spoken of: with many weights tried, hidden figures could be worked out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from evalsys.errors import Conflict
from evalsys.services.explorer.basis import Basis
from evalsys.services.run_input import RunInput
from evalsys.services.weights import scheme_of
from scoring.frames import Floats, InputError
from scoring.pipeline import read_figures
from scoring.scheme import Scheme
from scoring.tree import Values
from scoring.uncertainty import Evidence, Ranking, outperform, rank_draws, simulate
from scoring.uncertainty.stress import Contest, Stress, put_to_test
from scoring.uncertainty.subset import evidence_of, values_of

RUNS_IN_MEMORY = 4
TESTS_IN_MEMORY = 16

_Stored = tuple[bytes, str, int]
"""What a run was made of: its frozen input, the body of its scheme, its seed."""


@dataclass(frozen=True, eq=False)
class _Behind:
    """What a run put on its tree; `at` is the row of each unit, `scores` (draws, units) are its own draws."""

    at: dict[str, int]
    values: Values
    evidence: Evidence
    scheme: Scheme
    scores: Floats


@dataclass(frozen=True)
class _Key:
    """What a test of firmness hangs on: the run, the units, their categories, bonus less deductions."""

    run: _Stored
    units: tuple[str, ...]
    places: tuple[str, ...]
    added: tuple[float, ...]


def chances(basis: Basis, units: Sequence[str]) -> dict[tuple[str, str], float]:
    """P(first > second) of every pair of these units that are clear, over the run's own draws, as a share of one.

    Raises Conflict when an older engine's input cannot be scored any more.
    """
    behind, clear = _behind(*_stored(basis)), [unit for unit in units if unit in basis.clear]
    if len(clear) < 2:
        return {}
    places = [behind.at[unit] for unit in clear]
    drawn = behind.scores[:, places] + np.array(_added(basis, clear))
    above = outperform(rank_draws(drawn, Ranking(decimals=None)))
    return {
        (one, other): float(above[row, column])
        for row, one in enumerate(clear)
        for column, other in enumerate(clear)
        if row != column
    }


def firmness(basis: Basis) -> tuple[tuple[str, ...], Stress | None]:
    """The ranked clear units and how their ranks hold; None with fewer than two of them.

    Raises Conflict when an older engine's input cannot be scored any more.
    """
    units = tuple(unit for unit in basis.clear if basis.scores[unit]["rank"] is not None)
    if len(units) < 2:
        return units, None
    places = tuple(basis.places[unit] for unit in units)
    return units, _test(_Key(_stored(basis), units, places, tuple(_added(basis, units))))


def _added(basis: Basis, units: Sequence[str]) -> list[float]:
    """Bonus less deductions of each unit."""
    rows = (basis.scores[unit] for unit in units)
    return [(row.get("bonus") or 0.0) - (row.get("deduction") or 0.0) for row in rows]


def _stored(basis: Basis) -> _Stored:
    return basis.run.input, basis.run.scheme_version.body, int(basis.run.seed)


@lru_cache(maxsize=RUNS_IN_MEMORY)
def _behind(stored: bytes, body: str, seed: int) -> _Behind:
    frozen, scheme = RunInput.from_bytes(stored), scheme_of(body)
    try:
        values, evidence = read_figures(frozen.cells, frozen.forms, frozen.units, scheme, frozen.supplement)
        scores = simulate(values, evidence, scheme, seed).scores
    except InputError as error:
        raise Conflict("The answers do not fit the weights: %(detail)s", {"detail": str(error)}) from error
    units = sorted(frozen.units["unit"])
    return _Behind({unit: place for place, unit in enumerate(units)}, values, evidence, scheme, scores)


@lru_cache(maxsize=TESTS_IN_MEMORY)
def _test(key: _Key) -> Stress:
    """The whole test of the named units, with the figures and the evidence that the run had for them."""
    behind = _behind(*key.run)
    rows = np.array([behind.at[unit] for unit in key.units])
    values, evidence = values_of(behind.values, rows), evidence_of(behind.evidence, rows)
    return put_to_test(Contest(values, evidence, behind.scheme, key.places, np.array(key.added)), key.run[2])
