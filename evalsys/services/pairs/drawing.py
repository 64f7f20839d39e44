"""Drawing working pairs: who rates whom, so that every unit is rated equally often and every rater has equal work.

The draw is a pure function of its arguments: the order in which pairs are tried comes from SHA-256 of the seed, so the
same seed gives the same pairs on every machine and in every version of the language.

Method: one place after the other is filled by the rater with the least work who can be reached by swapping pairs that
were drawn before (alternating paths of an optimal semi-matching; Harvey, Ladner, Lovász and Tamir, 2006), which makes
the loads as equal as the given pairs allow. It is tried with one rater of a unit for each rated unit first, then two.
"""

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Pair = tuple[int, int]
Node = tuple[Any, ...]


@dataclass(frozen=True)
class Wish:
    """What is to be drawn. `raters` maps a rater to her unit (None when she has none), `units` are rated.

    Each unit gets raters until it has `each`; `given` are (rater, unit) pairs that stay as they are and count, `barred`
    those that must not be drawn.
    """

    raters: Mapping[int, int | None]
    units: Sequence[int]
    each: int
    given: Collection[Pair] = ()
    barred: Collection[Pair] = ()


@dataclass(frozen=True)
class Shortage:
    """A unit that cannot have as many raters as were asked for: `there` are all who may rate it."""

    unit: int
    there: int


def shortages(wish: Wish) -> list[Shortage]:
    """The units for which the wish is impossible, in their order; nothing else can make it impossible."""
    given = set(wish.given)
    barred = Counter(unit for rater, unit in set(wish.barred) if wish.raters.get(rater, unit) != unit)
    gone = Counter(unit for rater, unit in given if rater not in wish.raters)
    own = Counter(wish.raters.values())
    there = {unit: len(wish.raters) - own[unit] - barred[unit] + gone[unit] for unit in wish.units}
    return [Shortage(unit, there[unit]) for unit in wish.units if there[unit] < wish.each]


def draw(wish: Wish, seed: str) -> list[Pair]:
    """The new (rater, unit) pairs in ascending order.

    No rater gets her own unit or one that she has; the loads of raters, given pairs included, are as equal as the
    given pairs allow (they differ by at most 1 when none are given); as few raters as possible of one and the same
    unit rate a unit. Raises ValueError when the wish is impossible (see `shortages`).

    >>> draw(Wish({1: 10, 2: 20, 3: 30}, [10, 20, 30], 1), "a seed")
    [(1, 20), (2, 30), (3, 10)]
    """
    if shortages(wish):
        raise ValueError("there are units with fewer raters of other units than were asked for")
    strict = _Draw(wish, seed, 1)
    if strict.run() and strict.is_even():
        return sorted(strict.drawn)
    loosest = _Draw(wish, seed, len(wish.raters))
    loosest.run()
    for most in range(1, len(wish.raters)):
        strict = _Draw(wish, seed, most)
        if strict.run() and strict.unevenness() <= loosest.unevenness():
            return sorted(strict.drawn)
    return sorted(loosest.drawn)


@dataclass
class _Draw:
    """One attempt in which a unit gets at most `most` raters of any one other unit.

    Pairs are the flow in a network of units, places (unit, home of the rater: at most `most` each) and raters.
    """

    wish: Wish
    seed: str
    most: int
    drawn: set[Pair] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.load = Counter(rater for rater, _ in self.wish.given)
        self.there: dict[int, set[int]] = defaultdict(set)  # unit to its raters, given and drawn
        for rater, unit in self.wish.given:
            self.there[unit].add(rater)
        self.barred = set(self.wish.barred)
        self.drawn_for: dict[int, set[int]] = defaultdict(set)  # rater to the units that were drawn for her
        self.homes: dict[Node, list[int]] = defaultdict(list)
        for rater in self._shuffled("raters", self.wish.raters):
            self.homes[self._home(rater)].append(rater)

    def run(self) -> bool:
        """Fill every place; False when one stays empty."""
        for turn in range(self.wish.each):
            for unit in self._shuffled(f"turn {turn}", self.wish.units):
                if len(self.there[unit]) < self.wish.each and not self._fill(unit, turn):
                    return False
        return True

    def is_even(self) -> bool:
        """True when no rater has more than one pair more than another: no draw can do better."""
        loads = [self.load[rater] for rater in self.wish.raters]
        return max(loads, default=0) - min(loads, default=0) <= 1

    def unevenness(self) -> int:
        """The sum of the squared loads: with the same number of pairs, the lower the more equal."""
        return sum(self.load[rater] ** 2 for rater in self.wish.raters)

    def _fill(self, start: int, turn: int) -> bool:
        """Search all swaps from `start` for the rater with the least work, and carry them out."""
        least = min((self.load[rater] for rater in self.wish.raters), default=0)
        came: dict[Node, Node | None] = {("unit", start): None}
        waiting: deque[Node] = deque(came)
        best: Node | None = None
        while waiting:
            node = waiting.popleft()
            if node[0] == "rater" and (best is None or self.load[node[1]] < self.load[best[1]]):
                best = node
                if self.load[best[1]] == least:
                    break
            for following in self._following(node, f"{turn} {start}"):
                if following not in came:
                    came[following] = node
                    waiting.append(following)
        if best is None:
            return False
        self._carry_out(best, came)
        return True

    def _following(self, node: Node, purpose: str) -> list[Node]:
        kind, number = node[0], node[1]
        if kind == "rater":
            return [("place", unit, self._home(number)) for unit in sorted(self.drawn_for[number])]
        if kind == "unit":
            met = Counter(self._home(rater) for rater in self.there[number])
            return [
                ("place", number, self._home(rater))
                for rater in self._shuffled(f"{purpose} {number}", (raters[0] for raters in self.homes.values()))
                if self._home(rater) != ("unit", number) and met[self._home(rater)] < self.most
            ]
        taken = self.there[number]
        free = [one for one in self.homes[node[2]] if one not in taken and (one, number) not in self.barred]
        return [*(("rater", rater) for rater in self._shuffled(f"{purpose} {number}", free)), ("unit", number)]

    def _carry_out(self, last: Node, came: Mapping[Node, Node | None]) -> None:
        self.load[last[1]] += 1
        after = last
        while (before := came[after]) is not None:
            if (before[0], after[0]) == ("place", "rater"):
                self._put(after[1], before[1])
            elif (before[0], after[0]) == ("rater", "place"):
                self._drop(before[1], after[1])
            after = before

    def _put(self, rater: int, unit: int) -> None:
        self.drawn.add((rater, unit))
        self.there[unit].add(rater)
        self.drawn_for[rater].add(unit)

    def _drop(self, rater: int, unit: int) -> None:
        self.drawn.discard((rater, unit))
        self.there[unit].discard(rater)
        self.drawn_for[rater].discard(unit)

    def _home(self, rater: int) -> Node:
        """Raters without a unit are each a unit of their own."""
        unit = self.wish.raters.get(rater)
        return ("alone", rater) if unit is None else ("unit", unit)

    def _shuffled(self, purpose: str, numbers: Iterable[int]) -> list[int]:
        return sorted(numbers, key=lambda number: hashlib.sha256(f"{self.seed}/{purpose}/{number}".encode()).digest())
