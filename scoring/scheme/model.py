"""The scheme as frozen dataclasses: exact weights (fractions of one), a canonical text and its digest."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scoring.scheme.mapping import scheme_mapping

PROMISES = ("anonymous", "confidential", "accountable")
ORDERS = ("group-inside", "group-outside")
ESTIMATORS = ("mean", "trimmed", "winsorised", "median")
SHRINKAGES = ("none", "empirical-bayes")
SEVERITIES = ("none", "fixed", "mixed")
AGGREGATIONS = ("arithmetic", "geometric", "harmonic", "power", "median", "minimum", "copeland", "ampi-", "ampi+")
MISSING = ("redistribute", "lowest")
SCALES = ("likert", "stars", "thumbs", "panel", "marks")
RESCALES = ("linear", "favourable", "maximum", "levels")
DIRECTIONS = ("up", "down")
NORMALISERS = (
    "minmax", "zscore", "rank", "percentile-rank", "borda", "goalposts", "target", "leader", "reference", "optimum",
)  # fmt: skip
REFERENCES = ("frozen", "period")
IMPUTATIONS = ("none", "mean", "median", "category-mean", "category-median", "last")
RANK_TIES = ("competition", "modified", "dense")
BANDINGS = ("absolute", "quota", "category")
PUBLICATIONS = ("scores-and-grades", "scores", "grades")
PANEL_POINTS = 101


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a scheme: where (``node``), what (``code``) and the values a message needs (``params``)."""

    node: str
    code: str
    params: Mapping[str, str]

    def __str__(self) -> str:
        said = ", ".join(f"{key} {value}" for key, value in self.params.items() if key != "node")
        return f"{self.node}: {self.code} ({said})"


class SchemeError(ValueError):
    """The mapping is not a scheme. ``problems`` lists everything found, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Stratum:
    """A part of a group with a fixed share of the group's mean; weight 0 is shown but never scored.

    In a group that is raked, ``traits`` name the value of each margin's variable, and ``design`` is the weight of one
    answer before raking; ``weight`` is then 1 for strata that count and 0 for those that do not.
    """

    code: str
    weight: Fraction
    traits: tuple[tuple[str, str], ...] = ()
    design: Fraction = Fraction(1)


@dataclass(frozen=True)
class Margin:
    """The population's shares of one variable (fractions that sum to 1) to which a group's answers are raked."""

    variable: str
    targets: tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class Group:
    """Who rates. ``minimum`` holds the three cut points of publication: hidden, overseer only, indicative below.

    ``weight`` (a fraction of one) is set only when the scheme's order is group-outside. ``trim`` is the share cut at
    each end by the trimmed and winsorised estimators. ``margins`` is empty unless the group is raked.
    """

    code: str
    promise: str
    minimum: tuple[int, int, int]
    strata: tuple[Stratum, ...]
    weight: Fraction | None = None
    estimator: str = "mean"
    trim: Fraction = Fraction(1, 10)
    shrinkage: str = "none"
    severity: str = "none"
    margins: tuple[Margin, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """What must be there, or the node is missing.

    At least ``share`` of the children (fraction of one; of their weight when ``weighted``) and ``count`` of them.
    """

    share: Fraction = Fraction(0)
    weighted: bool = False
    count: int = 0


@dataclass(frozen=True)
class Cap:
    """When ``child`` scores less than ``below``, the node scores at most ``limit``; both in points of the node."""

    child: str
    below: Fraction
    limit: Fraction


@dataclass(frozen=True)
class Normaliser:
    """How an administrative figure becomes a score; ``parameters`` are in raw units, direction is applied after.

    ``reference`` frozen: the parameters hold the reference set's values; period: they are taken from the data.
    """

    method: str
    reference: str = "frozen"
    clip: bool = False
    parameters: tuple[tuple[str, Fraction | str], ...] = ()


@dataclass(frozen=True)
class Node:
    """A dimension (with children), or an indicator: rated by groups (``points``) or an administrative figure.

    ``weight`` is the share of the parent as a fraction of one; ``equal`` says that the children share alike.
    ``units`` is empty when an indicator applies to every unit. ``output`` is the range an indicator's values are put
    on, ``floor`` a bound below which none may fall. ``levels`` are the points of 100 of each level (rescale levels),
    ``favourable`` the lowest place on the scale, counted from 1, that is favourable (0: the upper quarter of it).
    """

    code: str
    weight: Fraction
    equal: bool = False
    children: tuple["Node", ...] = ()
    points: int = 0
    shares: tuple[tuple[str, Fraction], ...] = ()
    units: tuple[str, ...] = ()
    aggregation: str = "arithmetic"
    power: Fraction = Fraction(1)
    missing: str = "redistribute"
    coverage: Coverage = Coverage()
    caps: tuple[Cap, ...] = ()
    scale: str = "likert"
    rescale: str = "linear"
    levels: tuple[Fraction, ...] = ()
    favourable: int = 0
    direction: str = "up"
    output: tuple[Fraction, Fraction] = (Fraction(0), Fraction(100))
    floor: Fraction | None = None
    normaliser: Normaliser | None = None
    denominator: str = ""
    treat: bool = False
    impute: str = "none"

    @property
    def is_rated(self) -> bool:
        """Whether groups rate it; every other leaf is an administrative figure."""
        return self.points > 0

    @property
    def shown_from(self) -> int:
        """The lowest level as the form shows it: 0 for panels and marks, 1 for every other scale."""
        return 0 if self.scale in ("panel", "marks") or self.points == PANEL_POINTS else 1

    def walk(self) -> Iterator["Node"]:
        """This node, then all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def applies_to(self, unit: str) -> bool:
        """Whether the indicator is asked about this unit at all."""
        return not self.units or unit in self.units


