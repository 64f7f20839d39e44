"""What came in so far, against targets: counts alone. A test looks for scores in the pages and files of this part.

A part without any answer is shown as such (None), never as 0: nothing is known of it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from evalsys.db import db
from evalsys.models import RoundState
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.fieldwork.counts import (
    DayLine,
    Key,
    Reminders,
    TaskLine,
    day_lines,
    find_reminders,
    key_of,
    option_counts,
    option_words,
    paper_counts,
    response_counts,
    task_lines,
    waiting_counts,
)
from evalsys.services.fieldwork.targets import option_parts, targets_of
from evalsys.services.rounds.states import find_round
from evalsys.services.run_tables import csv_file
from evalsys.services.versions import current_version
from evalsys.services.weights import Labels, scheme_of
from scoring.scheme import Scheme

SHARE_KEPT = Decimal("0.9")
"""An option is below its share when it has less than this part of what its target's share of all answers would be."""
FEWEST_SHOWN = 5
PUBLIC_PROMISE = "anonymous"


@dataclass(frozen=True)
class CountLine:
    """A part of the field work; `number` is None where nobody answered, `target` None where none is set.

    `is_few`: between 1 and 4 people of a background option, not told exactly. `is_behind`: below its share so far.
    """

    group: Text
    part: Text | None
    number: int | None
    target: int | None
    is_few: bool = False
    is_behind: bool = False

    @property
    def percent(self) -> int | None:
        """How much of the target is reached, whole percent, rounded down so that 100 means all."""
        return 100 * (self.number or 0) // self.target if self.target and not self.is_few else None


@dataclass(frozen=True)
class GroupLine:
    """A group: answers, its target, and how many ratings wait in the box."""

    line: CountLine
    waiting: int


@dataclass(frozen=True)
class Board:
    """The board of one round; `reminders` is None for those who may not remind."""

    round_code: str
    round_name: Text
    state: RoundState
    groups: tuple[GroupLine, ...]
    strata: tuple[CountLine, ...]
    units: tuple[CountLine, ...]
    channels: tuple[CountLine, ...]
    options: tuple[CountLine, ...]
    other_targets: tuple[CountLine, ...]
    days: tuple[DayLine, ...]
    tasks: tuple[TaskLine, ...]
    paper: Mapping[str, int]
    reminders: Reminders | None
    may_set: bool


def board_page(actor: Actor, round_code: str, locale: str) -> Board:
    """Live counts of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    scheme, labels = scheme_of(current_version(session, round_).body), Labels(locale)
    counts, aims = response_counts(session, round_.id), targets_of(round_code)
    lines = _Lines(scheme, labels, content.names("unit", locale), counts, {key_of(one): one.number for one in aims})
    waiting = waiting_counts(session, round_.id)
    can_remind = may(actor, "assignment.remind") and round_.state == RoundState.COLLECTING
    return Board(
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        state=RoundState(round_.state),
        groups=tuple(GroupLine(lines.group(one.code), waiting[one.code]) for one in scheme.groups),
        strata=lines.strata(),
        units=lines.units(sorted(one.unit.code for one in round_.units)),
        channels=lines.channels(),
        options=lines.options(option_counts(session, round_.id, aims), option_words(session, round_.id, locale)),
        other_targets=lines.others(),
        days=day_lines(session, round_.id, [one.code for one in scheme.groups if one.promise == PUBLIC_PROMISE]),
        tasks=task_lines(session, round_.id, labels),
        paper=paper_counts(session, round_.id),
        reminders=find_reminders(session, round_.id) if can_remind else None,
        may_set=may(actor, "target.set"),
    )


def board_csv(actor: Actor, round_code: str) -> tuple[str, str]:
    """Counts by group, stratum, unit and channel as a file: (name, content). Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    rows = [(*key, number) for key, number in sorted(response_counts(db.session(), round_.id).items())]
    table = pd.DataFrame(rows, columns=["group", "stratum", "unit", "channel", "responses"])
    return f"{round_code}-field-work.csv", csv_file(table)


