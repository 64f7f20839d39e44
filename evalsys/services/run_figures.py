"""The first steps of one unit's number: answers, the weights of their parts, means of groups, administrative figures.

Levels are told as the form shows them. A formula is written with the real numbers, in signs that every language reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from evalsys.services.content import Text
from evalsys.services.run_influence import rounded
from evalsys.services.run_supplement import GivenFigure
from evalsys.services.run_tables import Row, Tables, rows_of
from evalsys.services.weights import Labels
from scoring.scheme import Group, Node, Scheme

FEW_LEVELS = 11
MEANS = ("linear", "maximum")
NOT_LOADED = GivenFigure("", "", "")
Given = Mapping[tuple[str, str], GivenFigure]


@dataclass(frozen=True)
class AnswerLine:
    """The answers to one question in one part of a group. `levels`: (level, how often); empty when withheld or many."""

    group: Text
    stratum: Text
    indicator: Text
    levels: tuple[tuple[int, int], ...]
    valid: int | None
    dont_know: int | None
    not_applicable: int | None
    blank: int | None
    is_withheld: bool


@dataclass(frozen=True)
class StratumLine:
    """A part of a group: its mean as the form shows levels, and its share of the group's mean in percent."""

    group: Text
    stratum: Text
    indicator: Text
    n: int | None
    mean: Decimal | None
    weight: Decimal | None
    is_withheld: bool


@dataclass(frozen=True)
class FigureLine:
    """What one group says about one indicator, on the indicator's range; `formula` is how the mean becomes points.

    `estimator`, `shrinkage` and `severity` are the scheme's, `plain` is the plain mean where another figure counts.
    """

    code: str
    indicator: Text
    group: Text
    n: int | None
    rescale: str
    favourable: int
    formula: str
    mean: Decimal | None
    low: Decimal | None
    high: Decimal | None
    plain: Decimal | None
    estimator: str
    shrinkage: str
    kept: Decimal | None
    severity: str
    level: str
    is_withheld: bool


@dataclass(frozen=True)
class GivenLine:
    """An administrative figure on its way from raw units to the range of scores; `raw` is exact, as it was loaded."""

    indicator: Text
    period: str
    raw: str
    measure: str
    source: str
    denominated: str
    treated: str
    method: str
    value: Decimal | None
    is_imputed: bool
    is_outlier: bool


def answer_lines(tables: Tables, scheme: Scheme, labels: Labels) -> tuple[AnswerLine, ...]:
    """How often each level was chosen, by group, part and question."""
    leaves = {leaf.code: leaf for leaf in scheme.leaves()}
    chosen: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for row in rows_of(tables["distribution"]):
        leaf = leaves[row["indicator"]]
        if row["count"] is not None and leaf.points <= FEW_LEVELS:
            chosen.setdefault(_place(row), []).append((row["code"] - 1 + leaf.shown_from, row["count"]))
    rows = sorted(rows_of(tables["responses"]), key=lambda row: _order(row, scheme))
    return tuple(
        AnswerLine(
            **_names(row, labels),
            levels=tuple(sorted(chosen.get(_place(row), ()))),
            valid=row["valid"],
            dont_know=row["dont_know"],
            not_applicable=row["not_applicable"],
            blank=row["blank"],
            is_withheld=bool(row["withheld"]),
        )
        for row in rows
    )


def stratum_lines(tables: Tables, scheme: Scheme, labels: Labels) -> tuple[StratumLine, ...]:
    """The parts of every group that has several, with the share of each in the group's mean."""
    several = {group.code for group in scheme.groups if sum(1 for part in group.strata if part.weight) > 1}
    first = {leaf.code: leaf.shown_from - 1 for leaf in scheme.leaves()}
    rows = [row for row in rows_of(tables["strata"]) if row["group"] in several]
    return tuple(
        StratumLine(
            **_names(row, labels),
            n=row["n"],
            mean=None if row["raw_mean"] is None else rounded(row["raw_mean"] + first[row["indicator"]]),
            weight=None if row["weight"] is None else rounded(100 * row["weight"], 1),
            is_withheld=bool(row["withheld"]),
        )
        for row in sorted(rows, key=lambda row: _order(row, scheme))
    )


def figure_lines(tables: Tables, scheme: Scheme, labels: Labels) -> tuple[FigureLine, ...]:
    """What every group says about every indicator."""
    leaves, groups = {leaf.code: leaf for leaf in scheme.leaves()}, {group.code: group for group in scheme.groups}
    return tuple(
        _figure(row, leaves[row["indicator"]], groups[row["group"]], labels)
        for row in sorted(rows_of(tables["means"]), key=lambda row: _order(row, scheme))
    )


