"""What makes few answers, or the wrong ones, fit to stand for many: weights, robust means, intervals, shrinkage."""

from scoring.samples.proportions import wilson
from scoring.samples.rake import Raked, post_stratify, rake, rake_table
from scoring.samples.robust import median, trimmed_mean, winsorised_mean
from scoring.samples.shrink import Shrunk, shrink, shrink_known
from scoring.samples.trim import Trimmed, design_effect, effective_n, trim

__all__ = [
    "Raked", "Shrunk", "Trimmed", "design_effect", "effective_n", "median", "post_stratify", "rake", "rake_table",
    "shrink", "shrink_known", "trim", "trimmed_mean", "wilson", "winsorised_mean",
]  # fmt: skip
