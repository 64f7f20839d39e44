"""Schemes and rounds of every kind, drawn at random: all methods, orders, scales, estimators, figures, findings.

A kind is what a test leaves to chance; what it cannot have (a penalty is no mean, a rank moves with the others) it
leaves out by name. Every scheme is read from a mapping, as from a file.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from scoring.collect import Form
from scoring.pipeline import run
from scoring.result import Result, Supplement
from scoring.scheme import Scheme, parse_scheme
from scoring.scheme.model import AGGREGATIONS, ESTIMATORS, RANK_TIES, RESCALES
from tests.unit.scoring.rounds import cell, group, table

EXAMPLES = int(os.environ.get("EXAMPLES", "5"))
few = settings(max_examples=EXAMPLES, deadline=None)
"""A run takes a tenth of a second; EXAMPLES=500 looks longer."""

MEANS = ("arithmetic", "geometric", "harmonic", "power", "median", "minimum")
ABOVE_ZERO = ("geometric", "harmonic", "power", "ampi-", "ampi+")
UNWEIGHTED = ("minimum", "ampi-", "ampi+")
UNBOUNDED = ("copeland", "ampi-")
CATEGORIES = {"U1": "K", "U2": "K", "U3": "K", "U4": "L", "U5": "L"}
FORMS = {
    "c": Form("c", "citizens", ("ease", "speed", "trust"), (5, 5, 3)),
    "e": Form("e", "experts", ("speed", "leadership"), (5, 101)),
}
PLACES = [(unit, code, part) for unit in CATEGORIES for code, parts in (("c", "abo"), ("e", "x")) for part in parts]
FIGURES = {
    "waste": {"method": "goalposts", "low": 10, "high": 90, "transform": "log"},
    "budget": {"method": "minmax", "low": 0, "high": "2.5"},
    "calls": {"method": "target", "low": 0, "target": 80},
}
AT_RANDOM = st.randoms(use_true_random=False)
Codes = list[list[int]]


@dataclass(frozen=True)
class Kind:
    """What may be drawn. ``top`` are the methods of the top, ``inner`` those below; ``weights`` are of children."""

    top: Sequence[str] = AGGREGATIONS
    inner: Sequence[str] = AGGREGATIONS
    orders: Sequence[str] = ("group-inside", "group-outside")
    estimators: Sequence[str] = ESTIMATORS
    shrinkages: Sequence[str] = ("none", "empirical-bayes")
    severities: Sequence[str] = ("none", "fixed", "mixed")
    imputations: Sequence[str] = ("none", "mean", "category-median", "last")
    missing: Sequence[str] = ("redistribute", "lowest")
    bandings: Sequence[str] = ("absolute", "quota", "category")
    figures: Sequence[str] = tuple(FIGURES)
    ranked: bool = True
    bounds: bool = True
    weights: tuple[int, int] = (0, 9)


ANY = Kind()
OWN = Kind(
    MEANS, MEANS, shrinkages=("none",), severities=("none",), imputations=("none", "last"), ranked=False,
    bandings=("absolute",),
)  # fmt: skip
"""What a unit scores depends on its own data alone, and rises with it."""
RISING = replace(OWN, top=(*MEANS, "copeland"), inner=(*MEANS, "copeland"), ranked=True)
BOUNDED = replace(ANY, top=MEANS, inner=MEANS, missing=("redistribute",), bounds=False)
"""Every node lies within its children, every child within its figures."""
GEOMETRIC = replace(BOUNDED, top=("geometric",), inner=("geometric",))
EVEN = replace(
    BOUNDED, top=("arithmetic", "median"), inner=("arithmetic", "median"), figures=("waste", "budget"), ranked=False,
    severities=("none", "fixed"),
)  # fmt: skip
"""Turned upside down it stays what it is; the mixed model is left out, since it is found by a search."""


@dataclass(frozen=True)
class Round:
    """Everything a run reads; ``answers`` by unit, form and stratum."""

    scheme: Scheme
    answers: dict[tuple[str, str, str], Codes]
    supplement: Supplement
    units: dict[str, str] = field(default_factory=lambda: dict(CATEGORIES))

    def cells(self, forms: Mapping[str, Form] = FORMS) -> pd.DataFrame:
        return table(*(cell(unit, forms[code], part, codes) for (unit, code, part), codes in self.answers.items()))

    def play(self, forms: Mapping[str, Form] = FORMS) -> Result:
        return run(self.cells(forms), forms, self.unit_frame(), self.scheme, self.supplement)

    def unit_frame(self) -> pd.DataFrame:
        return pd.DataFrame({"unit": list(self.units), "category": list(self.units.values())})

    def given(self, **changes: pd.DataFrame) -> "Round":
        """The round with other frames beside the answers."""
        return replace(self, supplement=replace(self.supplement, **changes))

    def findings(self) -> pd.DataFrame:
        assert self.supplement.adjustments is not None
        return self.supplement.adjustments


def choice(draw: st.DrawFn, options: Sequence[Any]) -> Any:
    return draw(st.sampled_from(list(options)))


@st.composite
def percentages(draw: st.DrawFn, count: int, low: int, high: int) -> list[str]:
    """Weights in proportion to small numbers, with two decimals, that sum to exactly 100."""
    parts = draw(st.lists(st.integers(low, high), min_size=count, max_size=count).filter(any))
    cents = [10000 * part // sum(parts) for part in parts]
    cents[parts.index(max(parts))] += 10000 - sum(cents)
    return [f"{part // 100}.{part % 100:02d}" for part in cents]


@st.composite
def schemes(draw: st.DrawFn, kind: Kind = ANY) -> Scheme:
    order, banding, draws = choice(draw, kind.orders), choice(draw, kind.bandings), choice(draw, [0, 7])
    methods = choice(draw, [[], ["median", "minimum"]])
    bounds = [{"code": "A", "from": 60}, {"code": "B", "from": 30}, {"code": "C", "from": 0}]
    quotas = [{"code": code, "share": share} for code, share in zip("ABC", (25, 25, 50), strict=True)]
    return parse_scheme({
        "code": "drawn",
        "order": order,
        "groups": _groups(draw, kind, order),
        "tree": _tree(draw, kind),
        "banding": banding,
        "bands": bounds if banding == "absolute" else quotas,
        "rank_ties": choice(draw, RANK_TIES),
        "rank_decimals": draw(st.integers(0, 3)),
        "tie_margin": choice(draw, [0, "0.5"]),
        "bonus": {"cap": 3},
        "deductions": {"cap": 5, "self_reported": choice(draw, ["counted", "ignored"])},
        "vetoes": [{"code": "fraud", "band": "C"}],
        "limiters": [{"code": "late", "band": "B"}],
        "simulation": {"draws": draws, "weights": choice(draw, [0, 20]), "methods": methods},
    })  # fmt: skip


def _tree(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    top = choice(draw, kind.top)
    inner = [
        choice(draw, [name for name in kind.inner if top not in ABOVE_ZERO or name not in UNBOUNDED]) for _ in "sb"
    ]
    low = 1 if {top, *inner} & set(ABOVE_ZERO) else 0
    service = [_question(draw, kind, code, low) for code in ("ease", "speed")]
    board = [_question(draw, kind, code, low) for code in ("trust", "leadership")]
    others = [_figure(draw, kind, code, low) for code in kind.figures]
    service, others = service + others[:1], others[1:]
    children = [_branch(draw, kind, "service", inner[0], service), _branch(draw, kind, "board", inner[1], board)]
    tree = _branch(draw, kind, "score", top, [*children, *others])
    return {key: value for key, value in tree.items() if key != "weight"}


def _branch(draw: st.DrawFn, kind: Kind, code: str, method: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    node: dict[str, Any] = {"code": code, "weight": 0, "aggregation": method}
    if not {child.get("aggregation") for child in children} & set(UNBOUNDED):
        node["missing"] = choice(draw, kind.missing)
    node["coverage"] = {"share": choice(draw, [0, 0, 60]), "of": choice(draw, ["children", "weight"])}
    if method == "power":
        node["power"] = choice(draw, [-2, "0.5", 3])
    if kind.bounds and draw(st.booleans()):
        node["caps"] = [{"child": children[0]["code"], "below": 45, "limit": 50}]
    if method in UNWEIGHTED or draw(st.integers(0, 4)) == 0:
        bare = [{key: value for key, value in child.items() if key != "weight"} for child in children]
        return node | {"weights": "equal", "children": bare}
    weights = draw(percentages(len(children), *kind.weights))
    return node | {"children": [child | {"weight": weight} for child, weight in zip(children, weights, strict=True)]}


def _question(draw: st.DrawFn, kind: Kind, code: str, low: int) -> dict[str, Any]:
    form = {"ease": "c", "speed": "c", "trust": "c", "leadership": "e"}[code]
    points = dict(zip(FORMS[form].indicators, FORMS[form].points, strict=True))[code]
    rescale = choice(draw, RESCALES)
    if rescale == "levels" and points == 101:
        rescale = "linear"
    shares = {FORMS[form].group: 100}
    if code == "speed" and draw(st.booleans()):
        shares = {"citizens": draw(st.integers(1, 99))}
        shares["experts"] = 100 - shares["citizens"]
    leaf: dict[str, Any] = {
        "code": code,
        "weight": 0,
        "points": points,
        "groups": shares,
        "rescale": rescale,
        "range": [low, 100],
    }
    leaf["direction"] = choice(draw, ["up", "down"])
    if rescale == "levels":
        leaf["levels"] = sorted(draw(st.lists(st.integers(0, 100), min_size=points, max_size=points)))
    return leaf | (choice(draw, [{}, {}, {"floor": 20}]) if kind.bounds else {})


def _figure(draw: st.DrawFn, kind: Kind, code: str, low: int) -> dict[str, Any]:
    normaliser = {**FIGURES[code], "clip": True}
    if code == "calls" and kind.ranked:
        method = choice(draw, ["rank", "percentile-rank", "borda"])
        normaliser = {"method": method, "reference": "period", "ties": choice(draw, ["minimum", "average"])}
    leaf: dict[str, Any] = {"code": code, "weight": 0, "normaliser": normaliser, "range": [low, 100]}
    leaf |= {"direction": "up" if code == "calls" else choice(draw, ["up", "down"])}
    leaf |= {"denominator": "people"} if code == "budget" else {}
    return leaf | {"impute": choice(draw, kind.imputations)}


def _groups(draw: st.DrawFn, kind: Kind, order: str) -> list[dict[str, Any]]:
    citizens = group("citizens", (2, 3, 4), {"o": 0})
    if draw(st.booleans()):
        citizens["strata"] += [{"code": "a", "traits": {"age": "young"}, "design": "1.5"}]
        citizens["strata"] += [{"code": "b", "traits": {"age": "old"}}]
        citizens["margins"] = [{"variable": "age", "targets": {"young": 40, "old": 60}}]
    else:
        parts = draw(percentages(2, 0, 9))
        citizens["strata"] += [{"code": code, "weight": part} for code, part in zip("ab", parts, strict=True)]
    experts = group("experts", (1, 1, 1), {"x": 100}) | {"promise": "accountable"}
    experts["severity"] = choice(draw, kind.severities)
    for one, weight in zip((citizens, experts), draw(percentages(2, *kind.weights)), strict=True):
        one |= {"estimator": choice(draw, kind.estimators), "shrinkage": choice(draw, kind.shrinkages)}
        if one["estimator"] in ("trimmed", "winsorised"):
            one["trim"] = choice(draw, [0, 10, "33.3"])
        if order == "group-outside":
            one["weight"] = weight
    return [citizens, experts]


@st.composite
def rounds(draw: st.DrawFn, kind: Kind = ANY) -> Round:
    scheme = draw(schemes(kind))
    chosen = draw(st.lists(st.sampled_from(PLACES), unique=True, min_size=4, max_size=len(PLACES)))
    answers = {place: draw(st.lists(one_answer(FORMS[place[1]]), min_size=1, max_size=6)) for place in chosen}
    panels = _panels(draw) if any(known.severity != "none" for known in scheme.groups) else None
    return Round(scheme, answers, Supplement(_raw(draw), panels, _findings(draw)))


def one_answer(asked: Form) -> st.SearchStrategy[list[int]]:
    """The codes of one respondent: levels, and now and then none, "don't know" or "does not apply"."""
    return st.tuples(*(st.integers(1, k) | st.sampled_from([0, k + 1, k + 2, 1, k]) for k in asked.points)).map(list)


def _raw(draw: st.DrawFn) -> pd.DataFrame:
    """Figures of two periods; what they are divided by has no period. Ranks need two figures at least."""
    rows = [(unit, "people", "", float(draw(st.integers(50, 99)))) for unit in CATEGORIES]
    rows += [
        (unit, code, period, draw(st.integers(0, 1200)) / 10)
        for code in FIGURES
        for period in ("2024", "2025")
        for unit in CATEGORIES
        if draw(st.integers(0, 4)) or (code == "calls" and unit in ("U1", "U2"))
    ]
    return pd.DataFrame(rows, columns=["unit", "indicator", "period", "value"])


def _panels(draw: st.DrawFn) -> pd.DataFrame:
    rows = [
        (unit, "experts", code, rater, draw(st.integers(1, points + 1)))
        for unit in CATEGORIES
        for code, points in (("speed", 5), ("leadership", 101))
        for rater in draw(st.lists(st.sampled_from(["r1", "r2", "r3", "r4"]), unique=True))
    ]
    return pd.DataFrame(rows, columns=["unit", "group", "indicator", "rater", "value"])


def _findings(draw: st.DrawFn) -> pd.DataFrame:
    codes = {"bonus": "prize", "deduction": "complaint", "veto": "fraud", "limiter": "late"}
    kinds = draw(st.lists(st.tuples(st.sampled_from(list(CATEGORIES)), st.sampled_from(list(codes))), max_size=4))
    rows = [
        (unit, kind, codes[kind], draw(st.integers(0, 60)) / 10, choice(draw, ["external", "self"]), "")
        for unit, kind in kinds
    ]
    return pd.DataFrame(rows, columns=["unit", "kind", "code", "points", "source", "reason"])
