"""Reading what follows the score: bands, bonus and deductions, vetoes and limiters, and how ranks are tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf
from typing import Any

from scoring.scheme.mapping import exact_decimal
from scoring.scheme.model import AGGREGATIONS, Band, Limit, Simulation
from scoring.scheme.reader import Reader, exact

SELF_REPORTED = ("counted", "ignored")
DRAWS = range(100_001)
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Adjustments:
    """What may be added to and taken from a score: caps in points, None where there is none."""

    bonus_cap: Fraction | None
    deduction_cap: Fraction | None
    self_reported_counts: bool


def read_bands(reader: Reader, mapping: Item, banding: str, lowest: float | None) -> tuple[Band, ...]:
    """The bands, best first; ``lowest`` is the lowest score the tree can give, None when the tree has problems."""
    items = reader.items("scheme", mapping, "bands")
    if banding == "absolute":
        mark = len(reader.problems)
        bands = tuple(_from(reader, item) for item in items)
        if bands and reader.is_clean_since(mark):
            _check_bounds(reader, [band.start for band in bands], lowest)
    else:
        for item in items:
            reader.known_keys("bands", item, ("code", "share"))
        shares = reader.shares("bands", "bands_sum", [item.get("share", "") for item in items]) if items else []
        bands = tuple(Band(reader.code("bands", item), share=share) for item, share in zip(items, shares, strict=True))
    reader.distinct("bands", [band.code for band in bands])
    return bands


def read_adjustments(reader: Reader, mapping: Item) -> Adjustments:
    """Caps of bonus and deductions, and whether deductions that a unit reports of itself count."""
    bonus, deductions = reader.table("bonus", mapping, "bonus"), reader.table("deductions", mapping, "deductions")
    reader.known_keys("bonus", bonus, ("cap",))
    reader.known_keys("deductions", deductions, ("cap", "self_reported"))
    counted = reader.choice(
        "deductions", "self_reported", deductions.get("self_reported", SELF_REPORTED[0]), SELF_REPORTED
    )
    return Adjustments(_cap(reader, "bonus", bonus), _cap(reader, "deductions", deductions), counted == "counted")


def read_limits(reader: Reader, mapping: Item, key: str, bands: tuple[str, ...]) -> tuple[Limit, ...]:
    """The findings under ``key`` (vetoes, limiters) with the best band that each leaves open."""
    limits = []
    for item in reader.items("scheme", mapping, key) if key in mapping else ():
        reader.known_keys(key, item, ("code", "band"))
        code = reader.code(key, item)
        limits.append(Limit(code, reader.choice(key, "band", item.get("band"), bands or ("",))))
    reader.distinct(key, [limit.code for limit in limits])
    return tuple(limits)


def read_simulation(reader: Reader, mapping: Item) -> Simulation:
    """How ranks are tried."""
    said = reader.table("simulation", mapping, "simulation")
    reader.known_keys("simulation", said, ("draws", "weights", "methods"))
    draws = reader.integer("simulation", "draws", said.get("draws", Simulation.draws), DRAWS)
    weights = reader.number("simulation", said.get("weights", 0)) / 100
    methods = said.get("methods", [])
    if not isinstance(methods, list):
        reader.report("simulation", "methods_invalid", methods, "methods: a list of aggregations")
        methods = []
    known = tuple(reader.choice("simulation", "method", method, AGGREGATIONS) for method in methods)
    reader.distinct("simulation", known)
    return Simulation(draws, weights, known)


def _from(reader: Reader, item: Item) -> Band:
    reader.known_keys("bands", item, ("code", "from"))
    start = exact(item.get("from", ""))
    if start is None:
        reader.report("bands", "number_invalid", item.get("from", ""), "from: a whole number or a decimal in quotes")
    return Band(reader.code("bands", item), exact_decimal(start or Fraction(0)))


def _check_bounds(reader: Reader, starts: Sequence[Decimal], lowest: float | None) -> None:
    """Bounds fall, and the last is not above the lowest score that can be; nor below 0, where no score is."""
    said = ", ".join(str(start) for start in starts)
    if list(starts) != sorted(set(starts), reverse=True):
        reader.report("bands", "bands_order", said, "falling bounds, each once")
    elif lowest is not None and not _reaches(float(starts[-1]), lowest):
        last = "0" if lowest == 0 else f"from 0 to {lowest:g}" if lowest > 0 else f"at most {lowest:g}"
        reader.report("bands", "bands_order", said, f"falling bounds, the last one {last}")


def _reaches(last: float, lowest: float) -> bool:
    """Whether every score finds a band; where nothing bounds the score, the last band takes what lies below it."""
    return lowest == -inf or (last <= lowest and (last >= 0 or lowest < 0))


def _cap(reader: Reader, node: str, said: Item) -> Fraction | None:
    return reader.decimal(node, "cap", said["cap"], "at least 0") if "cap" in said else None
