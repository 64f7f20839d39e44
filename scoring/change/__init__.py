"""Explanations across results: what changed between periods, what would change a result, how firmly weights hold it."""

from scoring.change.gaps import explain_against_category, explain_gaps
from scoring.change.goals import Goal, Situation, points_to_band, points_to_pass
from scoring.change.periods import Period, bound_difference, split_change
from scoring.change.strengths import Peers, Rule, strengths
from scoring.change.swaps import Criteria, Swap, smallest_swap, stability

__all__ = [
    "Criteria", "Goal", "Peers", "Period", "Rule", "Situation", "Swap", "bound_difference",
    "explain_against_category", "explain_gaps",
    "points_to_band", "points_to_pass", "smallest_swap", "split_change", "stability", "strengths",
]  # fmt: skip
