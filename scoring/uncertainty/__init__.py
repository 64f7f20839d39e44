"""How sure a result is: intervals of figures and scores."""

from scoring.uncertainty.intervals import Evidence, bound_means, bound_scores, constant_error, weights_below

__all__ = ["Evidence", "bound_means", "bound_scores", "constant_error", "weights_below"]
