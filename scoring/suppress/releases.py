"""Two releases of the same cells: what changed between them must not be the word of a few new respondents.

A figure that grew from n to more answers is a mixture of its old mean and the newcomers' mean. So the quantities of
both releases are linear in the old figures and the newcomers' means, and the question whether two releases together
tell something is the one that is asked of a single release. It also finds a figure that covers another one in one
release and is shown in the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import Flags, Floats, Integers
from scoring.scheme import Scheme
from scoring.suppress.attack import Known, is_told, without_plain
from scoring.suppress.cells import Cells, cells_of
from scoring.suppress.cover import ANYTHING, least_room
from scoring.suppress.grids import Grids, Stages, figure_places, places, read_grids
from scoring.suppress.marks import PRIMARY, REASONS, SHOWN

BY_CATEGORY = ("categories", "robustness")
OF_ALL = ("influence", "severity")
RANKS = ("rank", "ranked_of")


@dataclass(frozen=True)
class Release:
    """What was published (``view``) and the tables it was made from (``stages``), which nobody was shown."""

    stages: Stages
    view: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Side:
    """One release of one unit: its cells, why each is withheld, and the answers (leaves times groups,)."""

    cells: Cells
    reasons: Integers
    answers: Integers


def differs_safely(previous: Release, following: Release, scheme: Scheme) -> dict[str, bool]:
    """For each unit of the later release: whether it may be published beside the previous one.

    It may not when the two together tell the mean of newcomers of whom there are fewer than their group's least
    number, or a figure that one of the releases hides for its own sake.

    Raises:
        InputError: a table is missing or a row does not fit the scheme.
    """
    before, after = read_grids(previous.stages, scheme), read_grids(following.stages, scheme)
    both = [unit for unit in after.units if unit in set(before.units)]
    places_of = [np.array([grids.units.index(unit) for unit in both], dtype=np.int64) for grids in (before, after)]
    found = dict.fromkeys(after.units, True)
    sides = [
        _sides(release, grids, scheme, at)
        for release, grids, at in zip((previous, following), (before, after), places_of, strict=True)
    ]
    least = np.array([group.minimum[0] for group in scheme.groups] * len(scheme.leaves()), dtype=np.int64)
    for unit, one, two in zip(both, *sides, strict=True):
        found[unit] = not _tells(one, two, least)
    return found


def release(previous: Release, following: Release, scheme: Scheme) -> Release:
    """The later release, with the previous one's rows for every unit that does not differ safely.

    Where a unit is held, its category keeps its mean and its ranks, and all tables that compare all units stay.
    """
    held = {unit for unit, safe in differs_safely(previous, following, scheme).items() if not safe}
    scores = following.stages["scores"]
    categories = set(scores.loc[scores["unit"].isin(held), "category"])
    parts = [(previous.stages, following.stages), (previous.view, following.view)]
    stages, view = ({name: _mixed(name, old, new, (held, categories)) for name in new} for old, new in parts)
    return Release(stages, view)


def _sides(release: Release, grids: Grids, scheme: Scheme, chosen: Integers) -> Iterator[Side]:
    means, nodes, groups = (release.view[name] for name in ("means", "nodes", "groups"))
    group_codes, node_codes = [group.code for group in scheme.groups], [node.code for node in scheme.nodes()]
    figure = _reasons(means, figure_places(means, grids, scheme), grids.figures.shape)
    node = _reasons(nodes, places(nodes, {"unit": grids.units, "node": node_codes}), grids.nodes.shape)
    group = _reasons(groups, places(groups, {"unit": grids.units, "group": group_codes}), grids.groups.shape)
    for unit, cells in cells_of(grids, scheme, chosen):
        reasons = np.full(len(cells.rows), SHOWN, dtype=np.int64)
        for cell, reason in (
            (cells.figures, figure[unit].ravel()[cells.base]),
            (cells.nodes, node[unit]),
            (cells.groups, group[unit]),
        ):
            np.maximum.at(reasons, cell[cell >= 0], reason[cell >= 0])
        yield Side(cells, reasons, grids.answers[unit].ravel())


def _reasons(table: pd.DataFrame, at: tuple[Integers, ...], shape: tuple[int, ...]) -> Integers:
    grid = np.full(shape, SHOWN, dtype=np.int64)
    grid[at] = pd.Index(REASONS).get_indexer(pd.Index(table["withheld"]))
    return grid


def _tells(one: Side, two: Side, least: Integers) -> bool:
    """Whether two releases of a unit together tell what they must not."""
    base = np.union1d(one.cells.base, two.cells.base)
    ours, theirs = (_spread(side, base) for side in (one, two))
    known, grown = _joined(ours, theirs)
    reasons = np.concatenate([one.reasons, two.reasons])
    secret, widths = reasons == PRIMARY, known.high - known.low
    lost = np.tile(ours.secret | theirs.secret, 2)
    needs = np.maximum(least_room(known.rows[secret][:, lost], widths[lost]), ANYTHING)
    news = np.eye(2 * base.size)[base.size + np.flatnonzero((grown > 0) & (grown < least[base]))]
    shown = Known(known.rows[reasons == SHOWN], known.point, known.low, known.high)
    rest, aims = without_plain(shown, np.vstack([known.rows[secret], news]))
    limits = np.append(needs, least_room(news, widths)).tolist()
    return any(is_told(rest, aim, limit) for aim, limit in zip(aims, limits, strict=True))


@dataclass(frozen=True)
class Spread:
    """One release on the figures of both: ``rows`` (cells, figures), the rest (figures,), NaN or 0 if it has none."""

    rows: Floats
    point: Floats
    low: Floats
    high: Floats
    answers: Integers
    secret: Flags


def _spread(side: Side, base: Integers) -> Spread:
    cells, at = side.cells, np.searchsorted(base, side.cells.base)
    rows, lines = np.zeros((len(cells.rows), base.size)), np.full((3, base.size), np.nan)
    rows[:, at] = cells.rows
    lines[:, at] = cells.point, cells.low, cells.high
    answers, secret = np.zeros(base.size, dtype=np.int64), np.zeros(base.size, dtype=bool)
    answers[at], secret[at] = side.answers[cells.base], side.reasons[cells.figures] == PRIMARY
    return Spread(rows, lines[0], lines[1], lines[2], answers, secret)


def _joined(one: Spread, two: Spread) -> tuple[Known, Integers]:
    """Both releases on the smaller one's figures and the newcomers' means, and the number of newcomers a figure.

    What was withdrawn is treated alike: the later release is then the smaller one.
    """
    both = ~np.isnan(one.point) & ~np.isnan(two.point)
    grown = np.where(both, np.abs(two.answers - one.answers), 0)
    first = np.isnan(two.point) | (both & (one.answers <= two.answers))
    whole, value = np.where(first, (two.answers, two.point), (one.answers, one.point))
    old = np.where(first, one.point, two.point)
    new = np.divide(whole * value - (whole - grown) * old, grown, out=old.copy(), where=grown > 0)
    part = 1 - np.divide(grown, whole, out=np.zeros(old.size), where=grown > 0)
    shares = np.where(first, 1.0, part), np.where(first, part, 1.0)
    rows = [np.hstack([s.rows * own, s.rows * (1 - own)]) for s, own in zip((one, two), shares, strict=True)]
    low, high = np.fmin(one.low, two.low), np.fmax(one.high, two.high)
    bounds = np.append(low, np.minimum(low, new)), np.append(high, np.maximum(high, new))
    return Known(np.vstack(rows), np.append(old, new), *bounds), grown


def _mixed(
    name: str, old: Mapping[str, pd.DataFrame], new: Mapping[str, pd.DataFrame], held: tuple[set[str], set[str]]
) -> pd.DataFrame:
    """A table of the later release with the rows of held units, or of their categories, from the previous one."""
    table, (units, categories) = new[name], held
    if not units or name not in old:
        return table
    if name in OF_ALL:
        return old[name]
    key, chosen = ("category", categories) if name in BY_CATEGORY else ("unit", units)
    parts = [table[~table[key].isin(chosen)], old[name][old[name][key].isin(chosen)]]
    order = "unit" if "unit" in table else key
    mixed = pd.concat(parts).sort_values(order, kind="stable", ignore_index=True)
    return _old_ranks(mixed, old[name], categories) if name == "scores" else mixed


def _old_ranks(scores: pd.DataFrame, old: pd.DataFrame, categories: set[str]) -> pd.DataFrame:
    before = old.set_index("unit")[list(RANKS)].astype("Int64").reindex(scores["unit"]).reset_index(drop=True)
    touched = scores["category"].isin(categories)
    return scores.assign(**{name: scores[name].astype("Int64").mask(touched, before[name]) for name in RANKS})
