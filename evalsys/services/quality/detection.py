"""What the rules find in the answers about one unit: arithmetic on arrays, without a database.

Every rule takes a sheet and its parameters and returns findings with a grade: 1 look, 2 doubtful, 3 grave.
Probabilities are upper bounds (Chernoff), divided among all counts that were looked at (Bonferroni).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
OPEN_STRATUM = "open"
SHARED_NETWORK = ("kiosk", "assisted", "paper")
"""Channels whose answers come from one network by nature."""
FEWEST_POINTS = 3
PACE_GRADES = {1: 3, 2: 2, 3: 1}
FEWEST_DAYS = 7
TIMES_USUAL = (3, 5, 10)
"""How many times the usual number a burst is, for the grades 1, 2 and 3."""
PRIOR = 20
"""A string that was never seen elsewhere is taken to be as likely as one in so many, so that few days prove nothing."""
NIGHT_DAYS = 2
LN10 = log(10)


@dataclass(frozen=True, eq=False)
class Sheet:
    """The responses about one unit, one place each; `codes` (responses, questions), `points` and `scored` a question.

    `day` is a number of days. `comments` are "" where nothing was written. `first` and `last` bound the field work.
    """

    ids: Sequence[str]
    stratum: Array
    channel: Array
    day: Array
    pace: Array
    network: Array
    answers: Array
    comments: Sequence[str]
    codes: Array
    points: Array
    scored: Array
    first: int
    last: int


@dataclass(frozen=True)
class Finding:
    """A response that a rule points at."""

    response_id: str
    rule: str
    grade: int
    detail: Mapping[str, Any]


def find_speeders(sheet: Sheet, slowest: int) -> list[Finding]:
    """Forms filled in faster than anybody reads: pace classes up to `slowest`."""
    places = np.flatnonzero((sheet.pace >= 1) & (sheet.pace <= slowest))
    return [
        Finding(sheet.ids[place], "speed", PACE_GRADES[pace], {"pace": pace})
        for place, pace in zip(places.tolist(), sheet.pace[places].tolist(), strict=True)
    ]


def find_straight_liners(sheet: Sheet, least: int, long: int) -> list[Finding]:
    """The same level on all scored questions of the commonest scale, with at least `least` of them answered.

    All at one end is what a delighted or angry person gives: grade 1. All in between is less likely to be meant: 2.
    From `long` answers on the grade is one higher.
    """
    levels, points = _levels(sheet)
    if points < FEWEST_POINTS:
        return []
    given = (levels > 0).sum(axis=1)
    low = np.where(levels > 0, levels, points + 1).min(axis=1, initial=points + 1)
    high = levels.max(axis=1, initial=0)
    found = (given >= least) & (low == high)
    grades = 1 + ((high > 1) & (high < points)).astype(int) + (given >= long).astype(int)
    return [
        Finding(sheet.ids[place], "straight", int(grades[place]), {"questions": int(given[place])})
        for place in np.flatnonzero(found).tolist()
    ]


def find_same_words(sheet: Sheet, characters: int) -> list[Finding]:
    """Same answers and same comment of at least `characters` letters; the first one is flagged, too."""
    words = [" ".join(text.split()).casefold() for text in sheet.comments]
    keys = [(answers, text) for answers, text in zip(sheet.answers.tolist(), words, strict=True)]
    times = Counter(key for key in keys if len(key[1]) >= characters)
    return [
        Finding(id_, "copies", 3, {"same": times[key], "words": True})
        for id_, key in zip(sheet.ids, keys, strict=True)
        if times[key] > 1
    ]


def find_copies(sheet: Sheet, least: int, rarity: int) -> list[Finding]:
    """At least `least` equal answers of one day and channel, where a chance of 1 in 10^`rarity` would be too much.

    A string's probability is the larger one of its share among the unit's other days and channels, and of the product
    of its answers' shares. Strings of one level only are for the rule of straight lines.
    """
    if not sheet.ids:
        return []
    strings, of = np.unique(sheet.answers, return_inverse=True)
    places, cell = _groups(sheet.channel, sheet.day)
    pairs, members, counts = np.unique(np.stack([cell, of]), axis=1, return_inverse=True, return_counts=True)
    likely = _product_of_shares(sheet)
    all_counts, sizes = np.bincount(of), np.bincount(cell, minlength=places)
    varied = _is_varied(sheet)
    members = members.reshape(-1)
    found: list[Finding] = []
    for pair in np.flatnonzero(counts >= least).tolist():
        rows = np.flatnonzero(members == pair)
        count, size = int(counts[pair]), int(sizes[pairs[0, pair]])
        if not varied[rows[0]]:
            continue
        elsewhere = (int(all_counts[pairs[1, pair]]) - count + 1) / (len(of) - size + PRIOR)
        chance = max(float(likely[rows[0]]), elsewhere)
        if binomial_bound(count, size, chance) + log(len(strings) * places) < -rarity * LN10:
            grade = 3 if count >= 4 * least else 2
            found += [
                Finding(sheet.ids[row], "copies", grade, {"same": count, "words": False}) for row in rows.tolist()
            ]
    return found


def find_bursts(sheet: Sheet, least: int, rarity: int) -> list[Finding]:
    """Days (and nights over two days) with far more answers than the unit's own median day in that channel.

    A negative binomial with the median as mean and the spread between the quartiles as variance (Poisson where that
    is smaller) says how likely the number is. Answers by invitation come in waves, so theirs get grade 1 at most.
    """
    days = sheet.last - sheet.first + 1
    if days < FEWEST_DAYS:
        return []
    found: dict[int, Finding] = {}
    is_open = sheet.stratum == OPEN_STRATUM
    for channel in np.unique(sheet.channel).tolist():
        for side in (True, False):
            rows = np.flatnonzero((sheet.channel == channel) & (is_open == side))
            counts = np.bincount(sheet.day[rows] - sheet.first, minlength=days)
            for place, grade, usual in _burst_days(counts, least, rarity):
                detail = {"count": int(counts[place]), "usual": usual}
                for row in rows[sheet.day[rows] - sheet.first == place].tolist():
                    found[row] = Finding(sheet.ids[row], "bursts", grade if side else 1, detail)
    return [found[row] for row in sorted(found)]


def find_networks(sheet: Sheet, least: int, percent: int) -> list[Finding]:
    """Open ratings of one network: at least `least`, and more than `percent` % of the unit's open ratings."""
    is_open = (sheet.stratum == OPEN_STRATUM) & (sheet.network != 0) & ~np.isin(sheet.channel, SHARED_NETWORK)
    rows = np.flatnonzero(is_open)
    if not len(rows):
        return []
    _, of, counts = np.unique(sheet.network[rows], return_inverse=True, return_counts=True)
    shares = 100 * counts / len(rows)
    found = []
    for row, mark in zip(rows.tolist(), of.tolist(), strict=True):
        if counts[mark] >= least and shares[mark] > percent:
            grade = 1 + int(shares[mark] > 2 * percent) + int(shares[mark] > 3 * percent)
            found.append(Finding(sheet.ids[row], "network", grade, {"same": int(counts[mark]), "of": len(rows)}))
    return found


