"""Reading the indicators: rated by groups on a scale, or an administrative figure with its normaliser."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from scoring.scheme.mapping import plain_number
from scoring.scheme.model import DIRECTIONS, IMPUTATIONS, PANEL_POINTS, RESCALES, SCALES, Node
from scoring.scheme.parse_normaliser import read_normaliser
from scoring.scheme.reader import Reader

RATED_KEYS = (
    "code", "weight", "points", "groups", "units", "scale", "maximum", "rescale", "levels", "favourable", "direction",
    "range", "floor",
)  # fmt: skip
FIGURE_KEYS = (
    "code", "weight", "units", "normaliser", "direction", "range", "floor", "denominator", "treat", "impute",
)  # fmt: skip
POINTS = range(2, 1002)
POINTS_OF: Final[Mapping[str, range]] = {
    "stars": range(2, 11), "thumbs": range(2, 3), "panel": range(PANEL_POINTS, PANEL_POINTS + 1),
}  # fmt: skip
USUAL_POINTS: Final[Mapping[str, int]] = {"stars": 5, "thumbs": 2, "panel": PANEL_POINTS}
MAXIMUM = range(1, 1001)
Item = Mapping[str, Any]
Shares = tuple[tuple[str, Fraction], ...]
Output = tuple[Fraction, Fraction]


def read_leaf(reader: Reader, mapping: Item, groups: Sequence[str], inherited: Shares) -> Node:
    """One indicator; ``inherited`` are the group shares of a branch above, for a rated leaf that names none."""
    code = reader.code("tree", mapping)
    if "normaliser" in mapping:
        return _figure(reader, code, mapping)
    reader.known_keys(code, mapping, RATED_KEYS)
    scale, points = _scale(reader, code, mapping)
    shares = inherited if inherited and "groups" not in mapping else read_shares(reader, code, mapping, groups)
    rescale = reader.choice(code, "rescale", mapping.get("rescale", RESCALES[0]), RESCALES)
    output = _range(reader, code, mapping)
    return Node(
        code=code,
        weight=Fraction(1),
        points=points,
        shares=shares,
        units=_units(reader, code, mapping),
        scale=scale,
        rescale=rescale,
        levels=_levels(reader, code, mapping, points if rescale == "levels" else 0),
        favourable=_favourable(reader, code, mapping, (scale, points, rescale)),
        direction=_direction(reader, code, mapping),
        output=output,
        floor=_floor(reader, code, mapping, output[1]),
    )


def read_shares(reader: Reader, code: str, mapping: Item, known: Sequence[str]) -> Shares:
    """The share of each group, in the order of the scheme's groups, whatever the order in the file."""
    groups = mapping.get("groups")
    if not isinstance(groups, Mapping) or not groups:
        reader.report(code, "groups_needed", groups, "a share for each group that is asked")
        return ()
    for group in groups:
        reader.choice(code, "group", group, tuple(known) or ("",))
    shares = dict(zip(groups, reader.shares(code, "shares_sum", list(groups.values())), strict=True))
    return tuple((group, shares[group]) for group in known if group in shares)


def _figure(reader: Reader, code: str, mapping: Item) -> Node:
    reader.known_keys(code, mapping, FIGURE_KEYS)
    direction = _direction(reader, code, mapping)
    normaliser = read_normaliser(reader, code, mapping["normaliser"], direction)
    if normaliser.method == "optimum" and direction != "up":
        reader.report(code, "direction_unexpected", direction, "up with optimum: its best values lie in the middle")
    if normaliser.method == "zscore" and "range" in mapping:
        reader.report(code, "range_unexpected", mapping["range"], "none: zscore has a centre and a spread instead")
    output = _range(reader, code, mapping)
    return Node(
        code=code,
        weight=Fraction(1),
        units=_units(reader, code, mapping),
        normaliser=normaliser,
        direction=direction,
        output=output,
        floor=_floor(reader, code, mapping, None if normaliser.method == "zscore" else output[1]),
        denominator=_denominator(reader, code, mapping),
        treat=reader.flag(code, mapping, "treat"),
        impute=reader.choice(code, "impute", mapping.get("impute", IMPUTATIONS[0]), IMPUTATIONS),
    )


