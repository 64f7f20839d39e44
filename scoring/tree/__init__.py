"""Scores up the tree: aggregations with their derivatives, coverage, caps, both orders of groups and nodes."""

from scoring.tree.evaluate import evaluate
from scoring.tree.means import AGGREGATIONS, aggregate_children, slope_children
from scoring.tree.model import Scores, Values, Weights, weights_of
from scoring.tree.outranking import copeland, outranking

__all__ = [
    "AGGREGATIONS", "Scores", "Values", "Weights", "aggregate_children", "copeland", "evaluate", "outranking",
    "slope_children", "weights_of",
]  # fmt: skip
