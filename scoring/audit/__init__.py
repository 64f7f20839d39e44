"""Questions about the weights and figures of a result, before it is believed."""

from scoring.audit.correlations import correlate, correlation_ratio, flag_pairs, kendall, pearson, spearman
from scoring.audit.figures import find_constant, gap_share, map_coverage
from scoring.audit.influence import effective_weights, importance, influence
from scoring.audit.structure import Dominance, Removal, alphas, dominance, remove_each

__all__ = [
    "Dominance", "Removal", "alphas", "correlate", "correlation_ratio", "dominance", "effective_weights",
    "find_constant", "flag_pairs", "gap_share", "importance", "influence", "kendall", "map_coverage", "pearson",
    "remove_each", "spearman",
]  # fmt: skip
