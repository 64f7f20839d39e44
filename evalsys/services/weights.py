"""The weights of a scheme as people read and change them: families that share one sum, effects, differences."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from evalsys.errors import Invalid
from evalsys.i18n import _l
from evalsys.services.content import Text, names
from scoring.scheme import Node, Scheme, SchemeError, parse_scheme

SCHEMES_IN_MEMORY = 32
NODE, SHARES, STRATA, OUTSIDE = "n-", "g-", "s-", "o-"
Weights = Mapping[str, Mapping[str, Decimal | None]]

PROBLEMS = {
    "weights_sum": _l("%(node)s: the weights add up to %(sum)s. They must add up to exactly 100."),
    "shares_sum": _l("%(node)s: the shares of the groups add up to %(sum)s. They must add up to exactly 100."),
    "strata_sum": _l("%(node)s: the weights of its strata add up to %(sum)s. They must add up to exactly 100."),
    "number_invalid": _l("%(node)s: “%(value)s” is not a number from 0 to 100 with at most 6 decimals."),
}
OTHER_PROBLEM = _l("%(node)s: “%(value)s” cannot be used here; allowed is: %(allowed)s.")


@dataclass(frozen=True)
class Member:
    """One weight of a family, in percent."""

    code: str
    name: Text
    percent: Decimal


@dataclass(frozen=True)
class WeightFamily:
    """Weights that add up to exactly 100.

    `kind`: "node" (a level of the tree), "outside" (groups, each with an index of its own), "shares" (groups that
    judge one indicator), "strata".
    """

    code: str
    kind: str
    name: Text
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Effect:
    """What an indicator counts in the whole score, in percent; `before` is empty without something to compare with."""

    code: str
    name: Text
    after: Decimal
    before: Decimal | None = None


@dataclass(frozen=True)
class Change:
    """One weight that differs between two versions; a side is empty when the weight exists only on the other.

    `key` holds the codes of family and member.
    """

    family: Text
    kind: str
    name: Text
    before: Decimal | None
    after: Decimal | None
    key: tuple[str, str] = ("", "")

    @property
    def points(self) -> Decimal:
        """By how many points it moves, below 0 when it falls; what is new or gone counts from 0 or to 0."""
        return _plain((self.after or Decimal(0)) - (self.before or Decimal(0)))


class Labels:
    """Names of everything a scheme mentions, in one language; a code stands for itself where there is no name.

    What is never asked for is never read.
    """

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._names: dict[str, dict[str, Text]] = {}

    def of(self, entity: str, code: str) -> Text:
        """The name of one thing."""
        return self._known(entity).get(code) or Text(code, "")

    def node(self, code: str) -> Text:
        """The name of a node of the tree, be it a dimension or an indicator."""
        return self._known("dimension").get(code) or self.of("indicator", code)

    def anything(self, code: str) -> Text:
        """The name of whatever bears this code: a group, a stratum, or a node of the tree."""
        return self._known("group").get(code) or self._known("stratum").get(code) or self.node(code)

    def _known(self, entity: str) -> dict[str, Text]:
        if entity not in self._names:
            self._names[entity] = names(entity, self._locale)
        return self._names[entity]


@lru_cache(maxsize=SCHEMES_IN_MEMORY)
def scheme_of(body: str) -> Scheme:
    """The scheme that a stored version holds; nothing of it can change, so it is read once."""
    return parse_scheme(json.loads(body))


def read_scheme(mapping: Mapping[str, Any]) -> Scheme:
    """The scheme of a mapping; raises Invalid with every problem found."""
    try:
        return parse_scheme(mapping)
    except SchemeError as error:
        problems = [(PROBLEMS.get(found.code, OTHER_PROBLEM), found.params) for found in error.problems]
        raise Invalid("These weights cannot be used.", problems=problems) from error


def asked_by(scheme: Scheme) -> frozenset[tuple[str, str]]:
    """Every (group, indicator) that the scheme counts."""
    return frozenset(
        (group, leaf.code)
        for leaf, weight in leaf_weights(scheme)
        for group, share in leaf.shares
        if weight > 0 and share > 0
    )


def leaf_weights(scheme: Scheme) -> list[tuple[Node, Fraction]]:
    """The indicators with their share of the whole score."""
    if scheme.order == "group-inside":
        return list(_descend(scheme.tree, Fraction(1)))
    total = {leaf.code: Fraction(0) for leaf in scheme.leaves()}
    for group in scheme.groups:
        for leaf, weight in _descend(scheme.tree, group.weight or Fraction(0), group.code):
            total[leaf.code] += weight
    return [(leaf, total[leaf.code]) for leaf in scheme.leaves()]


def group_weights(scheme: Scheme) -> dict[str, Decimal]:
    """What each group counts in the whole score, in percent."""
    total = {group.code: group.weight or Fraction(0) for group in scheme.groups}
    if scheme.order == "group-inside":
        for leaf, weight in leaf_weights(scheme):
            for group, share in leaf.shares:
                total[group] += weight * share
    return {code: percent(weight) for code, weight in total.items()}


def families_of(scheme: Scheme, labels: Labels) -> tuple[WeightFamily, ...]:
    """The families of two and more in page order: the tree from the top, groups, shares of groups, strata."""
    found = [
        WeightFamily(NODE + node.code, "node", labels.node(node.code), _children(node, labels))
        for node in scheme.nodes()
        if node.children and not node.equal
    ]
    if scheme.order == "group-outside":
        voices = tuple(
            Member(g.code, labels.of("group", g.code), percent(g.weight or Fraction(0))) for g in scheme.groups
        )
        found.append(WeightFamily(OUTSIDE + scheme.tree.code, "outside", labels.node(scheme.tree.code), voices))
    for leaf in scheme.leaves():
        shares = tuple(Member(code, labels.of("group", code), percent(share)) for code, share in leaf.shares)
        found.append(WeightFamily(SHARES + leaf.code, "shares", labels.node(leaf.code), shares))
    for group in scheme.groups:
        weighed = () if group.margins else group.strata
        strata = tuple(Member(s.code, labels.of("stratum", s.code), percent(s.weight)) for s in weighed)
        found.append(WeightFamily(STRATA + group.code, "strata", labels.of("group", group.code), strata))
    return tuple(family for family in found if len(family.members) > 1)


def with_weights(scheme: Scheme, weights: Weights) -> Scheme:
    """The same scheme with other weights; what `weights` does not name stays. Raises Invalid with every problem."""
    mapping = copy.deepcopy(scheme.to_mapping())
    for node in _branches(mapping["tree"]):
        for child in node["children"]:
            _put(child, "weight", weights.get(NODE + node["code"], {}).get(child["code"]))
    for leaf in _leaves(mapping["tree"]):
        for group in leaf.get("groups", {}):
            _put(leaf["groups"], group, weights.get(SHARES + leaf["code"], {}).get(group))
    for group in mapping["groups"]:
        _put(group, "weight", weights.get(OUTSIDE + scheme.tree.code, {}).get(group["code"]))
        for stratum in group["strata"]:
            _put(stratum, "weight", weights.get(STRATA + group["code"], {}).get(stratum["code"]))
    return read_scheme(mapping)


def effects_of(scheme: Scheme, former: Scheme | None, labels: Labels) -> tuple[Effect, ...]:
    """What each indicator counts in the whole score, with what it counted in `former`."""
    before = {leaf.code: percent(weight) for leaf, weight in leaf_weights(former)} if former else {}
    return tuple(
        Effect(leaf.code, labels.node(leaf.code), percent(weight), before.get(leaf.code))
        for leaf, weight in leaf_weights(scheme)
    )


def changes_between(former: Scheme, new: Scheme, labels: Labels) -> tuple[Change, ...]:
    """The weights that differ, in page order, those that are gone last."""
    old = {(family.code, m.code): (family, m) for family in families_of(former, labels) for m in family.members}
    now = {(family.code, m.code): (family, m) for family in families_of(new, labels) for m in family.members}
    changes = []
    for key in [*now, *(key for key in old if key not in now)]:
        family, member = now.get(key) or old[key]
        before = old[key][1].percent if key in old else None
        after = now[key][1].percent if key in now else None
        if before != after:
            changes.append(Change(family.name, family.kind, member.name, before, after, key))
    return tuple(changes)


def percent(share: Fraction) -> Decimal:
    """A share of one as percent: exact where a decimal can be, else to 12 places; written without an exponent."""
    hundred = share * 100
    return _plain((Decimal(hundred.numerator) / Decimal(hundred.denominator)).quantize(Decimal("1e-12")))


def _plain(number: Decimal) -> Decimal:
    """Without trailing zeros, and without an exponent."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _descend(node: Node, weight: Fraction, group: str = "") -> Iterator[tuple[Node, Fraction]]:
    """The indicators below a node with their parts of its weight; with `group` those of this group's own tree."""
    if not node.children:
        yield node, weight
    asked = [child for child in node.children if not group or _is_asked(child, group)]
    whole = sum((child.weight for child in asked), Fraction(0))
    for child in asked:
        yield from _descend(child, weight * child.weight / whole if whole else Fraction(0), group)


def _is_asked(node: Node, group: str) -> bool:
    """Whether anything below stands in this group's own tree: what it rates, and administrative figures."""
    leaves = (leaf for leaf in node.walk() if not leaf.children)
    return any(not leaf.is_rated or dict(leaf.shares).get(group) for leaf in leaves)


def _children(node: Node, labels: Labels) -> tuple[Member, ...]:
    return tuple(Member(child.code, labels.node(child.code), percent(child.weight)) for child in node.children)


def _branches(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "children" in node:
        yield node
        for child in node["children"]:
            yield from _branches(child)


def _leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "children" not in node:
        yield node
    for child in node.get("children", ()):
        yield from _leaves(child)


def _put(target: dict[str, Any], key: str, value: Decimal | None) -> None:
    if value is not None:
        target[key] = f"{value.normalize():f}"
