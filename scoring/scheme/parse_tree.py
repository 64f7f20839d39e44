"""Reading the tree: dimensions with the weights of their children, how they are joined, and what must be there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from scoring.scheme.model import AGGREGATIONS, MISSING, Cap, Coverage, Node
from scoring.scheme.parse_leaf import Shares, read_leaf, read_shares
from scoring.scheme.reader import Reader

BRANCH_KEYS = (
    "code", "weight", "weights", "children", "aggregation", "power", "missing", "coverage", "caps", "groups",
)  # fmt: skip
SHARED_OUT = ("children", "weight")
POWERS = range(-100, 101)
Item = Mapping[str, Any]


def read_tree(reader: Reader, mapping: object, groups: Sequence[str]) -> Node:
    """The whole tree; ``groups`` are the codes of the scheme's groups in their order."""
    if not isinstance(mapping, Mapping):
        reader.report("scheme", "tree_needed", mapping, "one node with children")
        return Node("", Fraction(1))
    if "weight" in mapping:
        reader.report(str(mapping.get("code", "")), "weight_unexpected", mapping["weight"], "no weight at the top")
    tree = _TreeReader(reader, groups).node(mapping, ())
    reader.distinct("tree", [node.code for node in tree.walk()])
    return tree


class _TreeReader:
    """Walks down the tree; ``inherited`` are the group shares that a branch above sets for its leaves."""

    def __init__(self, reader: Reader, groups: Sequence[str]) -> None:
        self.reader = reader
        self.groups = groups

    def node(self, mapping: Item, inherited: Shares) -> Node:
        if "children" not in mapping:
            return read_leaf(self.reader, mapping, self.groups, inherited)
        code = self.reader.code("tree", mapping)
        self.reader.known_keys(code, mapping, BRANCH_KEYS)
        if "groups" in mapping:
            inherited = read_shares(self.reader, code, mapping, self.groups)
        items = self.reader.items(code, mapping, "children")
        weights = self.weights(code, mapping, items)
        children = tuple(
            replace(self.node(item, inherited), weight=weight) for item, weight in zip(items, weights, strict=True)
        )
        aggregation = self.reader.choice(code, "aggregation", mapping.get("aggregation", AGGREGATIONS[0]), AGGREGATIONS)
        return Node(
            code=code,
            weight=Fraction(1),
            equal="weights" in mapping,
            children=children,
            aggregation=aggregation,
            power=self.power(code, mapping, aggregation),
            missing=self.reader.choice(code, "missing", mapping.get("missing", MISSING[0]), MISSING),
            coverage=self.coverage(code, mapping, len(items)),
            caps=self.caps(code, mapping, tuple(child.code for child in children)),
        )

    def weights(self, code: str, mapping: Item, items: Sequence[Item]) -> list[Fraction]:
        if "weights" in mapping:
            return self.equal_weights(code, mapping["weights"], items)
        return self.reader.shares(code, "weights_sum", [item.get("weight", "") for item in items]) if items else []

    def equal_weights(self, code: str, way: object, items: Sequence[Item]) -> list[Fraction]:
        self.reader.choice(code, "weights", way, ("equal",))
        for item in items:
            if "weight" in item:
                named = str(item.get("code", ""))
                self.reader.report(named, "weight_unexpected", item["weight"], f"none: {code} is equal")
        return [Fraction(1, max(len(items), 1))] * len(items)

    def power(self, code: str, mapping: Item, aggregation: str) -> Fraction:
        if aggregation != "power":
            if "power" in mapping:
                self.reader.report(code, "power_unexpected", mapping["power"], "none: only with aggregation power")
            return Fraction(1)
        power = self.reader.decimal(code, "power", mapping.get("power", ""), "not 0")
        if not POWERS[0] <= power <= POWERS[-1]:
            self.reader.report(code, "power_out_of_range", mapping["power"], f"power: {POWERS[0]} to {POWERS[-1]}")
        return power

    def coverage(self, code: str, mapping: Item, children: int) -> Coverage:
        said = self.reader.table(code, mapping, "coverage")
        self.reader.known_keys(code, said, ("share", "of", "count"))
        of = self.reader.choice(code, "of", said.get("of", SHARED_OUT[0]), SHARED_OUT)
        count = self.reader.integer(code, "count", said.get("count", 0), range(children + 1))
        return Coverage(self.reader.number(code, said.get("share", 0)) / 100, of == "weight", count)

    def caps(self, code: str, mapping: Item, children: tuple[str, ...]) -> tuple[Cap, ...]:
        items = self.reader.items(code, mapping, "caps") if "caps" in mapping else []
        return tuple(self.cap(code, item, children) for item in items)

    def cap(self, code: str, item: Item, children: tuple[str, ...]) -> Cap:
        self.reader.known_keys(code, item, ("child", "below", "limit"))
        child = self.reader.choice(code, "child", item.get("child"), children or ("",))
        below = self.reader.decimal(code, "below", item.get("below", ""))
        return Cap(child, below, self.reader.decimal(code, "limit", item.get("limit", "")))