def binomial_bound(count: int, size: int, chance: float) -> float:
    """Natural logarithm of an upper bound of P(X >= count), X binomial (H. Chernoff, 1952); 0 up to the mean.

    >>> round(binomial_bound(10, 10, 0.5), 3), binomial_bound(5, 10, 0.5)
    (-6.931, 0.0)
    """
    share = count / size
    if share <= chance:
        return 0.0
    rest = (1 - share) * log((1 - share) / (1 - chance)) if share < 1 else 0.0
    return -size * (share * log(share / chance) + rest)


def count_bound(count: float, mean: float, variance: float) -> float:
    """The same for a count with this mean: negative binomial, or Poisson where the variance is not larger.

    >>> round(count_bound(20, 2, 2), 2), round(count_bound(20, 2, 8), 2), count_bound(1, 2, 2)
    (-28.05, -3.73, 0.0)
    """
    if count <= mean:
        return 0.0
    if variance <= mean:
        return -(count * log(count / mean) - (count - mean))
    size = mean**2 / (variance - mean)
    return -(count * log(count / mean) - (count + size) * log((count + size) / (mean + size)))


def _burst_days(counts: Array, least: int, rarity: int) -> list[tuple[int, int, float]]:
    """(place of the day, grade, usual number a day) of the days that are in a burst."""
    found: dict[int, tuple[int, float]] = {}
    usual_day = max(float(np.median(counts)), 1.0)
    for width in (1, NIGHT_DAYS):
        sums = np.convolve(counts, np.ones(width, dtype=int), mode="valid")
        usual = max(float(np.median(sums)), float(width))
        quarters = np.quantile(sums, [0.25, 0.75])
        variance = float((quarters[1] - quarters[0]) / 1.349) ** 2
        for start in np.flatnonzero((sums >= least) & (sums >= TIMES_USUAL[0] * usual)).tolist():
            total = float(sums[start])
            if count_bound(total, usual, variance) + log(NIGHT_DAYS * len(counts)) >= -rarity * LN10:
                continue
            grade = sum(total >= times * usual for times in TIMES_USUAL)
            for place in range(start, start + width):
                if counts[place] > NIGHT_DAYS * usual_day:
                    found[place] = max(found.get(place, (0, usual_day)), (grade, usual_day))
    return [(place, grade, usual) for place, (grade, usual) in sorted(found.items())]


def _levels(sheet: Sheet) -> tuple[Array, int]:
    """Levels on the scored questions of the commonest scale, 0 where there is none; and the points of that scale."""
    scored = sheet.points[sheet.scored]
    if not len(scored):
        return np.zeros((len(sheet.ids), 0), dtype=int), 0
    values, times = np.unique(scored, return_counts=True)
    points = int(values[times.argmax()])
    codes = sheet.codes[:, sheet.scored & (sheet.points == points)]
    return np.where((codes >= 1) & (codes <= points), codes, 0), points


def _is_varied(sheet: Sheet) -> Array:
    given = (sheet.codes >= 1) & (sheet.codes <= sheet.points)
    high = np.where(given, sheet.codes, 0).max(axis=1, initial=0)
    low = np.where(given, sheet.codes, sheet.points.max()).min(axis=1)
    return np.asarray(high > low)


def _product_of_shares(sheet: Sheet) -> Array:
    """The probability of each response's string if its answers had nothing to do with one another."""
    product = np.ones(len(sheet.ids))
    for column in sheet.codes.T:
        product *= (np.bincount(column) / len(column))[column]
    return product


def _groups(channel: Array, day: Array) -> tuple[int, Array]:
    """How many pairs of channel and day there are, and the place of each response among them."""
    _, channels = np.unique(channel, return_inverse=True)
    _, found = np.unique(np.stack([channels, day]), axis=1, return_inverse=True)
    found = found.reshape(-1)
    return int(found.max(initial=-1)) + 1, found
