"""Reading who rates: groups, their strata with fixed weights, or with traits where a group is raked."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from scoring.scheme.model import ESTIMATORS, PROMISES, SEVERITIES, SHRINKAGES, Group, Margin, Stratum
from scoring.scheme.reader import Reader

GROUP_KEYS = (
    "code", "promise", "minimum", "strata", "weight", "estimator", "trim", "shrinkage", "severity", "margins",
)  # fmt: skip
CUTTING = ("trimmed", "winsorised")
Item = Mapping[str, Any]


def read_groups(reader: Reader, mapping: Item, order: str) -> tuple[Group, ...]:
    """All groups; none when there are none, which only a tree without ratings may do."""
    if mapping.get("groups") in (None, []):
        return ()
    items = reader.items("scheme", mapping, "groups")
    weights: list[Fraction | None] = [None] * len(items)
    if order == "group-outside" and items:
        weights = [*reader.shares("groups", "group_weights_sum", [item.get("weight", "") for item in items])]
    groups = tuple(_group(reader, item, weight) for item, weight in zip(items, weights, strict=True))
    reader.distinct("groups", [group.code for group in groups])
    return groups


def _group(reader: Reader, item: Item, weight: Fraction | None) -> Group:
    code = reader.code("groups", item)
    reader.known_keys(code, item, GROUP_KEYS)
    if weight is None and "weight" in item:
        reader.report(code, "weight_unexpected", item["weight"], "none: only with order group-outside")
    margins = _margins(reader, code, item) if "margins" in item else ()
    strata = _raked_strata(reader, code, item, margins) if "margins" in item else _strata(reader, code, item)
    reader.distinct(code, [stratum.code for stratum in strata])
    promise = reader.choice(code, "promise", item.get("promise"), PROMISES)
    estimator = reader.choice(code, "estimator", item.get("estimator", ESTIMATORS[0]), ESTIMATORS)
    return Group(
        code=code,
        promise=promise,
        minimum=_minimum(reader, code, item.get("minimum")),
        strata=strata,
        weight=weight,
        estimator=estimator,
        trim=_trim(reader, code, item, estimator),
        shrinkage=reader.choice(code, "shrinkage", item.get("shrinkage", SHRINKAGES[0]), SHRINKAGES),
        severity=_severity(reader, code, item, promise),
        margins=margins,
    )


def _minimum(reader: Reader, node: str, value: object) -> tuple[int, int, int]:
    if isinstance(value, list) and len(value) == 3 and all(type(cut) is int and cut >= 1 for cut in value):
        hidden, overseer, indicative = value
        if hidden <= overseer <= indicative:
            return hidden, overseer, indicative
    reader.report(node, "minimum_invalid", value, "three whole numbers from 1, none smaller than the one before")
    return 1, 1, 1


def _trim(reader: Reader, code: str, item: Item, estimator: str) -> Fraction:
    if "trim" not in item:
        return Fraction(1, 10)
    if estimator not in CUTTING:
        reader.report(code, "trim_unexpected", item["trim"], f"none: only with estimator {' or '.join(CUTTING)}")
    trim = reader.number(code, item["trim"])
    if trim >= 50:
        reader.report(code, "trim_out_of_range", item["trim"], "trim: from 0 to below 50")
    return trim / 100


def _severity(reader: Reader, code: str, item: Item, promise: str) -> str:
    severity = reader.choice(code, "severity", item.get("severity", SEVERITIES[0]), SEVERITIES)
    if severity != "none" and promise == "anonymous":
        reader.report(code, "severity_of_anonymous", severity, "severity: none where the promise is anonymous")
    return severity


def _strata(reader: Reader, code: str, item: Item) -> tuple[Stratum, ...]:
    items = reader.items(code, item, "strata")
    for part in items:
        reader.known_keys(code, part, ("code", "weight"))
    weights = reader.shares(code, "strata_sum", [part.get("weight", "") for part in items])
    return tuple(Stratum(reader.code(code, part), weight) for part, weight in zip(items, weights, strict=True))


def _margins(reader: Reader, code: str, item: Item) -> tuple[Margin, ...]:
    margins = tuple(_margin(reader, code, part) for part in reader.items(code, item, "margins"))
    reader.distinct(code, [margin.variable for margin in margins])
    return margins


def _margin(reader: Reader, code: str, part: Item) -> Margin:
    reader.known_keys(code, part, ("variable", "targets"))
    variable = reader.text(code, "variable", part.get("variable"))
    targets = reader.table(code, part, "targets")
    names = [reader.text(code, "target", name) for name in targets]
    shares = reader.shares(code, "targets_sum", list(targets.values()))
    return Margin(variable, tuple(sorted(zip(names, shares, strict=True))))


def _raked_strata(reader: Reader, code: str, item: Item, margins: Sequence[Margin]) -> tuple[Stratum, ...]:
    mark = len(reader.problems)
    items = reader.items(code, item, "strata")
    strata = tuple(_raked_stratum(reader, code, part, margins) for part in items)
    if reader.is_clean_since(mark):
        _check_targets(reader, code, strata, margins)
    return strata


def _raked_stratum(reader: Reader, code: str, part: Item, margins: Sequence[Margin]) -> Stratum:
    name = reader.code(code, part)
    if "weight" in part:
        reader.known_keys(code, part, ("code", "weight"))
        if reader.number(code, part["weight"]) != 0:
            reader.report(code, "weight_unexpected", part["weight"], f"{name}: 0, or traits, since the group is raked")
        return Stratum(name, Fraction(0))
    reader.known_keys(code, part, ("code", "traits", "design"))
    said = reader.table(code, part, "traits")
    reader.known_keys(code, said, [margin.variable for margin in margins])
    traits = tuple((margin.variable, _trait(reader, code, name, margin, said)) for margin in margins)
    design = reader.decimal(code, "design", part.get("design", 1), "above 0")
    return Stratum(name, Fraction(1), traits, design)


def _trait(reader: Reader, code: str, stratum: str, margin: Margin, said: Item) -> str:
    known = [name for name, _ in margin.targets]
    value = said.get(margin.variable, "")
    if value not in known:
        reader.report(code, "trait_unknown", value, f"{margin.variable} of {stratum}: {', '.join(known)}")
    return str(value)


def _check_targets(reader: Reader, code: str, strata: Sequence[Stratum], margins: Sequence[Margin]) -> None:
    """A share of the population that no stratum stands for can never be reached."""
    there = {trait for stratum in strata for trait in stratum.traits}
    for margin in margins:
        for name, share in margin.targets:
            if share > 0 and (margin.variable, name) not in there:
                advice = f"a stratum with {margin.variable} = {name}, or a target of 0"
                reader.report(code, "target_without_stratum", name, advice)
