"""Reading a scheme from a plain mapping (TOML or JSON): everything wrong is reported at once, nothing is ignored."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from scoring.scheme.checks import check_methods, check_tree
from scoring.scheme.model import BANDINGS, ORDERS, PUBLICATIONS, RANK_TIES, Group, Node, Scheme, SchemeError
from scoring.scheme.parse_bands import read_adjustments, read_bands, read_limits, read_simulation
from scoring.scheme.parse_groups import read_groups
from scoring.scheme.parse_tree import read_tree
from scoring.scheme.reach import reach
from scoring.scheme.reader import Reader

DECIMALS = range(7)
SCHEME_KEYS = (
    "code", "rank_decimals", "order", "groups", "tree", "bands", "score_decimals", "rank_ties", "tie_margin", "banding",
    "publication", "bonus", "deductions", "vetoes", "limiters", "simulation",
)  # fmt: skip
DEFAULTS = Scheme("", (), Node("", Fraction(1)), ())


def parse_scheme(mapping: Mapping[str, Any]) -> Scheme:
    """The scheme that ``mapping`` describes.

    Numbers are integers or decimals in quotes and stay exact; the children of a node, the strata of a group and the
    group shares of an indicator sum to exactly 100.

    Raises:
        SchemeError: with every problem found; each names the node, the value and what is allowed.
    """
    reader = Reader()
    reader.known_keys("scheme", mapping, SCHEME_KEYS)
    order = _choice(reader, mapping, "order", ORDERS)
    groups = read_groups(reader, mapping, order)
    tree, is_sound = _tree(reader, mapping, groups)
    lowest = reach(tree)[0] if is_sound else None
    banding = _choice(reader, mapping, "banding", BANDINGS)
    bands = read_bands(reader, mapping, banding, lowest)
    grades = tuple(band.code for band in bands)
    adjustments = read_adjustments(reader, mapping)
    scheme = Scheme(
        code=reader.code("scheme", mapping),
        groups=groups,
        tree=tree,
        bands=bands,
        rank_decimals=_decimals(reader, mapping, "rank_decimals"),
        order=order,
        score_decimals=_decimals(reader, mapping, "score_decimals"),
        rank_ties=_choice(reader, mapping, "rank_ties", RANK_TIES),
        tie_margin=reader.decimal("scheme", "tie_margin", mapping.get("tie_margin", 0), "at least 0"),
        banding=banding,
        bonus_cap=adjustments.bonus_cap,
        deduction_cap=adjustments.deduction_cap,
        self_reported_counts=adjustments.self_reported_counts,
        vetoes=read_limits(reader, mapping, "vetoes", grades),
        limiters=read_limits(reader, mapping, "limiters", grades),
        publication=_choice(reader, mapping, "publication", PUBLICATIONS),
        simulation=read_simulation(reader, mapping),
    )
    if is_sound:
        check_methods(reader, tree, scheme.simulation.methods)
    if reader.problems:
        raise SchemeError(tuple(reader.problems))
    return scheme


def _tree(reader: Reader, mapping: Mapping[str, Any], groups: tuple[Group, ...]) -> tuple[Node, bool]:
    """The tree, and whether nothing is wrong with it."""
    mark = len(reader.problems)
    tree = read_tree(reader, mapping.get("tree"), [group.code for group in groups])
    if not groups and any(leaf.is_rated for leaf in tree.walk() if not leaf.children):
        reader.report("scheme", "list_needed", "groups", "a list with at least one entry")
    if reader.is_clean_since(mark):
        check_tree(reader, tree)
    return tree, reader.is_clean_since(mark)


def _choice(reader: Reader, mapping: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    return reader.choice("scheme", key, mapping.get(key, getattr(DEFAULTS, key)), allowed)


def _decimals(reader: Reader, mapping: Mapping[str, Any], key: str) -> int:
    return reader.integer("scheme", key, mapping.get(key, getattr(DEFAULTS, key)), DECIMALS)
