"""Reading a scheme from a plain mapping (TOML or JSON): everything wrong is reported at once, nothing is ignored."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scoring.scheme.model import ORDERS, PROMISES, Band, Group, Node, Problem, Scheme, SchemeError, Stratum

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
POINTS = range(2, 1002)
DECIMALS = range(7)
SCHEME_KEYS = ("code", "rank_decimals", "order", "groups", "tree", "bands")
LEAF_KEYS = ("code", "weight", "points", "groups", "units")
BRANCH_KEYS = ("code", "weight", "weights", "children")


def parse_scheme(mapping: Mapping[str, Any]) -> Scheme:
    """The scheme that ``mapping`` describes.

    Weights are integers or decimals in quotes and stay exact; the children of a node, the strata of a group and the
    group shares of an indicator sum to exactly 100.

    Raises:
        SchemeError: with every problem found; each names the node, the value and what is allowed.
    """
    reader = _Reader()
    reader.known_keys("scheme", mapping, SCHEME_KEYS)
    groups = tuple(reader.group(item) for item in reader.items("scheme", mapping, "groups"))
    reader.distinct("groups", [group.code for group in groups])
    reader.group_codes = tuple(group.code for group in groups)
    tree = reader.tree(mapping.get("tree"))
    scheme = Scheme(
        code=reader.code("scheme", mapping),
        groups=groups,
        tree=tree,
        bands=reader.bands(mapping),
        rank_decimals=reader.integer("scheme", "rank_decimals", mapping.get("rank_decimals", 1), DECIMALS),
        order=reader.choice("scheme", "order", mapping.get("order", ORDERS[0]), ORDERS),
    )
    if reader.problems:
        raise SchemeError(tuple(reader.problems))
    return scheme


class _Reader:
    """Walks the mapping and collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.group_codes: tuple[str, ...] = ()

    def report(self, node: str, code: str, value: object, allowed: str, **more: str) -> None:
        self.problems.append(Problem(node, code, {"node": node, "value": str(value), "allowed": allowed, **more}))

    def known_keys(self, node: str, mapping: Mapping[str, Any], allowed: Sequence[str]) -> None:
        for key in mapping:
            if key not in allowed:
                self.report(node, "unknown_key", key, ", ".join(allowed))

    def items(self, node: str, mapping: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        """The non-empty list of mappings under ``key``."""
        value = mapping.get(key)
        if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            return value
        self.report(node, "list_needed", key, "a list with at least one entry")
        return []

    def code(self, node: str, mapping: Mapping[str, Any]) -> str:
        value = mapping.get("code", "")
        if isinstance(value, str) and CODE.fullmatch(value):
            return value
        self.report(node, "code_invalid", value, "letters, digits, '_', '-' and '.', 1 to 64 of them")
        return str(value)

    def distinct(self, node: str, codes: Iterable[str]) -> None:
        seen: set[str] = set()
        for code in codes:
            if code in seen:
                self.report(node, "code_repeated", code, "each code once")
            seen.add(code)

    def integer(self, node: str, key: str, value: object, allowed: range) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
            return value
        self.report(node, f"{key}_out_of_range", value, f"a whole number from {allowed.start} to {allowed.stop - 1}")
        return allowed.start

    def choice(self, node: str, key: str, value: object, allowed: tuple[str, ...]) -> str:
        if value in allowed:
            return str(value)
        self.report(node, f"{key}_unknown", value, ", ".join(allowed))
        return allowed[0]

    def number(self, node: str, value: object) -> Fraction:
        """A whole number or a decimal in quotes, from 0 to 100, exactly."""
        text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
        if NUMBER.fullmatch(text) and Fraction(text) <= 100:
            return Fraction(text)
        self.report(node, "number_invalid", value, "a whole number or a decimal in quotes, from 0 to 100")
        return Fraction(0)

    def shares(self, node: str, code: str, values: Sequence[object]) -> list[Fraction]:
        """Percentages as fractions of one; refuses any sum but exactly 100."""
        found = len(self.problems)
        numbers = [self.number(node, value) for value in values]
        total = sum(numbers, Fraction(0))
        if total != 100 and len(self.problems) == found:
            said = format(Decimal(total.numerator) / Decimal(total.denominator), "f")
            self.report(node, code, said, "exactly 100", sum=said)
        return [number / 100 for number in numbers]

    def group(self, mapping: Mapping[str, Any]) -> Group:
        code = self.code("groups", mapping)
        self.known_keys(code, mapping, ("code", "promise", "minimum", "strata"))
        items = self.items(code, mapping, "strata")
        for item in items:
            self.known_keys(code, item, ("code", "weight"))
        weights = self.shares(code, "strata_sum", [item.get("weight", "") for item in items])
        strata = tuple(Stratum(self.code(code, item), weight) for item, weight in zip(items, weights, strict=True))
        self.distinct(code, [stratum.code for stratum in strata])
        promise = self.choice(code, "promise", mapping.get("promise"), PROMISES)
        return Group(code, promise, self.minimum(code, mapping.get("minimum")), strata)

    def minimum(self, node: str, value: object) -> tuple[int, int, int]:
        if isinstance(value, list) and len(value) == 3 and all(type(cut) is int and cut >= 1 for cut in value):
            hidden, overseer, indicative = value
            if hidden <= overseer <= indicative:
                return hidden, overseer, indicative
        self.report(node, "minimum_invalid", value, "three whole numbers from 1, none smaller than the one before")
        return 1, 1, 1

    def tree(self, mapping: object) -> Node:
        if not isinstance(mapping, Mapping):
            self.report("scheme", "tree_needed", mapping, "one node with children")
            return Node("", Fraction(1))
        if "weight" in mapping:
            self.report(str(mapping.get("code", "")), "weight_unexpected", mapping["weight"], "no weight at the top")
        tree = self.node(mapping, Fraction(1))
        self.distinct("tree", [node.code for node in tree.walk()])
        return tree

    def node(self, mapping: Mapping[str, Any], weight: Fraction) -> Node:
        code = self.code("tree", mapping)
        if "children" not in mapping:
            return self.leaf(code, mapping, weight)
        self.known_keys(code, mapping, BRANCH_KEYS)
        items = self.items(code, mapping, "children")
        equal = "weights" in mapping
        weights = self.equal_weights(code, mapping["weights"], items) if equal else self.child_weights(code, items)
        children = tuple(self.node(item, share) for item, share in zip(items, weights, strict=True))
        return Node(code, weight, equal=equal, children=children)

    def child_weights(self, code: str, items: Sequence[Mapping[str, Any]]) -> list[Fraction]:
        return self.shares(code, "weights_sum", [item.get("weight", "") for item in items]) if items else []

    def equal_weights(self, code: str, way: object, items: Sequence[Mapping[str, Any]]) -> list[Fraction]:
        self.choice(code, "weights", way, ("equal",))
        for item in items:
            if "weight" in item:
                self.report(str(item.get("code", "")), "weight_unexpected", item["weight"], f"none: {code} is equal")
        return [Fraction(1, max(len(items), 1))] * len(items)

    def leaf(self, code: str, mapping: Mapping[str, Any], weight: Fraction) -> Node:
        self.known_keys(code, mapping, LEAF_KEYS)
        points = self.integer(code, "points", mapping.get("points"), POINTS)
        groups = mapping.get("groups")
        if not isinstance(groups, Mapping) or not groups:
            self.report(code, "groups_needed", groups, "a share for each group that is asked")
            groups = {}
        for group in groups:
            self.choice(code, "group", group, self.group_codes or ("",))
        shares = self.shares(code, "shares_sum", list(groups.values())) if groups else []
        return Node(code, weight, False, (), points, self.in_order(groups, shares), self.units(code, mapping))

    def in_order(self, groups: Iterable[str], shares: Sequence[Fraction]) -> tuple[tuple[str, Fraction], ...]:
        """Shares in the order of the scheme's groups, so that the order of the file's keys does not matter."""
        known = dict(zip(groups, shares, strict=True))
        return tuple((group, known[group]) for group in self.group_codes if group in known)

    def units(self, code: str, mapping: Mapping[str, Any]) -> tuple[str, ...]:
        if "units" not in mapping:
            return ()
        value = mapping["units"]
        if isinstance(value, list) and value and all(isinstance(unit, str) for unit in value):
            return tuple(sorted(set(value)))
        self.report(code, "units_invalid", value, "a list with at least one unit code")
        return ()

    def bands(self, mapping: Mapping[str, Any]) -> tuple[Band, ...]:
        bands = []
        for item in self.items("scheme", mapping, "bands"):
            self.known_keys("bands", item, ("code", "from"))
            start = self.number("bands", item.get("from", ""))
            bands.append(Band(self.code("bands", item), Decimal(start.numerator) / Decimal(start.denominator)))
        self.distinct("bands", [band.code for band in bands])
        starts = [band.start for band in bands]
        if starts and (starts != sorted(set(starts), reverse=True) or starts[-1] != 0):
            said = ", ".join(str(start) for start in starts)
            self.report("bands", "bands_order", said, "falling bounds, the last one 0")
        return tuple(bands)
