"""What moves the ranks most: raters, weights, methods, normalisers or the rule for missing children.

The output is the mean absolute shift of the units' ranks against the published way of scoring; its variance is split
among the triggers by Sobol's indices. Each trigger picks from a bank of alternatives: drawn weights, drawn sampling
errors (the delta method's, for each way of scoring), methods at the top, sets of figures normalised in other ways, and
the two rules for missing children.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from scoring.frames import Floats, InputError
from scoring.scheme import Node, Scheme
from scoring.scheme.model import MISSING
from scoring.tree import Values, evaluate
from scoring.uncertainty.draws import draw_weights, score_draws, vary
from scoring.uncertainty.intervals import Evidence, top_spread
from scoring.uncertainty.ranks import Ranking, Ranks, rank_draws
from scoring.uncertainty.simulate import replace_method
from scoring.uncertainty.sobol import sobol_indices

BANK = 128
BLOCK = 4096
TRIGGERS = ("normaliser", "aggregation", "missing", "weights", "raters")


@dataclass(frozen=True)
class Triggers:
    """What may change: each trigger is left out at its default.

    ``raters`` draws sampling errors; ``weights`` is the relative half-width of each weight; ``methods`` are other
    aggregations of the top; ``normalised`` other values of the same figures; ``missing`` tries both rules everywhere.
    ``samples`` of the design; powers of two are best.
    """

    raters: bool = False
    weights: float = 0.0
    methods: tuple[str, ...] = ()
    normalised: tuple[Values, ...] = ()
    missing: bool = False
    samples: int = 256


def rank_shift_sensitivity(
    values: Values, evidence: Evidence, scheme: Scheme, triggers: Triggers, seed: int
) -> pd.DataFrame:
    """One row a trigger that may change: its first-order and total index with 95 % intervals, shares of one.

    Columns: trigger, first, first_low, first_high, total, total_low, total_high. NaN when no rank ever shifts. All
    units are ranked together. Same seed, same table.

    Raises:
        InputError: no trigger may change, or an alternative does not take the figures.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    bank = _fill(values, evidence, scheme, triggers, rng)
    names = [name for name, size in bank.sizes() if size > 1]
    if not names:
        raise InputError("triggers: none may change; at least one of raters, weights, methods, normalised, missing")
    found = sobol_indices(bank.shifts, len(names), triggers.samples, rng)
    columns = ("first", "first_low", "first_high", "total", "total_low", "total_high")
    return pd.DataFrame({"trigger": names} | {column: getattr(found, column) for column in columns})


@dataclass(frozen=True)
class _Bank:
    """Alternatives: ``scores`` has shape (normalised, methods, rules, weights, units), ``sizes`` without weights.

    ``error`` are the standard errors by normalised, methods, rules and unit; ``drawn`` (raters, units) counts them.
    ``published`` (units,) are the ranks to compare with, 0 where there is none.
    """

    scores: Floats
    error: Floats
    drawn: Floats
    published: Ranks
    ranking: Ranking

    def sizes(self) -> list[tuple[str, int]]:
        """Each trigger and how many alternatives it has."""
        return list(zip(TRIGGERS, (*self.scores.shape[:-1], len(self.drawn)), strict=True))

    def shifts(self, points: Floats) -> Floats:
        """Mean absolute shift of ranks at points of the unit cube, one column for each trigger that may change."""
        columns = iter(points.T)
        picked = [
            (size * next(columns)).astype(np.int64) if size > 1 else np.zeros(len(points), dtype=np.int64)
            for _, size in self.sizes()
        ]
        found = np.empty(len(points))
        for start in range(0, len(points), BLOCK):
            way = tuple(one[start : start + BLOCK] for one in picked)
            scores = self.scores[way[:4]] + self.error[way[:3]] * self.drawn[way[4]]
            ranks = rank_draws(scores, self.ranking)
            both = (ranks > 0) & (self.published > 0)
            shift = np.abs(ranks.astype(np.float64) - self.published) * both
            found[start : start + BLOCK] = shift.sum(axis=1) / np.maximum(both.sum(axis=1), 1)
        return found


def _fill(values: Values, evidence: Evidence, scheme: Scheme, triggers: Triggers, rng: np.random.Generator) -> _Bank:
    weights = draw_weights(scheme, vary(triggers.weights), BANK if triggers.weights else 1, rng)
    figures = (values, *triggers.normalised)
    methods = (scheme, *(replace_method(scheme, method) for method in triggers.methods))
    rules = MISSING if triggers.missing else ("",)
    scores = np.empty((len(figures), len(methods), len(rules), len(weights.within), len(values.rated)))
    error = np.empty((*scores.shape[:3], scores.shape[4]))
    for at in np.ndindex(*scores.shape[:3]):
        way = replace(methods[at[1]], tree=_ruled(methods[at[1]].tree, rules[at[2]]))
        scores[at] = score_draws(figures[at[0]], way, weights)
        error[at] = np.nan_to_num(np.sqrt(top_spread(figures[at[0]], evidence, way).variance))
    drawn = np.zeros((1, scores.shape[4]))
    if triggers.raters:
        freedom = top_spread(values, evidence, scheme).freedom
        drawn = rng.standard_t(freedom, (BANK, len(freedom)))
    ranking = Ranking.of(scheme)
    own = evaluate(values, scheme, gradient=False).score[:, 0]
    return _Bank(scores, error, drawn, rank_draws(own[None], ranking)[0], ranking)


def _ruled(node: Node, rule: str) -> Node:
    """The node and all below with this rule for missing children; as they are when it is empty."""
    children = tuple(_ruled(child, rule) for child in node.children)
    return replace(node, children=children, missing=rule or node.missing)
