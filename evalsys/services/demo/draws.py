"""Random answers with a given mean: one generator, one seed, so that every load gives the same city."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
HALO = 0.6
SPREAD = 0.95
HALVINGS = 40


@dataclass(frozen=True)
class Wanted:
    """The answers that are wanted: the means of the questions on a five-point scale.

    `exact`: the mean of the valid answers is met to the last digit (needs multiples of ten people for one decimal).
    `missing` is the share of people without an answer to a question.
    """

    number: int
    means: tuple[float, ...]
    missing: tuple[float, ...]
    exact: bool = False


def new_rng(seed: int, *path: str) -> np.random.Generator:
    """A generator of its own for each part of the city, so that a change in one part moves no other."""
    return np.random.default_rng([seed, *(int.from_bytes(part.encode(), "big") for part in path)])


def levels_with_sum(wish: Floats, total: int, low: int, high: int) -> Integers:
    """Whole levels from `low` to `high` near `wish`, moved alike until they sum to `total` (which must be possible)."""
    below, above = low - float(wish.max()) - 1, high - float(wish.min()) + 1
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        if _rounded(wish + middle, low, high).sum() < total:
            below = middle
        else:
            above = middle
    levels = _rounded(wish + below, low, high)
    while (lacking := total - int(levels.sum())) != 0:
        step = 1 if lacking > 0 else -1
        free = np.flatnonzero((levels < high) if step > 0 else (levels > low))
        nearest = free[np.argsort(-step * (wish[free] + below - levels[free]), kind="stable")]
        levels[nearest[: abs(lacking)]] += step
    return levels


def draw_answers(rng: np.random.Generator, wanted: Wanted, lift: Floats) -> Integers:
    """Levels 1 to 5, 0 where there is no valid answer; shape (people, questions).

    Answers of one person hang together (halo); `lift` raises or lowers single people against the others.
    """
    people, questions = wanted.number, len(wanted.means)
    person = rng.normal(size=(people, 1))
    wish = SPREAD * (HALO * person + np.sqrt(1 - HALO**2) * rng.normal(size=(people, questions))) + lift[:, None]
    codes = np.zeros((people, questions), dtype=np.int64)
    for place, (mean, share) in enumerate(zip(wanted.means, wanted.missing, strict=True)):
        valid = np.sort(rng.permutation(people)[_absent(people, share, wanted.exact) :])
        if valid.size:
            total = min(max(round(mean * valid.size), valid.size), 5 * valid.size)
            codes[valid, place] = levels_with_sum(wish[valid, place] + mean, total, 1, 5)
    return codes


def draw_ids(rng: np.random.Generator, number: int) -> list[str]:
    """Random keys of 128 bits in hexadecimal."""
    return [row.tobytes().hex() for row in rng.integers(0, 256, size=(number, 16), dtype=np.uint8)]


def draw_days(rng: np.random.Generator, number: int, first: date, last: date) -> list[date]:
    """Days of the field work, both ends included."""
    days = rng.integers(0, (last - first).days + 1, size=number)
    return [first + timedelta(days=int(day)) for day in days]


def _absent(people: int, share: float, exact: bool) -> int:
    wanted = people * share
    return min(int(wanted // 10) * 10 if exact else round(wanted), people)


def _rounded(wish: Floats, low: int, high: int) -> Integers:
    return np.clip(np.rint(wish), low, high).astype(np.int64)
