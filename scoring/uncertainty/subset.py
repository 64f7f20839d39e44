"""The evidence and figures of some units alone, as they are in the whole: what they owe to the others stays."""

import numpy as np

from scoring.frames import Integers
from scoring.tree import Values
from scoring.uncertainty.intervals import Evidence
from scoring.uncertainty.moments import Part, Spread, Strata
from scoring.uncertainty.robust import Robust


def values_of(values: Values, rows: Integers) -> Values:
    """The figures of the units in these rows, in their order."""
    return Values(values.rated[rows], values.given[rows], values.applies[rows])


def evidence_of(evidence: Evidence, rows: Integers) -> Evidence:
    """The evidence of the units in these rows, in their order."""
    robust = evidence.robust
    return Evidence(
        tuple(_strata(strata, rows) for strata in evidence.strata),
        _spread(evidence.single, rows),
        Robust(robust.factor[rows], robust.lost[rows], robust.low[rows], robust.high[rows]),
    )


def _strata(strata: Strata, rows: Integers) -> Strata:
    place = np.full(len(strata.n), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return Strata(
        parts=tuple(_part(part, place) for part in strata.parts),
        n=strata.n[rows],
        mean=strata.mean[rows],
        scale=strata.scale[rows],
        constant=strata.constant[rows],
        single=_spread(strata.single, rows),
    )


def _part(part: Part, place: Integers) -> Part:
    unit = place[part.unit]
    there = np.flatnonzero(unit >= 0)
    return Part(part.moments[there], unit[there], part.stratum[there], part.question)


def _spread(spread: Spread, rows: Integers) -> Spread:
    return Spread(spread.variance[rows], spread.squares[rows])
