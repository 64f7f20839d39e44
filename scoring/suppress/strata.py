"""Suppression below the figures: strata, distributions, counts of answers, for the overseer and for the public."""

import numpy as np
import pandas as pd

from scoring.frames import Flags, Integers
from scoring.scheme import Scheme
from scoring.suppress.attack import SAFE_POINTS
from scoring.suppress.grids import figure_places
from scoring.suppress.marks import COMPLEMENTARY, PRIMARY, SHOWN, Hiding
from scoring.suppress.primary import FIGURE, counted_strata, room_of_strata

PLACE = ["unit", "group", "stratum"]
ROW = [*PLACE, "indicator"]
FEW_STRATA = 3
WHOLE = ""
"""The stratum of a row of the public's tables: all strata that count, together."""


def mark_strata(hiding: Hiding) -> Integers:
    """Marks of the rows of the strata table, as the overseer gets it.

    A stratum of too few people goes; a lone one takes the next smallest of its group with it (the group's n would
    tell its number), a lone hidden row the next smallest of its figure (the figure would tell its mean). Where that
    is not enough, all strata of the figure go.
    """
    strata = counted_strata(hiding.stages, hiding.scheme).reset_index(drop=True)
    answered = (strata["n"] > 0).to_numpy()
    constant = (strata["n"] > 1) & (strata["raw_variance"] == 0)
    small = (strata["responses"] < strata["cut"]) | (answered & (strata["n"] < strata["cut"])) | constant
    hidden = small.to_numpy() | _few_people(strata)
    inside = _with_next(strata.assign(size=strata["n"]), hidden, answered, FIGURE)
    known = pd.Series(inside & answered)
    narrow = known & (room_of_strata(strata, known) < SAFE_POINTS)
    inside |= narrow.groupby([strata[column] for column in FIGURE]).transform("any").to_numpy()
    at = figure_places(strata, hiding.grids, hiding.scheme)
    above = np.where(hiding.marks.alike[at], PRIMARY, hiding.marks.figures[at])
    return np.maximum(above, np.where(small, PRIMARY, np.where(inside, COMPLEMENTARY, SHOWN)))


def strata_marks(hiding: Hiding) -> Integers:
    """The marks of the rows of the strata table, worked out once where many tables are made."""
    return mark_strata(hiding) if hiding.strata is None else hiding.strata


def mark_counts(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """Marks of the overseer's rows of distribution or responses: their stratum's, or those of an open channel."""
    marks = pd.Series(strata_marks(hiding), index=_keys(hiding.stages["strata"]))
    keys = _keys(table)
    return np.asarray(marks.reindex(keys).fillna(_open_marks(hiding, 0).reindex(keys)), dtype=np.int64)


def merge_counted(table: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """The public's rows: all strata that count in one, those without weight (open channels) as they are."""
    counted = [(group.code, part.code) for group in scheme.groups for part in group.strata if part.weight]
    is_counted = pd.MultiIndex.from_frame(table[["group", "stratum"]]).isin(counted)
    merged = table.assign(stratum=table["stratum"].mask(is_counted, WHOLE))
    merged["place"] = merged.groupby(ROW, sort=False).ngroup()
    keys = ["place", *(column for column in (*ROW, "code") if column in table.columns)]
    return merged.groupby(keys).sum().reset_index()[list(table.columns)]


def mark_merged(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """Marks of the public's rows: their figure's, or those of an open channel.

    A distribution also goes when all answers are equal or its figure is shrunk towards other units, and when figure
    and distribution together would tell the means of two strata, one of them of too few people.
    """
    at = figure_places(table, hiding.grids, hiding.scheme)
    found = hiding.marks.figures[at]
    if "code" in table.columns:
        told = _keys(table, FIGURE).isin(_two_strata(hiding))
        own = np.where(hiding.marks.alike[at], PRIMARY, np.where(told | hiding.marks.pooled[at], COMPLEMENTARY, SHOWN))
        found = np.maximum(found, own)
    opened = _open_marks(hiding, 1).reindex(_keys(table)).to_numpy()
    return np.where(table["stratum"] == WHOLE, found, np.nan_to_num(opened)).astype(np.int64)


def _keys(table: pd.DataFrame, columns: list[str] = ROW) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(table[columns])


def _few_people(strata: pd.DataFrame) -> Flags:
    """Rows of strata of too few people, and of the next smallest where there is one such stratum in a group."""
    people = strata.groupby(PLACE).agg(size=("responses", "max"), cut=("cut", "max")).reset_index()
    few = _with_next(people, (people["size"] < people["cut"]).to_numpy(), np.ones(len(people), bool), PLACE[:2])
    return np.asarray(_keys(strata, PLACE).isin(_keys(people[few], PLACE)), dtype=bool)


def _with_next(rows: pd.DataFrame, hidden: Flags, counts: Flags, within: list[str]) -> Flags:
    """``hidden`` and, where only one row that counts is hidden ``within`` those keys, the smallest of the others."""
    parts = rows[[*within, "stratum", "size"]].assign(hidden=hidden & counts, other=counts & ~hidden)
    lone = parts.groupby(within)["hidden"].transform("sum") == 1
    covers = parts[lone & parts["other"]].sort_values([*within, "size", "stratum"]).drop_duplicates(within)
    found = hidden.copy()
    found[covers.index] = True
    return found


def _open_marks(hiding: Hiding, cut: int) -> "pd.Series[float]":
    """Marks of all strata by their own n and the cut point of that place, all answers equal or not."""
    rows = hiding.stages["responses"]
    least = rows["group"].map({group.code: group.minimum[cut] for group in hiding.scheme.groups}).astype("float64")
    people = rows[["valid", "dont_know", "not_applicable", "blank"]].sum(axis=1)
    chosen = hiding.stages["distribution"].query("count > 0").groupby(ROW)["code"].nunique()
    alike = (chosen.reindex(_keys(rows)).to_numpy() == 1) & (rows["valid"] > 1)
    hidden = (people < least) | ((rows["valid"] > 0) & (rows["valid"] < least)) | alike
    return pd.Series(np.where(hidden, float(PRIMARY), float(SHOWN)), index=_keys(rows))


def _two_strata(hiding: Hiding) -> pd.MultiIndex:
    """Figures that rest on two strata, one of them of too few people."""
    strata = counted_strata(hiding.stages, hiding.scheme)
    strata = strata[strata["n"] > 0].assign(small=strata["n"] < strata["cut"])
    parts = strata.groupby(FIGURE).agg(parts=("small", "size"), small=("small", "any")).reset_index()
    return _keys(parts[parts["small"] & (parts["parts"] > 1) & (parts["parts"] < FEW_STRATA)], FIGURE)
