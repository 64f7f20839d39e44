"""The published view: a result's tables without what may not be told. Page, PDF, files and charts all read this one.

Every table keeps its columns and gets one more, ``withheld``: "" where the row is shown, "primary" where its figures
are hidden for their own sake, "complementary" where they are hidden because they would tell another one. Hidden
numbers are missing, hidden texts empty; keys, levels and weights stay. Whole numbers become nullable.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from scoring.frames import LEVELS, Flags, InputError
from scoring.scheme import Scheme
from scoring.suppress.grids import Grids, Stages, figure_places, places, read_grids
from scoring.suppress.marks import REASONS, SHOWN, Hiding, mark
from scoring.suppress.primary import FIRST_SHOWN, HIDDEN, Told, find_primary, find_told
from scoring.suppress.rules import RULES, categories_without_ranks
from scoring.suppress.strata import mark_strata, merge_counted

AUDIENCES: Final = tuple(FIRST_SHOWN)
WITHHELD: Final = "withheld"
KEPT: Final = frozenset({
    "unit", "category", "group", "stratum", "indicator", "node", "parent", "rater", "level", "level_group", "code",
    "points", "weight_nominal", "weight_used", "effective_nominal", "effective_used", "weight", "present", "bonus",
    "deduction", "ranked_of", "units", "published_units",
})  # fmt: skip
OWN_RULES: Final[Mapping[str, frozenset[str]]] = {
    "groups": KEPT | {"n"},
    "scores": KEPT | {"n", "level_n"},
    "strata": KEPT - {"weight"},
}
"""Columns kept where a table has rules of its own.

