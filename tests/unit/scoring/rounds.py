"""Small rounds for the engine's tests: schemes, forms and cells written by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from scoring.collect import Form, pack, tally
from scoring.pipeline import run
from scoring.result import Result
from scoring.scheme import Scheme, parse_scheme

CITIZEN = {
    "satisfaction": 15,
    "trust": 20,
    "effectiveness": 20,
    "ease": 15,
    "speed": 10,
    "transparency": 10,
    "staff": 10,
}
PEER = {"working_together": 40, "responsiveness": 30, "information": 30}
EXPERT = {"leadership": 10, "strategy": 15, "people": 10, "partnerships": 15, "processes": 20, "results": 30}
STRATA = {"users": 70, "residents": 20, "supervisors": 10, "open": 0}


def group(code: str, minimum: Sequence[int], strata: Mapping[str, object]) -> dict[str, Any]:
    parts = [{"code": stratum, "weight": weight} for stratum, weight in strata.items()]
    return {"code": code, "promise": "anonymous", "minimum": list(minimum), "strata": parts}


def leaf(code: str, weight: object, group_code: str, points: int = 5) -> dict[str, Any]:
    return {"code": code, "weight": weight, "points": points, "groups": {group_code: 100}}


def rivergate() -> dict[str, Any]:
    """The demo city's scheme: citizens 50, peers 20, experts 30."""
    dimensions = [
        {"code": "experience", "weight": 50, "children": [leaf(code, w, "citizens") for code, w in CITIZEN.items()]},
        {"code": "cooperation", "weight": 20, "children": [leaf(code, w, "peers") for code, w in PEER.items()]},
        {"code": "management", "weight": 30, "children": [leaf(code, w, "experts", 101) for code, w in EXPERT.items()]},
    ]
    bounds = {"A": 85, "B": 75, "C": 65, "D": 50, "E": 0}
    return {
        "code": "rivergate",
        "rank_decimals": 1,
        "groups": [
            group("citizens", (10, 30, 100), STRATA),
            group("peers", (5, 5, 5), {"all": 100}),
            group("experts", (3, 3, 3), {"all": 100}),
        ],
        "tree": {"code": "score", "children": dimensions},
        "bands": [{"code": code, "from": bound} for code, bound in bounds.items()],
    }


def form(code: str, group_code: str, indicators: Sequence[str], points: int = 5) -> Form:
    return Form(code, group_code, tuple(indicators), (points,) * len(indicators))


FORMS = {
    "citizens-1": form("citizens-1", "citizens", list(CITIZEN)),
    "peers-1": form("peers-1", "peers", list(PEER)),
    "experts-1": form("experts-1", "experts", list(EXPERT), 101),
}


def survey(means: Sequence[float], n: int, points: int = 5) -> list[list[int]]:
    """Codes of n respondents whose mean code of each question is exactly the given one."""
    totals = [round(mean * n) for mean in means]
    assert all(abs(total - mean * n) < 1e-9 for total, mean in zip(totals, means, strict=True))
    assert all(mean <= points for mean in means)
    return [[total // n + (person < total % n) for total in totals] for person in range(n)]


def cell(unit: str, asked: Form, stratum: str, responses: Sequence[Sequence[int]]) -> dict[str, Any]:
    text = "".join(pack(codes, asked.points) for codes in responses)
    counted = tally(text, asked)
    blobs = {"counts": counted.counts_blob(), "moments": counted.moments_blob()}
    return {"unit": unit, "form": asked.code, "stratum": stratum, "n": counted.n, **blobs}


def table(*cells: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(cells), columns=["unit", "form", "stratum", "n", "counts", "moments"])


def units(**categories: str) -> pd.DataFrame:
    return pd.DataFrame({"unit": list(categories), "category": list(categories.values())})


def small_mapping(**over: Any) -> dict[str, Any]:
    """Two citizen questions (60 and 40) under one dimension of 70, one expert panel of 30."""
    service = [leaf("ease", 60, "citizens"), leaf("speed", 40, "citizens")]
    children = [{"code": "service", "weight": 70, "children": service}, leaf("leadership", 30, "experts", 101)]
    mapping = {
        "code": "small",
        "groups": [
            group("citizens", (2, 3, 4), {"a": 60, "b": 40, "open": 0}),
            group("experts", (1, 1, 1), {"all": 100}),
        ],
        "tree": {"code": "score", "children": children},
        "bands": [{"code": "A", "from": 75}, {"code": "B", "from": 0}],
    }
    return mapping | over


SMALL_FORMS = {
    "c": form("c", "citizens", ["ease", "speed"]),
    "e": form("e", "experts", ["leadership"], 101),
}


def small_scheme(**over: Any) -> Scheme:
    return parse_scheme(small_mapping(**over))


def score(cells: pd.DataFrame, scheme: Scheme | None = None, **categories: str) -> Result:
    """A run of the small scheme, on unit U01 unless other units are named."""
    return run(cells, SMALL_FORMS, units(**(categories or {"U01": "A"})), scheme or small_scheme())


def row(result: Result, stage: str, **keys: str) -> dict[str, Any]:
    """The one row of a stage's table with these keys."""
    found = result.stages[stage]
    for column, value in keys.items():
        found = found[found[column] == value]
    assert len(found) == 1, f"{len(found)} rows of {stage} with {keys}"
    return {str(column): value for column, value in found.iloc[0].items()}
