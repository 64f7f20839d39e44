"""The design of panels as pure arithmetic: who scores which unit, so that panels can be compared with one another.

Experts are dealt to panels of equal size that share the competences out; units are divided among panels within their
peer category; a few units are scored by all panels. These common units connect the design: without them an expert's
severity and the quality of her panel's units could not be told apart (incomplete block designs, Eckes 2015, chapter 9).
"""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Judge:
    """An expert: what she may judge (nothing named: everything), and the units that she must not score."""

    login: str
    competences: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()

    def judges(self, indicators: Iterable[str]) -> list[str]:
        """Those of the indicators that she may judge."""
        return [code for code in indicators if not self.competences or code in self.competences]


@dataclass(frozen=True)
class Place:
    """A unit with its peer category and the indicators that experts are asked about it."""

    unit: str
    category: str
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """How many panels, how many units common to all of them, and by how many experts each indicator is to be judged."""

    panels: int
    common: int
    at_least: int


@dataclass(frozen=True)
class Task:
    """One assignment, with the panel of the expert."""

    login: str
    unit: str
    panel: str


@dataclass(frozen=True)
class Design:
    """A drawn design; `short` are (unit, indicator, experts) below the wish, where competences allow no more."""

    panels: Mapping[str, str]
    common: tuple[str, ...]
    tasks: tuple[Task, ...]
    short: tuple[tuple[str, str, int], ...]
    is_connected: bool


@dataclass
class _Sheet:
    """Tasks while they are being drawn."""

    judges: Sequence[Judge]
    places: Mapping[str, Place]
    rng: random.Random
    seated: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    load: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def may_seat(self, judge: Judge, unit: str) -> bool:
        """True when she has no task there yet, no conflict, and something to judge."""
        is_new = judge.login not in self.seated[unit] and unit not in judge.conflicts
        return is_new and bool(judge.judges(self.places[unit].indicators))

    def seat(self, judge: Judge, unit: str) -> None:
        """Give her the task if she may have it."""
        if self.may_seat(judge, unit):
            self.seated[unit].add(judge.login)
            self.load[judge.login] += 1

    def covered(self, unit: str) -> dict[str, int]:
        """How many experts judge each indicator of the unit."""
        there = [judge for judge in self.judges if judge.login in self.seated[unit]]
        return count_cover(there, self.places[unit].indicators)


def draw_design(judges: Sequence[Judge], places: Sequence[Place], wish: Wish, seed: int) -> Design:
    """Draw a design; the same input in any order and the same seed give the same one.

    Raises ValueError for a wish that cannot be met: more panels than experts, more common units than units, or several
    panels without a common unit.
    """
    if not 1 <= wish.panels <= len(judges):
        raise ValueError("panels")
    if not (0 if wish.panels == 1 else 1) <= wish.common <= len(places):
        raise ValueError("common")
    rng = random.Random(seed)  # noqa: S311 - a draw that anybody can repeat from its recorded seed
    people = sorted(judges, key=lambda judge: judge.login)
    sheet = _Sheet(people, {place.unit: place for place in sorted(places, key=lambda place: place.unit)}, rng)
    panels = _deal_judges(people, list(sheet.places.values()), wish.panels, rng)
    common, divided = _divide(sheet, wish)
    for unit in sheet.places:
        for judge in people:
            if unit in common or divided[unit] == panels[judge.login]:
                sheet.seat(judge, unit)
    for unit in sheet.places:
        _fill_up(sheet, unit, wish.at_least)
    _connect(sheet)
    return _design(sheet, panels, common, wish)


def count_cover(judges: Iterable[Judge], indicators: Sequence[str]) -> dict[str, int]:
    """How many of these experts judge each indicator."""
    found = dict.fromkeys(indicators, 0)
    for judge in judges:
        for code in judge.judges(indicators):
            found[code] += 1
    return found


def components(pairs: Collection[tuple[str, str]]) -> list[set[str]]:
    """The experts of (expert, unit) pairs in groups that no unit ties together; one group: the design is connected.

    >>> [sorted(group) for group in components([("a", "U1"), ("b", "U1"), ("c", "U2")])]
    [['a', 'b'], ['c']]
    """
    members: dict[str, set[str]] = defaultdict(set)
    for login, unit in pairs:
        members[unit].add(login)
    groups: list[set[str]] = []
    for joined in members.values():
        touched = [group for group in groups if group & joined]
        groups = [group for group in groups if not group & joined] + [set().union(joined, *touched)]
    return sorted(groups, key=min)


