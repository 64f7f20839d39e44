"""The same bytes in two processes that hash, and multiply matrices, in different ways."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from scoring.collect import Form
from scoring.pipeline import run
from scoring.result import Result, Supplement
from scoring.scheme import parse_scheme
from tests.unit.scoring.rounds import cell, group, leaf, small_mapping, table

ROOT = Path(__file__).parents[2]
UNITS = [f"U{number:02d}" for number in range(60)]
QUESTIONS = [f"q{number}" for number in range(12)]
CITIZENS = Form("c", "citizens", tuple(QUESTIONS), (5,) * 12)
EXPERTS = Form("e", "experts", ("leadership",), (101,))
TELL = "import sys; from tests.golden.test_determinism import large_round; sys.stdout.write(large_round().digest)"


def large_round() -> Result:
    """Sixty units, raked citizens, experts freed from severity, a figure, findings, 1,000 draws of two methods."""
    draws = np.random.Generator(np.random.PCG64(20))
    questions = [leaf(code, 0, "citizens") | {"range": [1, 100]} for code in QUESTIONS]
    service = {"code": "service", "weight": 50, "weights": "equal", "aggregation": "geometric"}
    service["children"] = [{key: part[key] for key in part if key != "weight"} for part in questions]
    panel = leaf("leadership", 30, "experts", 101) | {"range": [1, 100]}
    figure = {"code": "waste", "weight": 20, "normaliser": {"method": "zscore", "reference": "period"}, "floor": 1}
    citizens = group("citizens", (2, 3, 4), {}) | {"shrinkage": "empirical-bayes", "estimator": "trimmed"}
    citizens["margins"] = [{"variable": "age", "targets": {"young": 40, "old": 60}}]
    citizens["strata"] = [{"code": code, "traits": {"age": age}} for code, age in (("a", "young"), ("b", "old"))]
    experts = group("experts", (1, 1, 1), {"all": 100}) | {"promise": "accountable", "severity": "mixed"}
    scheme = parse_scheme(
        small_mapping(
            groups=[citizens, experts],
            tree={"code": "score", "children": [service, panel, figure]},
            simulation={"weights": 20, "methods": ["geometric"]},
        )
    )
    cells = [
        cell(unit, CITIZENS, part, draws.integers(0, 8, (30, 12)).tolist()) for unit in UNITS for part in ("a", "b")
    ]
    rated = [(unit, f"r{rater}", int(draws.integers(1, 102))) for unit in UNITS for rater in draws.permutation(9)[:4]]
    panels = pd.DataFrame(rated, columns=["unit", "rater", "value"]).assign(group="experts", indicator="leadership")
    cells += [cell(unit, EXPERTS, "all", [[code] for one, _, code in rated if one == unit]) for unit in UNITS]
    figures = pd.DataFrame({"unit": UNITS, "indicator": "waste", "value": draws.normal(50, 9, len(UNITS))})
    units = pd.DataFrame({"unit": UNITS, "category": ["K", "L", "M"] * 20})
    return run(table(*cells), {"c": CITIZENS, "e": EXPERTS}, units, scheme, Supplement(figures, panels))


def digest_with(**settings: str) -> str:
    command = [sys.executable, "-c", TELL]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, check=True, text=True, timeout=120
    ).stdout


def test_two_processes_with_other_hashes_and_threads_make_the_same_bytes() -> None:
    one = digest_with(PYTHONHASHSEED="1", OPENBLAS_NUM_THREADS="1")
    two = digest_with(PYTHONHASHSEED="2", OPENBLAS_NUM_THREADS="2")
    assert len(one) == 64
    assert one == two
