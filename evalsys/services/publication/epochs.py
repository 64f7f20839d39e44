"""Release epochs: what is public may follow its own answers only in steps of several people (ADR 21).

Two releases of a figure with two decimals, a person apart, tell what that person answered. So a figure that is public
may change when at least five of its answers changed, or none did and something else moved it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from evalsys.reports.calculation import percents
from evalsys.services.disclosure import number_in
from evalsys.services.run_tables import Row, rows_of, shown_tables
from evalsys.services.scorecards.sheet import PUBLIC, figure, open_channel
from scoring.result import Result
from scoring.scheme import Group, Scheme

LEAST_CHANGED = 5
Key = tuple[str, str, str]
Steps = tuple[list[int], list[int]]
Levels = defaultdict[Key, dict[tuple[str, int], list[int]]]


def may_follow(before: Sequence[int], after: Sequence[int]) -> bool:
    """Whether numbers of answers, level by level, may be published after others: none changed, or several did.

    >>> may_follow((3, 20, 9), (3, 20, 9)), may_follow((3, 20, 9), (3, 21, 9)), may_follow((3, 20, 9), (5, 23, 9))
    (True, False, True)
    """
    changes = [now - then for then, now in zip(before, after, strict=True)]
    changed = max(sum(max(change, 0) for change in changes), sum(max(-change, 0) for change in changes))
    return changed == 0 or changed >= LEAST_CHANGED


def narrow_steps(former: Result, result: Result, scheme: Scheme) -> tuple[str, ...]:
    """The units of which a figure, public before and now, would change with the answers of fewer than five people.

    Groups that answer by name to the oversight body are left out: their numbers are exact.
    """
    groups = {group.code: group for group in scheme.groups if group.promise != "accountable"}
    counted, open_ones = _counts(former, result, scheme)
    then, now = (_printed(one, scheme, groups) for one in (former, result))
    changed = {key for key in then.keys() & now.keys() if then[key] != now[key]}
    found = {key[0] for key in changed & counted.keys() if not may_follow(*counted[key])}
    was, comes = (open_channel(one, scheme) for one in (former, result))
    heard = {unit for unit in was.keys() & comes.keys() if None not in (was[unit].mean, comes[unit].mean)}
    moved = {unit for unit in heard if was[unit] != comes[unit]}
    found |= {key[0] for key, steps in open_ones.items() if key[0] in moved and not may_follow(*steps)}
    return tuple(sorted(found))


def _printed(result: Result, scheme: Scheme, groups: dict[str, Group]) -> dict[Key, tuple[object, ...]]:
    """The figures of each public cell as a card prints them."""
    rows = rows_of(shown_tables(result, scheme, "public")["means"])
    shown = (row for row in rows if row["group"] in groups and not row["withheld"] and row["level"] in PUBLIC)
    return {(row["unit"], row["indicator"], row["group"]): tuple(_figures(row, groups)) for row in shown}


def _figures(row: Row, groups: dict[str, Group]) -> Iterator[object]:
    yield from (figure(row[name]) for name in ("mean", "low", "high"))
    yield number_in(row["n"], groups[row["group"]])
    asked = [int(row[name] or 0) for name in ("n", "dont_know", "not_applicable")]
    yield percents(asked)


def _counts(former: Result, result: Result, scheme: Scheme) -> tuple[dict[Key, Steps], dict[Key, Steps]]:
    """How often each level was chosen in each part of a group, before and after: of those that count, of the others.

    Apart, so that many new answers of the ones do not hide the few of the others.
    """
    unweighted = {(group.code, part.code) for group in scheme.groups for part in group.strata if not part.weight}
    found: tuple[Levels, Levels] = defaultdict(dict), defaultdict(dict)
    for place, one in enumerate((former, result)):
        for row in rows_of(one.stages["distribution"]):
            levels = found[(row["group"], row["stratum"]) in unweighted][row["unit"], row["indicator"], row["group"]]
            levels.setdefault((row["stratum"], row["code"]), [0, 0])[place] += row["count"]
    counted, others = ({key: _steps(levels) for key, levels in part.items()} for part in found)
    return counted, others


def _steps(levels: dict[tuple[str, int], list[int]]) -> Steps:
    return [then for then, _now in levels.values()], [now for _then, now in levels.values()]
