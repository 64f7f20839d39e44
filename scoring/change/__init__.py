"""Explanations across results: what changed between periods, what would change a result, how firmly weights hold it."""

from scoring.change.strengths import Peers, Rule, strengths
from scoring.change.swaps import Criteria, Swap, smallest_swap, stability

__all__ = ["Criteria", "Peers", "Rule", "Swap", "smallest_swap", "stability", "strengths"]
