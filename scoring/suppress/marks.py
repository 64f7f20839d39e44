"""Which quantities of a result are withheld, and why: the outcome of primary and complementary suppression."""

from dataclasses import dataclass

import numpy as np

from scoring.frames import Flags, Integers
from scoring.scheme import Scheme
from scoring.suppress.cells import Cells, cells_of
from scoring.suppress.cover import cover
from scoring.suppress.grids import Grids, Stages
from scoring.suppress.primary import Primary

SHOWN, COMPLEMENTARY, PRIMARY = range(3)
REASONS = ("", "complementary", "primary")
"""What stands in the column ``withheld``: nothing, hidden to cover another figure, hidden for its own sake."""


@dataclass(frozen=True)
class Marks:
    """Positions in ``REASONS``: (units, leaves, groups), (units, nodes), (units, groups), (units,).

    ``scores`` is the mark of the top node. Flags (units, leaves, groups): ``alike`` as in ``Primary``; ``pooled``
    where the mean of all units, which shrinkage tells, would tell a figure that is hidden.
    """

    figures: Integers
    nodes: Integers
    groups: Integers
    scores: Integers
    alike: Flags
    pooled: Flags


@dataclass(frozen=True)
class Hiding:
    """All that the rules of the tables need to know; ``strata``: marks of that table's rows, once worked out."""

    stages: Stages
    grids: Grids
    marks: Marks
    scheme: Scheme
    audience: str
    strata: Integers | None = None


def mark(grids: Grids, primary: Primary, scheme: Scheme, passed: Flags | None = None) -> Marks:
    """Suppression unit by unit; units that have nothing to hide are passed over.

    Of units in ``passed`` (units,) all is marked as hidden, without asking what would cover it.
    """
    figures = np.zeros(grids.figures.shape, dtype=np.int64)
    nodes, groups = np.zeros(grids.nodes.shape, dtype=np.int64), np.zeros(grids.groups.shape, dtype=np.int64)
    concerned = primary.figures.any(axis=(1, 2)) | primary.groups.any(axis=1) | primary.scores
    if passed is not None:
        concerned &= ~passed
        figures[passed], nodes[passed], groups[passed] = PRIMARY, PRIMARY, PRIMARY
    for unit, cells in cells_of(grids, scheme, np.flatnonzero(concerned)):
        first = _first(cells, primary, unit)
        reason = np.where(first, PRIMARY, np.where(cover(cells, first), COMPLEMENTARY, SHOWN))
        figures[unit].ravel()[cells.base] = reason[cells.figures]
        nodes[unit], groups[unit] = _of(reason, cells.nodes), _of(reason, cells.groups)
    scores = np.where(primary.scores, PRIMARY, nodes[:, 0])
    shrunk = np.array([group.shrinkage != "none" for group in scheme.groups], dtype=bool)
    pooled = np.broadcast_to((figures > SHOWN).any(axis=0) & shrunk, figures.shape)
    return Marks(figures, nodes, groups, scores, primary.alike, pooled)


def _first(cells: Cells, primary: Primary, unit: int) -> Flags:
    first = np.zeros(len(cells.rows), dtype=bool)
    first[cells.figures[primary.figures[unit].ravel()[cells.base]]] = True
    own = cells.groups[primary.groups[unit]]
    first[own[own >= 0]] = True
    if primary.scores[unit] and cells.nodes[0] >= 0:
        first[cells.nodes[0]] = True
    return first


def _of(reason: Integers, cells: Integers) -> Integers:
    return np.where(cells >= 0, np.append(reason, SHOWN)[cells], SHOWN)