class _Lines:
    """Counts and targets put together, with names."""

    def __init__(
        self,
        scheme: Scheme,
        labels: Labels,
        units: Mapping[str, Text],
        counts: Mapping[Key, int],
        targets: Mapping[Key, int],
    ) -> None:
        self._scheme, self._labels, self._units = scheme, labels, units
        self._counts, self._targets = counts, targets

    def group(self, code: str) -> CountLine:
        """The line of a whole group."""
        return CountLine(self._labels.of("group", code), None, self._sum(code), self._targets.get((code, "", "", "")))

    def strata(self) -> tuple[CountLine, ...]:
        """Strata of the groups that have several, and those that only answers name."""
        found = []
        for group in self._scheme.groups:
            named = [part.code for part in group.strata]
            codes = [*named, *sorted({key[1] for key in self._counts if key[0] == group.code} - set(named))]
            for code in codes if len(codes) > 1 else []:
                part, target = self._labels.of("stratum", code), self._targets.get((group.code, code, "", ""))
                name = self._labels.of("group", group.code)
                found.append(CountLine(name, part, self._sum(group.code, stratum=code), target))
        return tuple(found)

    def units(self, codes: list[str]) -> tuple[CountLine, ...]:
        """Every unit with every group."""
        return tuple(
            CountLine(
                self._labels.of("group", group.code),
                self._units.get(code) or Text(code, ""),
                self._sum(group.code, unit=code),
                self._targets.get((group.code, "", code, "")),
            )
            for code in codes
            for group in self._scheme.groups
        )

    def channels(self) -> tuple[CountLine, ...]:
        """Channels by which answers came, by group; they have no targets."""
        pairs = sorted({(group, channel) for group, _, _, channel in self._counts})
        return tuple(
            CountLine(self._labels.of("group", group), Text(channel, ""), self._sum(group, channel=channel), None)
            for group, channel in pairs
        )

    def options(self, levels: Mapping[Key, int], words: Mapping[tuple[str, str], Text]) -> tuple[CountLine, ...]:
        """Options of background questions in their words, marked where they are below their share of what came in."""
        aims = {key: number for key, number in self._targets.items() if key[3]}
        wanted: Counter[Key] = Counter()
        got: Counter[Key] = Counter()
        for key, number in aims.items():
            family = (*key[:3], option_parts(key[3])[0])
            wanted[family] += number
            got[family] += levels.get(key, 0)
        found = []
        for key, number in aims.items():
            family, count = (*key[:3], option_parts(key[3])[0]), levels.get(key, 0)
            is_behind = count * wanted[family] < SHARE_KEPT * number * got[family]
            is_few = 0 < count < FEWEST_SHOWN
            shown = count if count else None
            part = self._part(key, words.get((key[0], key[3])))
            found.append(CountLine(self._labels.of("group", key[0]), part, shown, number, is_few, is_behind))
        return tuple(found)

    def others(self) -> tuple[CountLine, ...]:
        """Targets for a stratum of a unit."""
        return tuple(
            CountLine(
                self._labels.of("group", key[0]),
                self._part(key),
                self._sum(key[0], stratum=key[1], unit=key[2]),
                number,
            )
            for key, number in self._targets.items()
            if key[1] and key[2] and not key[3]
        )

    def _part(self, key: Key, word: Text | None = None) -> Text:
        indicator, level = option_parts(key[3])
        names = [
            str(self._labels.of("stratum", key[1])) if key[1] else "",
            str(self._units.get(key[2]) or key[2]),
            f"{self._labels.of('indicator', indicator)}: {word or level}" if indicator else "",
        ]
        return Text(" · ".join(name for name in names if name), "")

    def _sum(self, group: str, *, stratum: str = "", unit: str = "", channel: str = "") -> int | None:
        wanted = (group, stratum, unit, channel)
        numbers = [
            number
            for key, number in self._counts.items()
            if all(want in ("", have) for want, have in zip(wanted, key, strict=True))
        ]
        return sum(numbers) if numbers else None
