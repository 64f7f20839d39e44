"""A scheme with one more group: the others give way in proportion, and every sum stays exactly 100."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evalsys.errors import Invalid
from evalsys.services.weights import read_scheme
from scoring.scheme import Scheme

UNIT = 1_000_000  # weights have at most six decimals
HUNDRED = Fraction(100)
PREFIX = "group_"


@dataclass(frozen=True)
class Part:
    """What a group asks: (indicator code, points) and how much each one counts beside the others."""

    code: str
    points: int
    share: Fraction


def scaled(parts: Sequence[Fraction], total: Fraction) -> list[Fraction]:
    """The parts in their proportion, with at most six decimals, adding up to exactly `total`.

    What rounding leaves over goes to the parts that lost most by it, the first ones among equals.

    >>> [str(part) for part in scaled([Fraction(1)] * 3, Fraction(100))]
    ['16666667/500000', '33333333/1000000', '33333333/1000000']
    """
    whole = sum(parts, Fraction(0))
    if not whole:
        return [Fraction(0) for _ in parts]
    exact = [part * total / whole * UNIT for part in parts]
    floors = [int(part) for part in exact]
    spare = int(total * UNIT) - sum(floors)
    order = sorted(range(len(parts)), key=lambda place: (floors[place] - exact[place], place))
    for place in order[:spare]:
        floors[place] += 1
    return [Fraction(number, UNIT) for number in floors]


def with_group(scheme: Scheme, group: Mapping[str, Any], weight: Fraction, parts: Sequence[Part]) -> Scheme:
    """The scheme with `group` (as a scheme's mapping holds it) counting `weight` percent by its own indicators.

    A group that is there already is replaced. Raises Invalid when it cannot have a weight, or when the result is no
    scheme.
    """
    mapping = copy.deepcopy(scheme.to_mapping())
    _forget(mapping, scheme, group["code"])
    new = dict(group)
    if scheme.order == "group-outside":
        _make_room(mapping["groups"], weight)
        new["weight"] = _written(weight)
    mapping["groups"].append(new)
    if parts:
        _add_branch(mapping["tree"], group["code"], weight, parts)
    elif weight:
        raise Invalid(
            "A group that asks nothing yet cannot count. Leave its weight at 0, build its questionnaire, then propose "
            "a weight on the page of the group."
        )
    return read_scheme(mapping)


def node_code(group: str) -> str:
    """The node of the tree under which the indicators of an added group stand."""
    return PREFIX + group


def _add_branch(tree: dict[str, Any], group: str, weight: Fraction, parts: Sequence[Part]) -> None:
    if tree.get("weights") == "equal":
        raise Invalid("In this scheme all parts of the score count alike, so no group can be added with a weight.")
    _make_room(tree["children"], weight)
    inside = scaled([part.share for part in parts], HUNDRED)
    leaves = [
        {"code": part.code, "weight": _written(share), "points": part.points, "groups": {group: 100}}
        for part, share in zip(parts, inside, strict=True)
    ]
    tree["children"].append({"code": node_code(group), "weight": _written(weight), "children": leaves})


def _make_room(siblings: list[dict[str, Any]], weight: Fraction) -> None:
    former = [Fraction(str(one["weight"])) for one in siblings]
    for one, share in zip(siblings, scaled(former, HUNDRED - weight), strict=True):
        one["weight"] = _written(share)


def _forget(mapping: dict[str, Any], scheme: Scheme, group: str) -> None:
    """Take the group and its branch out; what is left fills the whole again."""
    mapping["groups"] = [one for one in mapping["groups"] if one["code"] != group]
    if scheme.order == "group-outside":
        _make_room(mapping["groups"], Fraction(0))
    children = mapping["tree"]["children"]
    kept = [child for child in children if child["code"] != node_code(group)]
    if len(kept) < len(children):
        _make_room(kept, Fraction(0))
        mapping["tree"]["children"] = kept


def _written(number: Fraction) -> int | str:
    """A number of at most six decimals as schemes hold it."""
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return int(number) if number.denominator == 1 else f"{exact.normalize():f}"
