"""Exact division of a score, or of the gap between two, among the figures that make it.

Used by the stage that explains scores and by the questions about changes and weights; sits on ``scoring.tree``.
"""

from scoring.attribution.chain import Division, average_unit, divide_gaps, divide_scores
from scoring.attribution.node import WEIGHING, Mean, divide_gap
from scoring.attribution.shapley import MOST_PLAYERS, shapley

__all__ = [
    "MOST_PLAYERS", "WEIGHING", "Division", "Mean", "average_unit", "divide_gap", "divide_gaps", "divide_scores",
    "shapley",
]  # fmt: skip