def _scale(reader: Reader, code: str, mapping: Item) -> tuple[str, int]:
    scale = reader.choice(code, "scale", mapping.get("scale", SCALES[0]), SCALES)
    if scale == "marks":
        _unexpected(reader, code, mapping, "points", "none: maximum says how many marks there are")
        return scale, reader.integer(code, "maximum", mapping.get("maximum"), MAXIMUM) + 1
    _unexpected(reader, code, mapping, "maximum", "none: only with scale marks")
    usual, allowed = USUAL_POINTS.get(scale), POINTS_OF.get(scale, POINTS)
    points = reader.integer(code, "points", mapping.get("points", usual), allowed)
    return ("panel" if points == PANEL_POINTS else scale), points


def _levels(reader: Reader, code: str, mapping: Item, points: int) -> tuple[Fraction, ...]:
    """The points of 100 of each level; ``points`` is 0 where the answers are not rescaled by levels."""
    value = mapping.get("levels")
    if not points:
        _unexpected(reader, code, mapping, "levels", "none: only with rescale levels")
        return ()
    if isinstance(value, list) and len(value) == points:
        return tuple(reader.number(code, level) for level in value)
    reader.report(code, "levels_invalid", value, f"levels: {points} numbers from 0 to 100, one for each point")
    return (Fraction(0),) * points


def _favourable(reader: Reader, code: str, mapping: Item, scale: tuple[str, int, str]) -> int:
    """The lowest favourable place of the scale; the file names the level as the form shows it."""
    name, points, rescale = scale
    if rescale != "favourable":
        _unexpected(reader, code, mapping, "favourable", "none: only with rescale favourable")
        return 0
    if "favourable" not in mapping:
        return 0
    hidden = int(name in ("panel", "marks"))
    allowed = range(2 - hidden, points + 1 - hidden)
    return reader.integer(code, "favourable", mapping["favourable"], allowed) + hidden


def _direction(reader: Reader, code: str, mapping: Item) -> str:
    return reader.choice(code, "direction", mapping.get("direction", DIRECTIONS[0]), DIRECTIONS)


def _range(reader: Reader, code: str, mapping: Item) -> Output:
    value = mapping.get("range", [0, 100])
    mark = len(reader.problems)
    if isinstance(value, list) and len(value) == 2:
        low, high = (reader.decimal(code, "range", end) for end in value)
        if low < high:
            return low, high
    if reader.is_clean_since(mark):
        reader.report(code, "range_invalid", value, "range: two numbers, the lower one first")
    return Fraction(0), Fraction(100)


def _floor(reader: Reader, code: str, mapping: Item, high: Fraction | None) -> Fraction | None:
    if "floor" not in mapping:
        return None
    floor = reader.decimal(code, "floor", mapping["floor"])
    if high is not None and floor >= high:
        reader.report(code, "floor_out_of_range", mapping["floor"], f"floor: below {plain_number(high)}")
    return floor


def _denominator(reader: Reader, code: str, mapping: Item) -> str:
    if "denominator" not in mapping:
        return ""
    denominator = reader.text(code, "denominator", mapping["denominator"])
    if denominator == code:
        reader.report(code, "denominator_of_itself", denominator, "denominator: another figure")
    return denominator


def _units(reader: Reader, code: str, mapping: Item) -> tuple[str, ...]:
    if "units" not in mapping:
        return ()
    value = mapping["units"]
    if isinstance(value, list) and value and all(isinstance(unit, str) for unit in value):
        return tuple(sorted(set(value)))
    reader.report(code, "units_invalid", value, "a list with at least one unit code")
    return ()


def _unexpected(reader: Reader, code: str, mapping: Item, key: str, allowed: str) -> None:
    if key in mapping:
        reader.report(code, f"{key}_unexpected", mapping[key], allowed)
