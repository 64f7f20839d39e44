"""Reading how an administrative figure becomes a score: method, reference set and parameters in raw units."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from scoring.scheme.mapping import plain_number
from scoring.scheme.model import NORMALISERS, REFERENCES, Normaliser
from scoring.scheme.reader import Reader

SETTINGS = ("method", "reference", "clip")
RANKS = ("rank", "percentile-rank", "borda")
UNCLIPPED = (*RANKS, "optimum", "zscore")
WORDS: Final[Mapping[str, tuple[str, ...]]] = {"ties": ("minimum", "average"), "transform": ("identity", "log")}
BOUNDS: Final[Mapping[str, str]] = {"sd": "above 0", "spread": "above 0", "value": "not 0"}
DEFAULTS: Final[Mapping[str, Fraction | str]] = {
    "centre": Fraction(50), "spread": Fraction(10), "ties": "minimum", "transform": "identity",
}  # fmt: skip
"""What a parameter is when it is not said; it is never stored."""

PARAMETERS: Final[Mapping[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]] = {
    ("minmax", "frozen"): (("low", "high"), ()),
    ("minmax", "period"): ((), ()),
    ("zscore", "frozen"): (("mean", "sd"), ("centre", "spread")),
    ("zscore", "period"): ((), ("centre", "spread")),
    **{(method, "period"): ((), ("ties",)) for method in RANKS},
    ("goalposts", "frozen"): (("low", "high"), ("transform",)),
    ("target", "frozen"): (("target", "low"), ()),
    ("target", "period"): (("target",), ()),
    ("leader", "frozen"): (("low", "high"), ()),
    ("leader", "period"): ((), ()),
    ("reference", "frozen"): (("value",), ()),
    ("reference", "period"): (("unit",), ()),
    ("optimum", "frozen"): (("zero_low", "full_low", "full_high", "zero_high"), ()),
}
"""For each method and reference set the parameters that are needed, and those that may be said."""

Item = Mapping[str, Any]
Names = tuple[tuple[str, ...], tuple[str, ...]]


def read_normaliser(reader: Reader, code: str, mapping: object, direction: str) -> Normaliser:
    """The normaliser of one leaf; ``direction`` decides on which side of a target the lower end lies."""
    if not isinstance(mapping, Mapping):
        reader.report(code, "table_needed", mapping, "normaliser: a table with at least a method")
        return Normaliser(NORMALISERS[0])
    mark = len(reader.problems)
    method = reader.choice(code, "method", mapping.get("method"), NORMALISERS)
    clip = reader.flag(code, mapping, "clip")
    if not reader.is_clean_since(mark):
        return Normaliser(method)
    if clip and method in UNCLIPPED:
        reader.report(code, "clip_unexpected", "true", f"clip: none with {method}, which has no ends to clip at")
    allowed = tuple(reference for reference in REFERENCES if (method, reference) in PARAMETERS)
    reference = reader.choice(code, "reference", mapping.get("reference", REFERENCES[0]), allowed)
    if not reader.is_clean_since(mark):
        return Normaliser(method)
    numbers, words = _parameters(reader, code, mapping, PARAMETERS[method, reference])
    if reader.is_clean_since(mark):
        _check_order(reader, code, _rising(method, direction), numbers)
        if words.get("transform") == "log" and numbers["low"] <= 0:
            reader.report(code, "logarithm_of_zero", f"low {mapping['low']}", "low: above 0 with transform log")
    found: dict[str, Fraction | str] = {**numbers, **words}
    said = {name: value for name, value in found.items() if DEFAULTS.get(name) != value}
    return Normaliser(method, reference, clip, tuple(sorted(said.items())))


def _parameters(reader: Reader, code: str, value: Item, names: Names) -> tuple[dict[str, Fraction], dict[str, str]]:
    """What is said, the numbers and the words apart."""
    needed, optional = names
    known = (*needed, *optional)
    for name in value:
        if name not in (*SETTINGS, *known):
            allowed = f"parameters of this method and reference: {', '.join(known) or 'none'}"
            reader.report(code, "parameter_unexpected", name, allowed)
    for name in needed:
        if name not in value:
            reader.report(code, "parameter_missing", name, f"all of {', '.join(needed)}")
    said = {name: value[name] for name in known if name in value}
    words = {name: _word(reader, code, name, said.pop(name)) for name in (*WORDS, "unit") if name in said}
    return {name: reader.decimal(code, name, said[name], BOUNDS.get(name, "")) for name in said}, words


def _word(reader: Reader, code: str, name: str, value: object) -> str:
    return reader.choice(code, name, value, WORDS[name]) if name in WORDS else reader.text(code, name, value)


def _rising(method: str, direction: str) -> tuple[tuple[str, str], ...]:
    """Which parameter must lie below which: ends the wrong way round would turn good into bad."""
    if method == "target":
        return (("low", "target"),) if direction == "up" else (("target", "low"),)
    if method == "optimum":
        return ("zero_low", "full_low"), ("full_high", "zero_high")
    return (("low", "high"),)


def _check_order(
    reader: Reader, code: str, rising: tuple[tuple[str, str], ...], numbers: Mapping[str, Fraction]
) -> None:
    for lower, higher in rising:
        if lower in numbers and higher in numbers and numbers[lower] >= numbers[higher]:
            said = f"{plain_number(numbers[lower])}, {plain_number(numbers[higher])}"
            reader.report(code, "parameters_order", said, f"{lower} below {higher}")
    if "full_low" in numbers and numbers["full_low"] > numbers["full_high"]:
        said = f"{plain_number(numbers['full_low'])}, {plain_number(numbers['full_high'])}"
        reader.report(code, "parameters_order", said, "full_low not above full_high")
