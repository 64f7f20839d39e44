"""What people decide before a score exists: groups, strata, the tree of indicators with its weights, bands."""

from scoring.scheme.model import (
    Band,
    Cap,
    Coverage,
    Group,
    Limit,
    Margin,
    Node,
    Normaliser,
    Problem,
    Scheme,
    SchemeError,
    Simulation,
    Stratum,
)
from scoring.scheme.parse import parse_scheme
from scoring.scheme.reach import reach

__all__ = [
    "Band", "Cap", "Coverage", "Group", "Limit", "Margin", "Node", "Normaliser", "Problem", "Scheme", "SchemeError",
    "Simulation", "Stratum", "parse_scheme", "reach",
]  # fmt: skip