Whether a number of people is shown depends on its size, not on the score beside it: those are emptied later. The
weight of a stratum that was raked tells how many answers it rests on.
"""

SAYS_NO_SPREAD = KEPT | {"n", "mean", "raw_mean", "mean_plain", "shrunk", "reliability", "dont_know", "not_applicable"}
SAYS_NO_OTHERS = KEPT | {"n", "mean", "low", "high"}
DETAILS = ("group_absent", "indicator_without_answers")


def published_view(stages: Stages, scheme: Scheme, audience: str = "public") -> dict[str, pd.DataFrame]:
    """The tables of a result as ``audience`` ("public" or "overseer") may see them.

    The public's tables of answers are not split by strata (their stratum is "", open channels apart), and its table
    of strata is empty. A table of which no rule is known is left out.

    Raises:
        InputError: the audience is unknown, a table is missing, or a row does not fit the scheme.
    """
    return view_of(hide(stages, scheme, audience))


def hide(stages: Stages, scheme: Scheme, audience: str) -> Hiding:
    """What must go, before any table is made.

    Raises:
        InputError: as ``published_view`` says.
    """
    grids = _grids(stages, scheme, audience)
    primary = find_primary(grids, find_told(stages, grids, scheme), scheme, audience)
    found = Hiding(stages, grids, mark(grids, primary, scheme), scheme, audience)
    return replace(found, strata=mark_strata(found)) if audience == "overseer" else found


def hide_quickly(stages: Stages, scheme: Scheme, audience: str, told: Told) -> Hiding:
    """As ``hide``, for readers of scores and ranks, where many weights are tried on the same answers.

    ``told`` is what ``told_by`` said of those answers. Of a unit without a rank that has a hidden figure everything is
    hidden: what is said of all others, and which units are clear, is the same.

    Raises:
        InputError: as ``published_view`` says.
    """
    grids = _grids(stages, scheme, audience)
    primary = find_primary(grids, told, scheme, audience)
    ranked = np.zeros(len(grids.units), dtype=bool)
    ranked[places(stages["scores"], {"unit": grids.units})[0]] = stages["scores"]["rank"].notna()
    passed = ~ranked & (primary.figures & ~np.isnan(grids.figures)).any(axis=(1, 2))
    return Hiding(stages, grids, mark(grids, primary, scheme, passed), scheme, audience)


def _grids(stages: Stages, scheme: Scheme, audience: str) -> Grids:
    if audience not in AUDIENCES:
        raise InputError(f"the audience {audience} is unknown; allowed are {', '.join(AUDIENCES)}")
    return read_grids(stages, scheme)


def view_of(hiding: Hiding, only: Collection[str] = ()) -> dict[str, pd.DataFrame]:
    """The tables that may be seen, or those of them that ``only`` names."""
    view = {}
    for name, rule in RULES.items():
        if name in hiding.stages and (not only or name in only):
            table = _split(name, hiding)
            reasons = rule(table, hiding)
            told = _blank(table, reasons > SHOWN, OWN_RULES.get(name, KEPT))
            told = DETAIL[name](told, hiding) if name in DETAIL else told
            view[name] = told.assign(**{WITHHELD: pd.Series(np.array(REASONS, dtype=object)[reasons], dtype="str")})
    return view


def clear_units(hiding: Hiding, of: Collection[str]) -> frozenset[str]:
    """The units that have no withheld row in the tables ``of`` these names."""
    units = set(hiding.grids.units)
    for name in of:
        table = _split(name, hiding)
        units -= set(table["unit"][RULES[name](table, hiding) > SHOWN])
    return frozenset(units)


def told_by(stages: Stages, scheme: Scheme) -> Told:
    """What the answers of a result decide about hiding, whatever the weights of the tree.

    Raises:
        InputError: a table is missing, or a row does not fit the scheme.
    """
    return find_told(stages, read_grids(stages, scheme), scheme)


def _split(name: str, hiding: Hiding) -> pd.DataFrame:
    table = hiding.stages[name].reset_index(drop=True)
    if hiding.audience == "public" and name in ("distribution", "responses"):
        return merge_counted(table, hiding.scheme)
    return table.iloc[:0] if hiding.audience == "public" and name == "strata" else table


def _blank(table: pd.DataFrame, rows: Flags, kept: frozenset[str]) -> pd.DataFrame:
    """The table with the other columns emptied in those rows."""
    columns = {}
    for name, column in table.items():
        plain = _nullable(column)
        nothing = "" if pd.api.types.is_string_dtype(column.dtype) else None
        columns[name] = plain if name in kept else plain.mask(rows, nothing)
    return pd.DataFrame(columns)


def _nullable(column: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean")
    return column.astype("Int64") if pd.api.types.is_integer_dtype(column.dtype) else column


def _means(table: pd.DataFrame, hiding: Hiding) -> pd.DataFrame:
    """Of figures whose answers are all equal only the mean; of shrunk ones nothing that tells the mean of all units."""
    at = figure_places(table, hiding.grids, hiding.scheme)
    table = _blank(table, hiding.marks.alike[at], frozenset(SAYS_NO_SPREAD))
    return _blank(table, hiding.marks.pooled[at], frozenset(SAYS_NO_OTHERS))


def _groups(table: pd.DataFrame, _hiding: Hiding) -> pd.DataFrame:
    return table.assign(n=table["n"].mask(table["level"] == LEVELS[HIDDEN]))


def _scores(table: pd.DataFrame, hiding: Hiding) -> pd.DataFrame:
    """The number of all people goes when that of a group is hidden: it would be the difference."""
    (at,) = places(table, {"unit": hiding.grids.units})
    few = (hiding.grids.group_levels == HIDDEN).any(axis=1)[at]
    return table.assign(
        n=table["n"].mask(few),
        level_n=table["level_n"].mask(table["level"] == LEVELS[HIDDEN]),
        rank=table["rank"].mask(table["category"].isin(categories_without_ranks(hiding))),
    )


def _problems(table: pd.DataFrame, hiding: Hiding) -> pd.DataFrame:
    """The public reads no detail with a number of people, the overseer none of a hidden group.

    What a cap took away would tell a hidden part, so it is kept back from all where a unit has any.
    """
    groups = hiding.stages["groups"]
    hidden = groups.loc[groups["level"] == LEVELS[HIDDEN], ["unit", "group"]]
    few = pd.MultiIndex.from_frame(table[["unit", "node"]]).isin(pd.MultiIndex.from_frame(hidden))
    marks, units = hiding.marks, hiding.grids.units
    covered = (marks.figures > SHOWN).any(axis=(1, 2)) | (marks.nodes > SHOWN).any(axis=1)
    secret = [units[at] for at in np.flatnonzero(covered)]
    few |= ((table["code"] == "capped") & table["unit"].isin(secret)).to_numpy()
    if hiding.audience == "public":
        few |= ~table["code"].isin(DETAILS).to_numpy()
    return table.assign(detail=table["detail"].mask(few, ""))


DETAIL: Final[Mapping[str, Callable[[pd.DataFrame, Hiding], pd.DataFrame]]] = {
    "means": _means,
    "groups": _groups,
    "scores": _scores,
    "problems": _problems,
}
