"""What people decide before a score exists: groups, strata, the tree of indicators with its weights, bands."""

from scoring.scheme.model import Band, Group, Node, Problem, Scheme, SchemeError, Stratum
from scoring.scheme.parse import parse_scheme

__all__ = ["Band", "Group", "Node", "Problem", "Scheme", "SchemeError", "Stratum", "parse_scheme"]
