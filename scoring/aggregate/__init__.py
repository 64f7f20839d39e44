"""Stage 5: one figure a unit, indicator and group, and what few answers take away from it."""

from scoring.aggregate.figures import aggregate
from scoring.aggregate.settle import Settled, settle

__all__ = ["Settled", "aggregate", "settle"]
