"""Questions about the weights and figures of a result, before it is believed."""

from scoring.audit.correlations import correlate, correlation_ratio, flag_pairs, kendall, pearson, spearman
from scoring.audit.influence import effective_weights, importance, influence

__all__ = [
    "correlate", "correlation_ratio", "effective_weights", "flag_pairs", "importance", "influence", "kendall",
    "pearson", "spearman",
]  # fmt: skip
