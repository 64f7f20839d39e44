"""Severity of raters against the published fit of a mixed model, and against the same to full precision.

The printed numbers stand here. The full-precision files are not part of the project; without them those tests are
skipped.
"""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalsys.config import PROJECT
from scoring.raters import severity

CASES = PROJECT.parent / "shared" / "cases" / "stats"

# O. L. Davies and P. L. Goldsmith (1972), Statistical Methods in Research and Production: diameters of the zones of 24
# plates with 6 samples of penicillin each; read as 24 units that 6 raters score. D. Bates, lme4: Mixed-effects Modeling
# with R, chapter 2, prints the REML fit: mean 22.9722, sd 0.8467 (plates), 1.9316 (samples), 0.5499 (rest).
PENICILLIN = [
    [27, 23, 26, 23, 23, 21], [27, 23, 26, 23, 23, 21], [25, 21, 25, 24, 24, 20], [26, 23, 25, 23, 23, 20],
    [25, 22, 26, 22, 23, 20], [24, 22, 25, 23, 22, 19], [24, 20, 23, 21, 22, 19], [26, 22, 26, 24, 24, 21],
    [24, 21, 24, 22, 22, 20], [24, 21, 24, 23, 22, 19], [26, 23, 26, 24, 24, 21], [25, 22, 26, 24, 24, 20],
    [26, 24, 26, 24, 25, 22], [26, 23, 26, 23, 23, 20], [26, 23, 25, 24, 24, 22], [25, 22, 25, 23, 23, 20],
    [25, 21, 24, 23, 23, 20], [25, 22, 24, 23, 23, 19], [24, 21, 23, 21, 21, 19], [26, 23, 26, 24, 24, 21],
    [25, 21, 24, 22, 22, 18], [25, 22, 25, 22, 22, 20], [24, 21, 24, 22, 24, 19], [24, 21, 24, 22, 21, 18],
]  # fmt: skip
PRINTED = {"mean": 22.9722, "sd_units": 0.8467, "sd_raters": 1.9316, "sd_rest": 0.5499}


def case() -> dict[str, Any]:
    path = CASES / "severity_penicillin.json"
    if not path.exists():
        pytest.skip(f"the reference cases are not here: {path} is missing")
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def table(name: str) -> pd.DataFrame:
    rows = pd.read_csv(CASES / f"severity_penicillin_{name}.csv")
    return rows.rename(columns={"plate": "unit", "sample": "rater", "diameter": "value"})


@pytest.mark.parametrize(
    ("name", "expected"), [("complete", ("complete", "expected")), ("incomplete", ("incomplete", "expected_mixed"))]
)
def test_the_mixed_model_is_that_of_lme4(name: str, expected: tuple[str, str]) -> None:
    known = case()
    part, tolerance = known[expected[0]][expected[1]], known["tolerance"]["mixed"]
    found = severity(table(name), "mixed")
    assert found.mean == pytest.approx(part["mean"], abs=tolerance)
    spreads = [found.sd_units, found.sd_raters, found.sd_rest]
    assert spreads == pytest.approx([part["sd_plate"], part["sd_sample"], part["sd_residual"]], abs=tolerance)
    assert dict(zip(found.raters, found.effects, strict=True)) == pytest.approx(part["blup_sample"], abs=tolerance)
    effects = dict(zip(found.units, found.adjusted - found.mean, strict=True))
    assert effects == pytest.approx(part["blup_plate"], abs=tolerance)


def test_the_printed_fit_is_met() -> None:
    rows = [
        (f"P{place:02}", rater, row[at]) for place, row in enumerate(PENICILLIN) for at, rater in enumerate("ABCDEF")
    ]
    found = severity(pd.DataFrame(rows, columns=["unit", "rater", "value"]), "mixed")
    assert {name: round(float(getattr(found, name)), 4) for name in PRINTED} == PRINTED


def test_the_fixed_model_is_that_of_least_squares() -> None:
    known = case()
    part, tolerance = known["incomplete"]["expected_fixed"], known["tolerance"]["fixed"]
    found = severity(table("incomplete"), "fixed")
    assert found.mean == pytest.approx(part["mu"], abs=tolerance)
    assert dict(zip(found.raters, found.effects, strict=True)) == pytest.approx(part["rater_effect"], abs=tolerance)
    effects = dict(zip(found.units, found.adjusted - found.mean, strict=True))
    assert effects == pytest.approx(part["object_effect"], abs=tolerance)


def distance(found: Any, truth: Any) -> float:
    away = np.asarray(found) - truth
    return float(np.sqrt(((away - away.mean()) ** 2).mean()))


def test_adjusting_brings_units_clearly_nearer_to_the_truth() -> None:
    """30 units, 60 raters who rate 3 units each; raters differ as much as units do, noise is 1.4 times as large."""
    random, errors = np.random.default_rng(20), []
    names = np.array([f"U{place:02}" for place in range(30)])
    for _ in range(12):
        truth, severe = random.normal(size=30), random.normal(size=60)
        unit = np.concatenate([random.choice(30, 3, replace=False) for _ in range(60)])
        rater = np.repeat(np.arange(60), 3)
        value = truth[unit] + severe[rater] + 1.4 * random.normal(size=180)
        found = severity(pd.DataFrame({"unit": names[unit], "rater": rater, "value": value}), "mixed")
        rated = truth[[int(name[1:]) for name in found.units]]
        errors.append((distance(found.raw, rated), distance(found.adjusted, rated)))
    raw, adjusted = np.array(errors).mean(axis=0)
    assert adjusted < 0.85 * raw
