"""What a reader can work out: how far a hidden quantity can move when everything that is shown stays as it is.

Published figures are linear in the figures of the indicators, so the readers' knowledge is a linear system. Where a
quantity is determined, it has no room at all (its row lies in the span of the shown rows); where it is not, bounds of
the scale may still leave little. The room is measured from the true figures, along projections of the quantity's row
on the null space of what is shown; a figure that meets its bound stays there (Rosen's gradient projection). Every
point on that way is one the reader cannot exclude, so the measured room is never more than the real one, which linear
programming would find: a quantity called safe is safe.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.frames import Flags, Floats

SAFE_POINTS: Final = 10.0
"""Least width, in points of 100, of what a reader can say about a hidden figure."""

STILL = 1e-14
EDGE = 1e-9
RANK_TOLERANCE = 1e-9
ROUNDING = 1e-6


@dataclass(frozen=True)
class Known:
    """What a reader knows of hidden figures.

    ``rows`` (shown quantities, figures): each shown quantity's weights on the figures, largest 1 in size. ``point``,
    ``low``, ``high`` (figures,): the true figures and the bounds of their scales.
    """

    rows: Floats
    point: Floats
    low: Floats
    high: Floats


def is_told(known: Known, aim: Floats, need: float) -> bool:
    """Whether readers know ``aim`` times the figures more closely than ``need``.

    >>> known = Known(np.array([[1.0, 0.0], [0.5, 1.0]]), np.array([30.0, 80.0]), np.zeros(2), np.full(2, 100.0))
    >>> is_told(known, np.array([0.0, 1.0]), 10.0)
    True
    """
    return room(known, aim, need) < need * (1 - ROUNDING)


def are_open(known: Known, aims: Floats, needs: Floats) -> Flags:
    """Which of ``aims`` (aims, figures) surely have the room they need: one step of ``room`` for all of them at once.

    >>> known = Known(np.array([[1.0, 1.0]]), np.array([30.0, 80.0]), np.zeros(2), np.full(2, 100.0))
    >>> are_open(known, np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([10.0, 10.0]))
    array([ True, False])
    """
    hidden = null_space(known.rows)
    ways = aims @ hidden.T @ hidden
    rates = (ways * ways).sum(axis=1)
    ahead, back = (_left(known, known.point, turn).min(axis=1, initial=np.inf) for turn in (ways, -ways))
    gains = rates * np.where(rates > STILL, ahead + back, 0.0)
    return np.asarray(gains >= needs, dtype=bool)


def null_space(rows: Floats) -> Floats:
    """An orthonormal base (dimensions, columns) of what the rows say nothing about."""
    if not rows.size:
        return np.eye(rows.shape[1])
    _, sizes, base = np.linalg.svd(rows)
    return np.asarray(base[(sizes > RANK_TOLERANCE * sizes.max()).sum() :], dtype=np.float64)


def without_plain(known: Known, aims: Floats) -> tuple[Known, Floats]:
    """The same question without the figures that are shown themselves, or left alone in a shown quantity."""
    plain = np.zeros(known.rows.shape[1], dtype=bool)
    while (more := _alone(known.rows, plain)).any():
        plain |= more
    rows = known.rows[:, ~plain]
    rest = Known(rows[rows.any(axis=1)], known.point[~plain], known.low[~plain], known.high[~plain])
    return rest, aims[:, ~plain]


def _alone(rows: Floats, plain: Flags) -> Flags:
    unknown = (rows != 0) & ~plain
    return np.asarray(unknown[unknown.sum(axis=1) == 1].any(axis=0), dtype=bool)


def room(known: Known, aim: Floats, enough: float) -> float:
    """How far ``aim`` (figures,) times the figures can move in all, up and down; stops looking at ``enough``.

    Two figures of equal weight whose mean is shown: each can take what the other gives.

    >>> known = Known(np.array([[1.0, 1.0]]), np.array([30.0, 80.0]), np.zeros(2), np.full(2, 100.0))
    >>> float(round(room(known, np.array([1.0, 0.0]), 200.0), 9))
    90.0
    >>> room(known, np.array([1.0, 1.0]), 200.0)
    0.0
    """
    up = _climb(known, aim, enough)
    return up + _climb(known, -aim, enough - up) if up < enough else up


def _climb(known: Known, aim: Floats, enough: float) -> float:
    point, free, gained = known.point, np.ones(aim.size, dtype=bool), 0.0
    while free.any() and gained < enough:
        way = np.zeros(aim.size)
        way[free] = _projected(known.rows[:, free], aim[free])
        if way @ way <= STILL:
            break
        left = _left(known, point, way)
        point = np.clip(point + left.min() * way, known.low, known.high)
        gained = float(aim @ (point - known.point))
        free &= left > left.min() + EDGE
    return gained


def _projected(rows: Floats, aim: Floats) -> Floats:
    """The part of ``aim`` that no shown quantity notices."""
    return np.asarray(aim - rows.T @ np.linalg.lstsq(rows.T, aim, rcond=RANK_TOLERANCE)[0], dtype=np.float64)


def _left(known: Known, point: Floats, ways: Floats) -> Floats:
    """How long each figure can go on along each way before it meets its bound; shape of ``ways``."""
    ahead: Flags = np.abs(ways) > EDGE
    bound = np.where(ways > 0, known.high, known.low)
    left: Floats = np.divide(bound - point, ways, out=np.full(ways.shape, np.inf), where=ahead)
    return left
