"""Primary suppression: what may not be shown for its own sake.

A figure below the level of its audience; one that the answers of two people make up, or that a stratum of too few
people can be told from; and, unless raters answer for their marks by name, one at the end of its scale, which says
that everybody gave the same answer.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import LEVELS, Flags, Floats, Integers
from scoring.scheme import Scheme
from scoring.suppress.attack import SAFE_POINTS
from scoring.suppress.grids import Grids, Stages, figure_places

FIRST_SHOWN = {"public": LEVELS.index("indicative"), "overseer": LEVELS.index("overseer")}
HIDDEN = LEVELS.index("hidden")
DOMINANT_SHARE = 0.9
MARGIN = 1e-6
FIGURE = ["unit", "group", "indicator"]


@dataclass(frozen=True)
class Primary:
    """Flags of what goes: ``figures`` (units, leaves, groups), ``groups`` (units, groups), ``scores`` (units,).

    ``alike`` (units, leaves, groups): all answers are equal, so that their distribution goes even if the mean stays.
    """

    figures: Flags
    groups: Flags
    scores: Flags
    alike: Flags


@dataclass(frozen=True)
class Told:
    """What the answers alone decide, whatever the weights of the tree; flags of shape (units, leaves, groups).

    ``dominated``: made up by two raters. ``betraying``: it tells a stratum of too few. ``alike`` as in ``Primary``.
    """

    dominated: Flags
    betraying: Flags
    alike: Flags


def find_told(stages: Stages, grids: Grids, scheme: Scheme) -> Told:
    """The flags of a result, to be used for any weights of its tree."""
    return Told(_dominated(stages, grids, scheme), _betraying(stages, grids, scheme), _alike(stages, grids, scheme))


def find_primary(grids: Grids, told: Told, scheme: Scheme, audience: str) -> Primary:
    """What is below the audience's level, and what the answers of a few people make up."""
    first = FIRST_SHOWN[audience]
    named = np.array([group.promise == "accountable" for group in scheme.groups], dtype=bool)
    bounds = np.array([leaf.output for leaf in scheme.leaves()], dtype=np.float64)[:, :, None]
    at_end = (grids.figures == bounds[:, 0]) | (grids.figures == bounds[:, 1])
    few = ((at_end & (grids.answers > 1)) | told.dominated) & ~named
    return Primary(
        figures=_is_below(grids.figure_levels, first) | few | told.betraying,
        groups=_is_below(grids.group_levels, first),
        scores=_is_below(grids.score_levels, first),
        alike=told.alike,
    )


def counted_strata(stages: Stages, scheme: Scheme) -> pd.DataFrame:
    """The strata with ``cut`` (the group's least number of people) and ``mean`` on 0 to 100 of the scale."""
    strata = stages["strata"]
    cut = strata["group"].map({group.code: group.minimum[0] for group in scheme.groups}).astype("float64")
    return strata.assign(cut=cut, mean=100 * (strata["raw_mean"] - 1) / (strata["points"] - 1))


def room_of_strata(strata: pd.DataFrame, inside: "pd.Series[bool]") -> Floats:
    """How many points of 100 each stratum's mean can move when the figure and the strata not ``inside`` are known.

    Exact: one equation, the sum of weights times means, between bounds. 0 for a stratum that is not inside.
    """
    up, down = strata["weight"] * (100 - strata["mean"]), strata["weight"] * strata["mean"]
    part = strata[FIGURE].assign(up=up.where(inside, 0.0).fillna(0.0), down=down.where(inside, 0.0).fillna(0.0))
    whole = part.groupby(FIGURE)[["up", "down"]].transform("sum")
    rise = np.minimum(part["up"], whole["down"] - part["down"])
    fall = np.minimum(part["down"], whole["up"] - part["up"])
    weight = strata["weight"].where(inside & (strata["weight"] > 0))
    return np.asarray(((rise + fall) / weight).fillna(0.0), dtype=np.float64)


def _is_below(levels: Integers, first: int) -> Flags:
    return np.asarray((levels >= HIDDEN) & (levels < first), dtype=bool)


def _dominated(stages: Stages, grids: Grids, scheme: Scheme) -> Flags:
    """Figures of which the two heaviest raters hold more than 90 % of the weight."""
    strata = counted_strata(stages, scheme)
    strata = strata[strata["n"] > 0]
    pairs = strata[FIGURE].assign(each=strata["weight"] / strata["n"], raters=strata["n"].clip(upper=2))
    pairs = pairs.sort_values("each", ascending=False, kind="stable")
    before = pairs.groupby(FIGURE)["raters"].cumsum() - pairs["raters"]
    pairs["share"] = pairs["each"] * np.minimum(pairs["raters"], (2 - before).clip(lower=0))
    shares = pairs.groupby(FIGURE)["share"].sum().reset_index()
    return _flagged(shares[shares["share"] > DOMINANT_SHARE], grids, scheme)


def _betraying(stages: Stages, grids: Grids, scheme: Scheme) -> Flags:
    """Figures that tell the mean of a stratum of too few people within the safe width, other strata being unknown."""
    strata = counted_strata(stages, scheme)
    small = (strata["n"] > 0) & (strata["n"] < strata["cut"]) & (strata["weight"] < 1)
    told = room_of_strata(strata, strata["n"] > 0) < SAFE_POINTS * (1 - MARGIN)
    return _flagged(strata[small & told], grids, scheme)


def _alike(stages: Stages, grids: Grids, scheme: Scheme) -> Flags:
    """Figures of at least two answers, all of them equal."""
    counted = [(group.code, part.code) for group in scheme.groups for part in group.strata if part.weight]
    rows = stages["distribution"]
    rows = rows[(rows["count"] > 0) & pd.MultiIndex.from_frame(rows[["group", "stratum"]]).isin(counted)]
    found = rows.groupby(FIGURE).agg(codes=("code", "nunique"), answers=("count", "sum")).reset_index()
    return _flagged(found[(found["codes"] == 1) & (found["answers"] > 1)], grids, scheme)


def _flagged(rows: pd.DataFrame, grids: Grids, scheme: Scheme) -> Flags:
    flags = np.zeros(grids.figures.shape, dtype=bool)
    flags[figure_places(rows, grids, scheme)] = True
    return flags
