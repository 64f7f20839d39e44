"""The claim behind every interval: in 95 of 100 rounds it holds the score that asking everybody would have given."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from scoring.collect import Form
from scoring.pipeline import run
from scoring.scheme import parse_scheme
from tests.unit.scoring.rounds import form, group, leaf, small_mapping

Codes = npt.NDArray[np.int64]
QUESTIONS = [f"q{number}" for number in range(10)]
WEIGHTS = np.array([20, 15, 15, 10, 10, 10, 5, 5, 5, 5])
FORM = form("h", "citizens", QUESTIONS)
ROUNDS, POPULATION, BLANK = 1200, 400_000, 0.05
MOODS = {0.0: 0.0, 0.23: 0.26, 0.46: 0.51, 0.67: 0.73}
"""Correlation of two answers of one respondent, and the part of the latent variance that makes it."""


def halo(rng: np.random.Generator, shape: tuple[int, ...], mood: float) -> Codes:
    latent = math.sqrt(mood) * rng.normal(size=(*shape, 1)) + math.sqrt(1 - mood) * rng.normal(size=(*shape, 10))
    return (1 + np.digitize(latent, [-1.2, -0.5, 0.3, 1.1])).astype(np.int64)


def cells(codes: Codes, asked: Form) -> pd.DataFrame:
    """One cell a unit from codes of shape (units, people, questions), 0 where not answered."""
    counts = np.stack([(codes == code).sum(axis=1) for code in range(asked.width)], axis=2).astype("<u4")
    here, level = (codes > 0).astype(np.float64), codes.astype(np.float64)
    moments = np.stack([np.swapaxes(one, 1, 2) @ other for one, other in ((here, here), (level, here), (level, level))])
    rows: list[dict[str, Any]] = [
        {"unit": f"U{unit:04d}", "counts": counts[unit].tobytes(), "moments": moments[:, unit].astype("<i8").tobytes()}
        for unit in range(len(codes))
    ]
    return pd.DataFrame(rows).assign(form=asked.code, stratum="all", n=codes.shape[1])


@pytest.mark.parametrize("correlation", MOODS)
@pytest.mark.parametrize("people", [20, 100])
def test_a_95_percent_interval_covers_93_to_97_percent(correlation: float, people: int) -> None:
    rng = np.random.default_rng([people, int(100 * correlation)])
    everybody = halo(rng, (POPULATION,), MOODS[correlation])
    between = np.asarray(np.corrcoef(everybody.T))[np.triu_indices(10, 1)].mean()
    assert between == pytest.approx(correlation, abs=0.015)
    truth = 25 * (everybody.mean(axis=0) - 1) @ WEIGHTS / 100
    codes = halo(rng, (ROUNDS, people), MOODS[correlation])
    codes[rng.random(codes.shape) < BLANK] = 0
    leaves = [leaf(code, int(weight), "citizens") for code, weight in zip(QUESTIONS, WEIGHTS, strict=True)]
    mapping = small_mapping(
        groups=[group("citizens", (1, 1, 1), {"all": 100})], tree={"code": "score", "children": leaves}
    )
    rows = cells(codes, FORM)
    places = pd.DataFrame({"unit": rows["unit"], "category": "A"})
    scores = run(rows, {"h": FORM}, places, parse_scheme(mapping)).stages["scores"]
    covered = ((scores["low"] <= truth) & (truth <= scores["high"])).mean()
    assert 0.93 <= covered <= 0.97
