"""How sure a result is: intervals of figures and scores, ranks under many draws, what moves them most."""

from scoring.uncertainty.acceptability import accept_ranks, rank_weight_sets, weight_sets
from scoring.uncertainty.draws import dirichlet, draw_weights, is_linear, score_draws, simplex, vary
from scoring.uncertainty.intervals import Evidence, bound_means, bound_scores, bound_top, gather_evidence, top_spread
from scoring.uncertainty.ranks import Ranking, outperform, rank_draws, share_within, summarise_ranks
from scoring.uncertainty.robustness import try_ranks
from scoring.uncertainty.sensitivity import Triggers, rank_shift_sensitivity
from scoring.uncertainty.simulate import Draws, simulate
from scoring.uncertainty.sobol import Indices, sobol_indices
from scoring.uncertainty.ties import tie_groups

__all__ = [
    "Draws", "Evidence", "Indices", "Ranking", "Triggers", "accept_ranks", "bound_means", "bound_scores", "bound_top",
    "dirichlet", "draw_weights", "gather_evidence", "is_linear", "outperform", "rank_draws", "rank_shift_sensitivity",
    "rank_weight_sets", "score_draws", "share_within", "simplex", "simulate", "sobol_indices", "summarise_ranks",
    "tie_groups", "top_spread", "try_ranks", "vary", "weight_sets",
]  # fmt: skip
