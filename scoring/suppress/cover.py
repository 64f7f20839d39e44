"""Complementary suppression: one more cell is hidden, the least that matters, until no hidden one can be told."""

from dataclasses import dataclass

import numpy as np

from scoring.frames import Flags, Floats, Integers
from scoring.suppress.attack import SAFE_POINTS, Known, are_open, is_told, null_space
from scoring.suppress.cells import Cells

ANYTHING = 1e-6
TINY = 1e-7


@dataclass(frozen=True)
class Case:
    """One unit's cells, those whose values are nobody's business (``primary``), and the room each of them needs."""

    cells: Cells
    primary: Flags
    needs: Floats


def cover(cells: Cells, primary: Flags) -> Flags:
    """Which cells are hidden in the end: the primary ones, and those without which they could be told.

    A primary cell needs a tenth of the room it would have if its hidden figures could be anything: 10 points for a
    figure or a group that is hidden whole, less for a score that also rests on figures that are shown.
    """
    case = Case(cells, primary, _needs(cells, primary))
    hidden = _with_ties(cells, primary)
    while (target := _first_exposed(case, hidden)) is not None:
        hidden = _one_more(case, hidden, target)
    return hidden


def _needs(cells: Cells, primary: Flags) -> Floats:
    lost = primary[cells.figures]
    return np.maximum(least_room(cells.rows[:, lost], (cells.high - cells.low)[lost]), ANYTHING)


def least_room(rows: Floats, widths: Floats) -> Floats:
    """A tenth of what each row times figures of those widths can span."""
    return np.asarray(SAFE_POINTS / 100 * np.abs(rows) @ widths, dtype=np.float64)


def _with_ties(cells: Cells, hidden: Flags) -> Flags:
    found = hidden.copy()
    for cell, companion in cells.ties:
        found[companion] |= found[cell]
    return found


def _first_exposed(case: Case, hidden: Flags) -> int | None:
    """The first primary cell that can be told, in the order in which the cells stand."""
    targets = np.flatnonzero(case.primary)
    known, aims = _knowledge(case.cells, hidden, targets)
    sure = are_open(known, aims, case.needs[targets])
    doubtful = zip(targets[~sure].tolist(), aims[~sure], strict=True)
    return next((target for target, aim in doubtful if is_told(known, aim, float(case.needs[target]))), None)


def _knowledge(cells: Cells, hidden: Flags, targets: Integers) -> tuple[Known, Floats]:
    """What is shown of the hidden figures, and the targets' rows on them."""
    lost = hidden[cells.figures]
    rows = cells.rows[~hidden][:, lost]
    known = Known(rows[rows.any(axis=1)], cells.point[lost], cells.low[lost], cells.high[lost])
    return known, cells.rows[targets][:, lost]


def _one_more(case: Case, hidden: Flags, target: int) -> Flags:
    """Hides the least important cell that alone makes the target safe; where none does, the most telling one."""
    cells, one = case.cells, np.array([target])
    telling = _telling(cells, hidden, target)
    candidates = _candidates(cells, hidden, target, telling)
    for cell in candidates[_may_help(cells, hidden, target, candidates)]:
        tried = _hide(cells, hidden, cell)
        known, aims = _knowledge(cells, tried, one)
        if not is_told(known, aims[0], float(case.needs[target])):
            return tried
    secrets = (cells.rows[telling][:, hidden[cells.figures]] != 0).sum(axis=1)
    order = np.lexsort((cells.order[telling], secrets))
    return _hide(cells, hidden, telling[order[0]] if len(telling) else candidates[0])


def _hide(cells: Cells, hidden: Flags, cell: np.int64) -> Flags:
    more = hidden.copy()
    more[cell] = True
    return _with_ties(cells, more)


def _telling(cells: Cells, hidden: Flags, target: int) -> Integers:
    """The shown cells that say something about the target's hidden figures, directly or through others."""
    touched = (cells.rows != 0) & hidden[cells.figures]
    reached, found = touched[target], np.zeros(len(hidden), dtype=bool)
    while True:
        wider = ~hidden & (touched & reached).any(axis=1)
        if (wider == found).all():
            return np.flatnonzero(found)
        found = wider
        reached = reached | touched[found].any(axis=0)


def _candidates(cells: Cells, hidden: Flags, target: int, telling: Integers) -> Integers:
    """The telling cells, and the shown figures that they or the target rest on; least important first."""
    used = (cells.rows[[target, *telling]] != 0).any(axis=0)
    figures = cells.figures[used]
    found = np.union1d(figures[~hidden[figures]], telling)
    return found[np.argsort(cells.order[found])]


def _may_help(cells: Cells, hidden: Flags, target: int, candidates: Integers) -> Flags:
    """Which candidates end that the target is a sum of shown cells; all, where it is none and only its room is small.

    With rows A on the hidden figures, y solves A'y = target; other solutions differ by z with A'z = 0. A shown cell
    is needed when no solution does without it. A figure, once hidden, asks for one equation more, and helps when no
    solution fulfils that too.
    """
    own = np.zeros(len(hidden), dtype=bool)
    own[cells.figures] = True
    is_figure, lost = own[candidates], hidden[cells.figures]
    own[[companion for _, companion in cells.ties]] = True
    rows = np.flatnonzero(~hidden & ~own)
    matrix, aim = cells.rows[rows], cells.rows[target]
    solution = np.linalg.lstsq(matrix[:, lost].T, aim[lost], rcond=TINY)[0]
    missed = aim - solution @ matrix
    if np.abs(missed[lost]).max(initial=0.0) > TINY:
        return np.ones(len(candidates), dtype=bool)
    others = null_space(matrix[:, lost].T)
    column = cells.rows[candidates].argmax(axis=1)
    row = np.searchsorted(rows, candidates[~is_figure])
    needed, bent = np.empty(len(candidates)), np.empty((len(others), len(candidates)))
    needed[is_figure], needed[~is_figure] = missed[column[is_figure]], solution[row]
    bent[:, is_figure], bent[:, ~is_figure] = others @ matrix[:, column[is_figure]], others[:, row]
    return np.asarray((np.abs(needed) > TINY) & (np.abs(bent) < TINY).all(axis=0), dtype=bool)
