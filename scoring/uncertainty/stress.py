"""How scores and ranks hold when the method is another one: weights, means, rules for gaps, a part or a group left out.

One change at a time gives a scenario with ranks of its own; drawn weights and sampling errors give a range of ranks;
all weights there are give the share in which a unit is first (``acceptability``); Sobol's indices say which kind of
choice moves the ranks most (``sensitivity``). Ranks are those inside a category.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from scoring.frames import Flags, Floats, Integers
from scoring.scheme import Node, Scheme, Simulation
from scoring.tree import Values, evaluate, weights_of
from scoring.uncertainty.draws import draw_weights, score_draws, simplex
from scoring.uncertainty.intervals import Evidence
from scoring.uncertainty.ranks import Ranking, Ranks, rank_draws, share_within, summarise_ranks
from scoring.uncertainty.sensitivity import Triggers, rank_shift_sensitivity
from scoring.uncertainty.simulate import Draws, simulate
from scoring.uncertainty.ties import tie_groups

HALF_WIDTH = Fraction(1, 4)
"""Each weight is drawn between three quarters and five quarters of itself."""
DRAWS = 1000
TOP = 3
LEAST = Fraction(1, 100)
"""Where a mean needs values above 0, a range that begins there begins at this share of its width instead."""


@dataclass(frozen=True, eq=False)
class Contest:
    """Ranked units: their figures, the evidence behind them, the scheme, the category of each.

    ``added`` (units,) is bonus less deductions.
    """

    values: Values
    evidence: Evidence
    scheme: Scheme
    categories: Sequence[str]
    added: Floats

    def ranks(self, scores: Floats, ranking: Ranking | None = None) -> Ranks:
        """Ranks inside the categories, shape (draws, units), of scores of that shape before ``added``."""
        found = np.zeros(scores.shape, dtype=np.int64)
        for members in self.pools():
            tried = scores[:, members] + self.added[members]
            found[:, members] = rank_draws(tried, ranking or Ranking.of(self.scheme))
        return found

    def pools(self) -> list[Integers]:
        """Positions of the units of each category."""
        own = np.array(self.categories)
        return [np.flatnonzero(own == one) for one in dict.fromkeys(self.categories)]


@dataclass(frozen=True, eq=False)
class Scenario:
    """The ranks (units,) when one thing is done otherwise.

    ``kind``: "mean" (``code`` names it), "equal" (weights), "lowest" (what is missing counts as the lowest value),
    "indicator" or "group" (``code`` is left out).
    """

    kind: str
    code: str
    ranks: Ranks


@dataclass(frozen=True, eq=False)
class Stress:
    """How ranks hold, a row a unit in ``units``, and what moves them (``shares``, as ``rank_shift_sensitivity``).

    Columns of ``units``: rank, median, low, high (5th and 95th percentile), top (P(rank <= 3)), first (P(first) under
    any weights), tie_group, best and worst rank of the scenarios; probabilities are shares of one.
    """

    units: pd.DataFrame
    scenarios: tuple[Scenario, ...]
    shares: pd.DataFrame


def put_to_test(contest: Contest, seed: int) -> Stress:
    """All of it; same seed, same numbers."""
    own = evaluate(contest.values, contest.scheme, gradient=False).score[:, :1].T
    rank = contest.ranks(own)[0]
    found = tuple(try_scenarios(contest))
    every = np.stack([rank, *(scenario.ranks for scenario in found)])
    ranks = contest.ranks(draw_scores(contest, seed).scores)
    rng = np.random.Generator(np.random.PCG64(seed))
    any_weights = draw_weights(contest.scheme, simplex(), DRAWS, rng)
    anyhow = contest.ranks(score_draws(contest.values, contest.scheme, any_weights))
    summary = summarise_ranks(ranks)
    units = pd.DataFrame(
        {
            "rank": rank,
            "median": summary.median,
            "low": summary.low,
            "high": summary.high,
            "top": share_within(ranks, TOP),
            "first": share_within(anyhow, 1),
            "tie_group": _ties(contest, ranks, rank),
            "best": np.where(every > 0, every, len(rank) + 1).min(axis=0),
            "worst": every.max(axis=0),
        }
    )
    return Stress(units, found, _shares(contest, seed))


def draw_scores(contest: Contest, seed: int) -> Draws:
    """Scores under other answers of the same people and weights a quarter up or down, together."""
    tried = replace(contest.scheme, simulation=Simulation(DRAWS, HALF_WIDTH))
    return simulate(contest.values, contest.evidence, tried, seed)


def try_scenarios(contest: Contest) -> Iterator[Scenario]:
    """One change at a time, and the ranks it gives.

    >>> from scoring.scheme import Node
    >>> leaves = (Node("ease", Fraction(3, 4)), Node("cost", Fraction(1, 4)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> values = Values(np.empty((2, 2, 0)), np.array([[80.0, 10.0], [60.0, 60.0]]), np.ones((2, 2), dtype=bool))
    >>> contest = Contest(values, None, scheme, ["A", "A"], np.zeros(2))
    >>> [(one.kind, one.code, one.ranks.tolist()) for one in try_scenarios(contest)][:3]
    [('mean', 'geometric', [2, 1]), ('equal', '', [2, 1]), ('lowest', '', [1, 2])]
    """
    values, scheme = contest.values, contest.scheme
    lifted, high = lift(values, scheme)
    other = "arithmetic" if scheme.tree.aggregation == "geometric" else "geometric"
    yield _scenario(contest, "mean", other, (lifted, replace(high, tree=_with(high.tree, aggregation=other))))
    yield _scenario(contest, "equal", "", (values, replace(scheme, tree=_equal(scheme.tree))))
    yield _scenario(contest, "lowest", "", (values, replace(scheme, tree=_with(scheme.tree, missing="lowest"))))
    leaves = scheme.leaves()
    for place, leaf in enumerate(leaves if len(leaves) > 1 else ()):
        yield _scenario(contest, "indicator", leaf.code, (_without(values, _column(len(leaves), place)), scheme))
    for place, group in enumerate(scheme.groups if len(scheme.groups) > 1 else ()):
        yield _scenario(contest, "group", group.code, (_without_group(values, scheme, place), scheme))


def lift(values: Values, scheme: Scheme) -> tuple[Values, Scheme]:
    """Figures and scheme with every range above 0, so that a geometric mean takes them."""
    leaves = scheme.leaves()
    bounds = np.array([leaf.output for leaf in leaves], dtype=np.float64)
    least = np.where(bounds[:, 0] <= 0, float(LEAST) * (bounds[:, 1] - bounds[:, 0]), bounds[:, 0])
    rated, given = np.maximum(values.rated, least[:, None]), np.maximum(values.given, least)
    return Values(rated, given, values.applies), replace(scheme, tree=_lifted(scheme.tree))


def _lifted(node: Node) -> Node:
    low, high = node.output
    output = (LEAST * (high - low), high) if low <= 0 else node.output
    return replace(node, output=output, children=tuple(_lifted(child) for child in node.children))


def _scenario(contest: Contest, kind: str, code: str, way: tuple[Values, Scheme]) -> Scenario:
    return Scenario(kind, code, contest.ranks(evaluate(*way, gradient=False).score[:, :1].T)[0])


def _with(node: Node, **change: str) -> Node:
    """The node and all branches below with something changed."""
    if not node.children:
        return node
    return replace(node, children=tuple(_with(child, **change) for child in node.children), **change)  # type: ignore[arg-type]


def _equal(node: Node) -> Node:
    """The tree with equal weights among siblings; a weight of 0 stays 0."""
    counted = sum(1 for child in node.children if child.weight)
    shared = tuple(
        replace(_equal(child), weight=Fraction(1, counted) if child.weight else child.weight) for child in node.children
    )
    return replace(node, children=shared)


def _column(size: int, place: int) -> Flags:
    return np.asarray(np.arange(size) == place, dtype=bool)


def _without(values: Values, leaves: Flags) -> Values:
    return replace(values, applies=values.applies & ~leaves)


def _without_group(values: Values, scheme: Scheme, place: int) -> Values:
    """What the group alone rates does not apply; elsewhere its weight goes to the other groups."""
    shares = weights_of(scheme).shares > 0
    others = shares.copy()
    others[:, place] = False
    rated = values.rated.copy()
    rated[:, :, place] = np.nan
    alone = np.asarray(shares.any(axis=1) & ~others.any(axis=1), dtype=bool)
    return _without(replace(values, rated=rated), alone)


def _ties(contest: Contest, ranks: Ranks, rank: Ranks) -> Integers:
    found = np.zeros(len(rank), dtype=np.int64)
    for members in contest.pools():
        found[members] = tie_groups(ranks[:, members], np.argsort(rank[members], kind="stable"))
    return found


def _shares(contest: Contest, seed: int) -> pd.DataFrame:
    values, scheme = lift(contest.values, contest.scheme)
    other = "arithmetic" if scheme.tree.aggregation == "geometric" else "geometric"
    triggers = Triggers(raters=True, weights=float(HALF_WIDTH), methods=(other,), missing=True)
    return rank_shift_sensitivity(values, contest.evidence, scheme, triggers, seed)
