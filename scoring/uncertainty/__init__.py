"""How sure a result is: intervals of figures and scores, ranks under many draws, what moves them most."""

from scoring.uncertainty.intervals import Evidence, bound_means, bound_scores, gather_evidence, top_spread

__all__ = ["Evidence", "bound_means", "bound_scores", "gather_evidence", "top_spread"]
