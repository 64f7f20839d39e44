"""Weights that people state, and what statistics say beside them.

Elicited: ``equal_weights``, ``allocate_budget``, ``order_centroids``, ``swing_weights`` and pairwise comparison
(``prioritise``, ``prioritise_two_levels``, ``merge_judgements``, ``find_worst_triple``). ``diagnose_*`` says how the
data vary, never what is important: no scheme takes its weights from there. All weights are shares that add up to one,
in the order of the names; ``round_to_hundred`` writes them down.
"""

from scoring.weighting.diagnostics import FirstComponent, diagnose_component, diagnose_critic, diagnose_entropy
from scoring.weighting.pairwise import (
    INCONSISTENT_ABOVE,
    RANDOM_INDEX,
    Hierarchy,
    Judgements,
    Priorities,
    compare_pairs,
    merge_judgements,
    prioritise,
    prioritise_two_levels,
    read_judgements,
)
from scoring.weighting.rounding import round_to_hundred
from scoring.weighting.stated import Budget, allocate_budget, equal_weights, order_centroids, swing_weights
from scoring.weighting.triples import Triple, find_worst_triple

__all__ = [
    "INCONSISTENT_ABOVE",
    "RANDOM_INDEX",
    "Budget",
    "FirstComponent",
    "Hierarchy",
    "Judgements",
    "Priorities",
    "Triple",
    "allocate_budget",
    "compare_pairs",
    "diagnose_component",
    "diagnose_critic",
    "diagnose_entropy",
    "equal_weights",
    "find_worst_triple",
    "merge_judgements",
    "order_centroids",
    "prioritise",
    "prioritise_two_levels",
    "read_judgements",
    "round_to_hundred",
    "swing_weights",
]
