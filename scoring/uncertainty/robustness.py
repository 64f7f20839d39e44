"""How firm the published ranks and bands are: one row a ranked unit, from draws of its score."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Flags, Floats, Integers, significant
from scoring.scheme import Scheme
from scoring.uncertainty.ranks import NUDGE, Ranking, Ranks, rank_draws, share_within, summarise_ranks
from scoring.uncertainty.simulate import Draws
from scoring.uncertainty.ties import tie_groups

MEASURES = ("rank_median", "rank_low", "rank_high", "first", "band_share")


def try_ranks(scores: pd.DataFrame, adjustments: pd.DataFrame, draws: Draws, scheme: Scheme) -> pd.DataFrame:
    """One row a ranked unit: its ranks inside its category and its band over the draws.

    ``scores`` is the table of ranked scores, ``adjustments`` the findings (unit, kind, code). Bonus and deductions are
    added to each draw; the ranked units stay the same in all. ``rank_median``, ``rank_low`` and ``rank_high`` are the
    median and the 5th and 95th percentile, ``first`` is P(rank = 1) and ``band_share`` the share of draws that give
    the published band, both in percent. ``tie_group`` counts groups inside the category that the draws do not tell
    apart (``scoring.uncertainty.ties``), 1 for the best. Without draws the measures are missing, and every unit
    stands with those of its rank.
    """
    ranked, place = scores["rank"].notna().to_numpy(), scores["rank"].to_numpy(dtype=np.int64, na_value=0)
    tried = draws.scores + (scores["bonus"] - scores["deduction"]).to_numpy()
    found = np.full((len(scores), len(MEASURES)), np.nan)
    ties = np.zeros(len(scores), dtype=np.int64)
    for members in _pools(ranked, scores["category"].to_numpy()):
        ranks = rank_draws(tried[:, members], Ranking.of(scheme))
        order = np.argsort(place[members], kind="stable")
        ties[members] = tie_groups(ranks if len(ranks) else place[None, members], order)
        summary = summarise_ranks(ranks)
        first = 100 * share_within(ranks, 1)
        found[members, :4] = np.stack([summary.median, summary.low, summary.high, first], axis=1)
    found[ranked, 4] = 100 * _band_shares(tried, scores, _worst_bands(scores, adjustments, scheme), scheme)[ranked]
    table = pd.DataFrame(found, columns=list(MEASURES))
    table = table.assign(unit=scores["unit"], category=scores["category"], rank=scores["rank"], tie_group=ties)
    return table[ranked].reset_index(drop=True)


def _pools(ranked: Flags, category: npt.NDArray[Any]) -> list[Integers]:
    """Positions of the ranked units of each category."""
    return [np.flatnonzero(ranked & (category == one)) for one in np.unique(category[ranked])]


def _worst_bands(scores: pd.DataFrame, adjustments: pd.DataFrame, scheme: Scheme) -> Integers:
    """Position of the best band that the findings about each unit leave open, shape (units,)."""
    order = {band.code: place for place, band in enumerate(scheme.bands)}
    limits = {("veto", limit.code): order[limit.band] for limit in scheme.vetoes}
    limits |= {("limiter", limit.code): order[limit.band] for limit in scheme.limiters}
    best = np.zeros(len(scores), dtype=np.int64)
    places = pd.Index(scores["unit"]).get_indexer(pd.Index(adjustments["unit"]))
    for place, kind, code in zip(places, adjustments["kind"], adjustments["code"], strict=True):
        best[place] = max(best[place], limits.get((kind, code), 0))
    return best


def _band_shares(tried: Floats, scores: pd.DataFrame, best: Integers, scheme: Scheme) -> Floats:
    """Share of the draws with a score that give each unit its published band, shape (units,)."""
    ranked, category = scores["rank"].notna().to_numpy(), scores["category"].to_numpy()
    if scheme.banding == "absolute":
        given = _absolute(tried, scheme)
    else:
        given = np.zeros(tried.shape, dtype=np.int64)
        pools = _pools(ranked, category if scheme.banding == "category" else np.zeros(len(scores)))
        for members in pools:
            given[:, members] = _by_quota(rank_draws(tried[:, members], Ranking.of(scheme)), scheme)
    known = ~np.isnan(tried)
    published = pd.Index([band.code for band in scheme.bands]).get_indexer(pd.Index(scores["band"]))
    same = known & (np.maximum(given, best) == published)
    counted = known.sum(axis=0)
    return np.where(counted > 0, same.sum(axis=0) / np.maximum(counted, 1), np.nan)


def _absolute(tried: Floats, scheme: Scheme) -> Integers:
    """Bands include their lower bound and look at the score rounded half up to the scheme's decimals."""
    shift = 10**scheme.score_decimals
    shown = np.floor(tried * shift + (0.5 + NUDGE))
    below = np.zeros(tried.shape, dtype=np.int64)
    for band in scheme.bands[:-1]:
        below += shown < float(band.start * shift)
    return below


def _by_quota(ranks: Ranks, scheme: Scheme) -> Integers:
    """A band reaches down to the place that its cumulated share of the units rounds to, half up."""
    shares = np.cumsum([float(band.share or 0) for band in scheme.bands])
    last = np.floor(significant(shares * ranks.shape[1]) + (0.5 + NUDGE))
    return np.asarray(np.minimum((ranks[:, :, None] > last).sum(axis=2), len(last) - 1), dtype=np.int64)