def _deal_judges(people: Sequence[Judge], places: Sequence[Place], number: int, rng: random.Random) -> dict[str, str]:
    """Specialists first; each goes to one of the smallest panels, where her competences are the scarcest."""
    asked = sorted({code for place in places for code in place.indicators})
    order = list(people)
    rng.shuffle(order)
    order.sort(key=lambda judge: len(judge.judges(asked)))
    members: dict[int, list[Judge]] = {panel: [] for panel in range(1, number + 1)}
    for judge in order:
        smallest = min(len(found) for found in members.values())
        open_ones = [panel for panel, found in members.items() if len(found) == smallest]
        cover = {panel: count_cover(members[panel], asked) for panel in open_ones}
        mine = judge.judges(asked)
        chosen = min(open_ones, key=lambda panel: (sum(cover[panel][code] for code in mine), panel))
        members[chosen].append(judge)
    return {judge.login: str(panel) for panel, found in members.items() for judge in found}


def _divide(sheet: _Sheet, wish: Wish) -> tuple[tuple[str, ...], dict[str, str]]:
    """Common units taken from the categories in turn; the others dealt to panels in turn, category by category."""
    by_category: dict[str, list[str]] = defaultdict(list)
    for place in sheet.places.values():
        by_category[place.category].append(place.unit)
    stacks = [by_category[category] for category in sorted(by_category)]
    for stack in stacks:
        sheet.rng.shuffle(stack)
    common: list[str] = []
    while len(common) < wish.common:
        for stack in sorted(stacks, key=len, reverse=True):
            if stack and len(common) < wish.common:
                common.append(stack.pop())
    rest = [unit for stack in stacks for unit in stack]
    first = sheet.rng.randrange(wish.panels)
    divided = {unit: str((first + turn) % wish.panels + 1) for turn, unit in enumerate(rest)}
    return tuple(sorted(common)), divided


def _fill_up(sheet: _Sheet, unit: str, at_least: int) -> None:
    """Guests from other panels where an indicator has too few experts: those who help most, then the least busy."""
    while True:
        scarce = [code for code, number in sheet.covered(unit).items() if number < at_least]
        helpful = [
            (len(judge.judges(scarce)), judge)
            for judge in sheet.judges
            if sheet.may_seat(judge, unit) and judge.judges(scarce)
        ]
        if not helpful:
            return
        most = max(number for number, _ in helpful)
        best = [judge for number, judge in helpful if number == most]
        least = min(sheet.load[judge.login] for judge in best)
        sheet.seat(sheet.rng.choice([judge for judge in best if sheet.load[judge.login] == least]), unit)


def _connect(sheet: _Sheet) -> None:
    """Conflicts may have cut the design apart: tie its parts together by single guests, as long as anybody may come."""
    while len(groups := components(_pairs(sheet))) > 1:
        links = [
            (sheet.load[judge.login], judge.login, unit)
            for judge in sheet.judges
            for unit in sheet.places
            if judge.login in groups[0] and sheet.seated[unit] - groups[0] and sheet.may_seat(judge, unit)
        ] or [
            (sheet.load[judge.login], judge.login, unit)
            for judge in sheet.judges
            for unit in sheet.places
            if judge.login not in groups[0] and sheet.seated[unit] & groups[0] and sheet.may_seat(judge, unit)
        ]
        if not links:
            return
        _, login, unit = min(links)
        sheet.seat(next(judge for judge in sheet.judges if judge.login == login), unit)


def _pairs(sheet: _Sheet) -> list[tuple[str, str]]:
    return [(login, unit) for unit in sheet.places for login in sorted(sheet.seated[unit])]


def _design(sheet: _Sheet, panels: Mapping[str, str], common: tuple[str, ...], wish: Wish) -> Design:
    short = tuple(
        (unit, code, number)
        for unit in sheet.places
        for code, number in sheet.covered(unit).items()
        if number < wish.at_least
    )
    tasks = tuple(Task(login, unit, panels[login]) for login, unit in _pairs(sheet))
    return Design(dict(panels), common, tasks, short, len(components(_pairs(sheet))) <= 1)