def given_lines(rows: Sequence[Row], given: Given, scheme: Scheme, labels: Labels) -> tuple[GivenLine, ...]:
    """The administrative figures of a unit; `given` is what was loaded, by indicator and period, in words to read."""
    methods = {leaf.code: leaf.normaliser.method for leaf in scheme.leaves() if leaf.normaliser}
    return tuple(
        GivenLine(
            indicator=labels.node(row["indicator"]),
            period=row["period"],
            raw=_loaded(row, given).value.replace("-", "−") or _raw(row["raw"]),
            measure=_loaded(row, given).measure,
            source=_loaded(row, given).source,
            denominated=_raw(row["denominated"]),
            treated=_raw(row["treated"]),
            method=methods.get(row["indicator"], ""),
            value=rounded(row["value"]),
            is_imputed=bool(row["imputed"]),
            is_outlier=bool(row["outlier"]),
        )
        for row in rows
    )


def mean_formula(leaf: Node, raw_mean: float) -> str:
    """How a mean of levels becomes points, with the numbers in it; "" where points are not a straight line of levels.

    `raw_mean` is on the scale that the form shows.

    >>> from fractions import Fraction
    >>> mean_formula(Node("ease", Fraction(1), points=5), 4.4)
    '(4.40 − 1) ÷ (5 − 1) × 100'
    >>> mean_formula(Node("delay", Fraction(1), points=5, direction="down", output=(Fraction(1), Fraction(10))), 2.0)
    '1 + (10 − 1) × (1 − (2.00 − 1) ÷ (5 − 1))'
    """
    if leaf.rescale not in MEANS:
        return ""
    first, last = leaf.shown_from, leaf.points - 1 + leaf.shown_from
    mean = f"{rounded(raw_mean)}"
    if leaf.rescale == "maximum":
        share = f"{mean} ÷ {last}"
    else:
        share = f"({mean} − {first}) ÷ ({last} − {first})" if first else f"{mean} ÷ {last}"
    turned = f"1 − {share}" if leaf.direction == "down" else share
    low, high = (f"{float(bound):g}".replace("-", "−") for bound in leaf.output)
    if (low, high) == ("0", "100"):
        return f"({turned}) × 100" if leaf.direction == "down" else f"{turned} × 100"
    wide = f"({high} − {low}) × ({turned})"
    return wide if low == "0" else f"{low} + {wide}"


def _figure(row: Row, leaf: Node, group: Group, labels: Labels) -> FigureLine:
    plain = row.get("mean_plain")
    differs = plain is not None and row["mean"] is not None and abs(plain - row["mean"]) > 0
    return FigureLine(
        code=leaf.code,
        indicator=labels.node(leaf.code),
        group=labels.of("group", group.code),
        n=row["n"],
        rescale=leaf.rescale,
        favourable=_favourable(leaf),
        formula="" if row["raw_mean"] is None or row["mean"] is None else mean_formula(leaf, row["raw_mean"]),
        mean=rounded(row["mean"]),
        low=rounded(row["low"]),
        high=rounded(row["high"]),
        plain=rounded(plain) if differs else None,
        estimator=group.estimator,
        shrinkage=group.shrinkage,
        kept=rounded(100 * row["reliability"], 0) if row.get("reliability") is not None else None,
        severity=group.severity,
        level=row["level"],
        is_withheld=bool(row["withheld"]),
    )


def _favourable(leaf: Node) -> int:
    """The lowest favourable level as the form shows it."""
    first = leaf.favourable - 1 if leaf.favourable else -(-3 * (leaf.points - 1) // 4)
    return first + leaf.shown_from


def _names(row: Row, labels: Labels) -> dict[str, Text]:
    return {
        "group": labels.of("group", row["group"]),
        "stratum": labels.of("stratum", row["stratum"]),
        "indicator": labels.node(row["indicator"]),
    }


def _place(row: Row) -> tuple[str, str, str]:
    return row["group"], row["stratum"], row["indicator"]


def _order(row: Row, scheme: Scheme) -> tuple[int, int, int]:
    """Place of a row: groups, indicators and parts as the scheme writes them."""
    groups, leaves = [group.code for group in scheme.groups], [leaf.code for leaf in scheme.leaves()]
    part = scheme.strata().index(row["stratum"]) if row.get("stratum") else 0
    return groups.index(row["group"]), leaves.index(row["indicator"]), part


def _loaded(row: Row, given: Given) -> GivenFigure:
    return given.get((row["indicator"], row["period"]), NOT_LOADED)


def _raw(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}".replace("-", "−")