@dataclass(frozen=True)
class Band:
    """A grade from a score upwards, the bound included; or, when bands are given by quota, to a share of units."""

    code: str
    start: Decimal = Decimal(0)
    share: Fraction | None = None


@dataclass(frozen=True)
class Limit:
    """A named finding (of the adjustments) that caps the band; a veto also takes the unit out of the ranking."""

    code: str
    band: str


@dataclass(frozen=True)
class Simulation:
    """How ranks are tried: ``draws``; ``weights`` is the relative half-width (0 leaves them), ``methods`` by turns."""

    draws: int = 1000
    weights: Fraction = Fraction(0)
    methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scheme:
    """One immutable way to score: same scheme, same input, same bytes out."""

    code: str
    groups: tuple[Group, ...]
    tree: Node
    bands: tuple[Band, ...]
    rank_decimals: int = 1
    order: str = "group-inside"
    score_decimals: int = 2
    rank_ties: str = "competition"
    tie_margin: Fraction = Fraction(0)
    banding: str = "absolute"
    bonus_cap: Fraction | None = None
    deduction_cap: Fraction | None = None
    self_reported_counts: bool = True
    vetoes: tuple[Limit, ...] = ()
    limiters: tuple[Limit, ...] = ()
    publication: str = "scores-and-grades"
    simulation: Simulation = Simulation()

    def nodes(self) -> tuple[Node, ...]:
        """All nodes, parents first, in the order they are written."""
        return tuple(self.tree.walk())

    def leaves(self) -> tuple[Node, ...]:
        """The indicators, in the order they are written."""
        return tuple(node for node in self.nodes() if not node.children)

    def strata(self) -> tuple[str, ...]:
        """Every stratum code once, in the order they are written; two groups may share a code."""
        return tuple(dict.fromkeys(stratum.code for group in self.groups for stratum in group.strata))

    def parents(self) -> tuple[int, ...]:
        """Position of each node's parent among ``nodes()``, -1 for the top."""
        place = {node.code: position for position, node in enumerate(self.nodes())}
        above = {child.code: place[node.code] for node in self.nodes() for child in node.children}
        return tuple(above.get(node.code, -1) for node in self.nodes())

    def to_mapping(self) -> dict[str, Any]:
        """The plain mapping that ``parse_scheme`` reads; weights are percent again, keys at their default left out."""
        return scheme_mapping(self)

    def canonical(self) -> str:
        """The one JSON text of this scheme: ``15``, ``"15"`` and ``"15.0"`` are the same weight."""
        return json.dumps(self.to_mapping(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text, hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()
