"""A scheme as the plain mapping that is stored and digested; what stands at its default is left out.

Keys that came later are never written at their default, so that the digest of an older scheme does not move.
"""

from collections.abc import Iterable
from dataclasses import fields
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scoring.scheme.model import Band, Cap, Group, Limit, Node, Normaliser, Scheme, Stratum

EXACT = Context(prec=60)
"""Digits enough for every number that a scheme may hold."""

Mapped = dict[str, Any]


def exact_decimal(value: Fraction) -> Decimal:
    """A fraction as a decimal without trailing zeros and without an exponent.

    >>> exact_decimal(Fraction("66.70")), exact_decimal(Fraction(50))
    (Decimal('66.7'), Decimal('50'))
    """
    shortest = EXACT.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(EXACT)
    return Decimal(format(shortest, "f"))


def plain_number(value: Fraction) -> int | str:
    """A whole number as it is, every other one as a decimal in quotes.

    >>> plain_number(Fraction(15)), plain_number(Fraction("-0.5"))
    (15, '-0.5')
    """
    return int(value) if value.denominator == 1 else format(exact_decimal(value), "f")


def scheme_mapping(scheme: "Scheme") -> Mapped:
    """The whole scheme; ``parse_scheme`` reads it back to an equal one."""
    mapping: Mapped = {
        "code": scheme.code,
        "rank_decimals": scheme.rank_decimals,
        "order": scheme.order,
        "groups": [_group(group) for group in scheme.groups],
        "tree": _node(scheme.tree, weighted=False),
        "bands": [_band(band) for band in scheme.bands],
        **_changed(scheme, ("score_decimals", "rank_ties", "tie_margin", "banding", "publication")),
    }
    if scheme.bonus_cap is not None:
        mapping["bonus"] = {"cap": plain_number(scheme.bonus_cap)}
    deductions: Mapped = {} if scheme.deduction_cap is None else {"cap": plain_number(scheme.deduction_cap)}
    if not scheme.self_reported_counts:
        deductions["self_reported"] = "ignored"
    tried = _changed(scheme.simulation, ("draws", "methods"))
    if scheme.simulation.weights:
        tried["weights"] = _percent(scheme.simulation.weights)
    more = {"deductions": deductions, "vetoes": _limits(scheme.vetoes), "limiters": _limits(scheme.limiters)}
    return mapping | _filled({**more, "simulation": tried})


def _changed(item: Any, names: Iterable[str]) -> Mapped:
    """The named fields of a dataclass that are not at their default, as plain values."""
    defaults = {field.name: field.default for field in fields(item)}
    return {name: _plain(getattr(item, name)) for name in names if getattr(item, name) != defaults[name]}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return plain_number(value) if isinstance(value, Fraction) else value


def _filled(mapping: Mapped) -> Mapped:
    return {key: value for key, value in mapping.items() if value}


def _percent(share: Fraction) -> int | str:
    return plain_number(share * 100)


def _shares(shares: Iterable[tuple[str, Fraction]]) -> Mapped:
    return {code: _percent(share) for code, share in shares}


def _limits(limits: "Iterable[Limit]") -> list[Mapped]:
    return [{"code": limit.code, "band": limit.band} for limit in limits]


def _band(band: "Band") -> Mapped:
    if band.share is not None:
        return {"code": band.code, "share": _percent(band.share)}
    return {"code": band.code, "from": plain_number(Fraction(band.start))}


def _group(group: "Group") -> Mapped:
    mapping: Mapped = {
        "code": group.code,
        "promise": group.promise,
        "minimum": list(group.minimum),
        "strata": [_stratum(stratum, is_raked=bool(group.margins)) for stratum in group.strata],
        **_changed(group, ("estimator", "shrinkage", "severity")),
    }
    if group.weight is not None:
        mapping["weight"] = _percent(group.weight)
    if _changed(group, ("trim",)):
        mapping["trim"] = _percent(group.trim)
    margins = [{"variable": margin.variable, "targets": _shares(margin.targets)} for margin in group.margins]
    return mapping | _filled({"margins": margins})


def _stratum(stratum: "Stratum", *, is_raked: bool) -> Mapped:
    if is_raked and stratum.weight:
        return {"code": stratum.code, "traits": dict(stratum.traits), **_changed(stratum, ("design",))}
    return {"code": stratum.code, "weight": _percent(stratum.weight)}


def _node(node: "Node", *, weighted: bool) -> Mapped:
    mapping: Mapped = {"code": node.code}
    if weighted:
        mapping["weight"] = _percent(node.weight)
    if node.children:
        return mapping | _branch(node)
    mapping |= _rated(node) if node.is_rated else _figure(node)
    if node.units:
        mapping["units"] = list(node.units)
    if changed := _changed(node, ("output",)):
        mapping["range"] = changed["output"]
    return mapping | _changed(node, ("direction", "floor"))


def _branch(node: "Node") -> Mapped:
    mapping: Mapped = {"weights": "equal"} if node.equal else {}
    mapping["children"] = [_node(child, weighted=not node.equal) for child in node.children]
    coverage = _changed(node.coverage, ("count",))
    if node.coverage.share:
        coverage["share"] = _percent(node.coverage.share)
    if node.coverage.weighted:
        coverage["of"] = "weight"
    changed = _changed(node, ("aggregation", "missing"))
    if node.aggregation == "power":
        changed["power"] = plain_number(node.power)
    return mapping | changed | _filled({"coverage": coverage, "caps": [_cap(cap) for cap in node.caps]})


def _cap(cap: "Cap") -> Mapped:
    return {"child": cap.child, "below": plain_number(cap.below), "limit": plain_number(cap.limit)}


def _rated(node: "Node") -> Mapped:
    mapping: Mapped = {"points": node.points, "groups": _shares(node.shares)}
    if node.scale in ("stars", "thumbs"):
        mapping["scale"] = node.scale
    if node.scale == "marks":
        mapping |= {"scale": "marks", "maximum": mapping.pop("points") - 1}
    if node.favourable:
        mapping["favourable"] = node.favourable - 1 + node.shown_from
    return mapping | _changed(node, ("rescale", "levels"))


def _figure(node: "Node") -> Mapped:
    mapping = {} if node.normaliser is None else {"normaliser": _normaliser(node.normaliser)}
    return mapping | _changed(node, ("denominator", "treat", "impute"))


def _normaliser(normaliser: "Normaliser") -> Mapped:
    said = {name: _plain(value) for name, value in normaliser.parameters}
    return {"method": normaliser.method, **_changed(normaliser, ("reference", "clip")), **said}
