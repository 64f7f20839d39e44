import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from scoring.collect import Form
from scoring.pipeline import run
from scoring.scheme import parse_scheme
from tests.unit.scoring.rounds import (
    SMALL_FORMS,
    cell,
    form,
    group,
    leaf,
    row,
    score,
    small_mapping,
    small_scheme,
    table,
    units,
)

C, E = SMALL_FORMS["c"], SMALL_FORMS["e"]
Codes = npt.NDArray[np.int64]
QUESTIONS = ["q1", "q2", "q3", "q4", "q5", "q6"]
WEIGHTS = [30, 20, 20, 15, 10, 5]


def halo(rng: np.random.Generator, people: int, share: float) -> Codes:
    """Codes 1 to 5 of six questions; ``share`` of their latent variance is the respondent's general mood."""
    mood, own = rng.normal(size=(people, 1)), rng.normal(size=(people, len(QUESTIONS)))
    latent = math.sqrt(share) * mood + math.sqrt(1 - share) * own
    return (1 + np.digitize(latent, [-1.2, -0.5, 0.3, 1.1])).astype(np.int64)


def wide_scheme(**strata: int) -> tuple[Form, dict[str, Form], dict[str, Any]]:
    leaves = [leaf(code, weight, "citizens") for code, weight in zip(QUESTIONS, WEIGHTS, strict=True)]
    mapping = small_mapping(groups=[group("citizens", (1, 1, 1), strata)], tree={"code": "score", "children": leaves})
    asked = form("h", "citizens", QUESTIONS)
    return asked, {"h": asked}, mapping


def score_of(codes: Codes, shares: dict[str, float], place: npt.NDArray[np.str_]) -> float:
    """The composite of one unit straight from the answers, without the engine."""
    values = np.where(codes <= 5, 25.0 * (codes - 1), np.nan)
    means = sum(share * np.nanmean(values[place == name], axis=0) for name, share in shares.items())
    return float(means @ np.array(WEIGHTS) / 100)


def test_the_interval_of_one_question_is_the_ordinary_t_interval() -> None:
    answers = [1, 2, 4, 4, 5, 5, 5]
    result = score(table(cell("U01", C, "a", [[code, 6] for code in answers])))
    values = 25.0 * (np.array(answers) - 1)
    low, high = stats.t.interval(0.95, 6, values.mean(), stats.sem(values))
    for found in (row(result, "means", indicator="ease"), row(result, "nodes", node="ease")):
        assert found["low"] == pytest.approx(low)
        assert found["high"] == pytest.approx(min(high, 100))
    assert row(result, "scores", unit="U01")["low"] == pytest.approx(low)
    assert row(result, "groups", group="citizens")["low"] == pytest.approx(low)


def test_answers_of_one_respondent_go_together() -> None:
    """The composite's interval is the t interval of each respondent's own composite."""
    codes = np.array([[5, 4], [2, 1], [4, 4], [3, 2], [5, 5], [1, 2]])
    found = row(score(table(cell("U01", C, "a", codes.tolist()))), "nodes", node="service")
    values = 25.0 * (codes - 1) @ np.array([0.6, 0.4])
    low, high = stats.t.interval(0.95, 5, values.mean(), stats.sem(values))
    assert found["score"] == pytest.approx(values.mean())
    assert (found["low"], found["high"]) == (pytest.approx(low), pytest.approx(high))


def test_strata_and_groups_add_their_variances_with_welchs_degrees_of_freedom() -> None:
    first, second, panel = [[5, 5], [3, 3], [4, 4]], [[1, 1], [2, 2], [2, 2], [4, 4]], [[61], [81], [71]]
    result = score(table(cell("U01", C, "a", first), cell("U01", C, "b", second), cell("U01", E, "all", panel)))
    parts = []
    for codes, weight in ((first, 0.7 * 0.6 * 25), (second, 0.7 * 0.4 * 25), (panel, 0.3)):
        values = weight * np.array(codes)[:, 0]
        parts.append((values.var(ddof=1) / len(values), len(values) - 1))
    variance = sum(v for v, _ in parts)
    freedom = variance**2 / sum(v**2 / d for v, d in parts)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(variance)
    line = row(result, "scores", unit="U01")
    assert line["high"] - line["score"] == pytest.approx(half)
    assert line["score"] - line["low"] == pytest.approx(half)


def test_equal_answers_are_given_half_an_answer_on_each_level() -> None:
    result = score(table(cell("U01", C, "a", [[4, 5], [4, 6], [4, 6], [4, 6]])))
    counts = np.array([0.5, 0.5, 0.5, 4.5, 0.5])
    values = np.array([0, 25, 50, 75, 100])
    mean = counts @ values / counts.sum()
    error = math.sqrt((counts @ (values - mean) ** 2 / counts.sum()) / 4)
    found = row(result, "means", indicator="ease")
    assert found["mean"] == 75
    assert found["low"] == pytest.approx(75 - stats.t.ppf(0.975, 3) * error)
    assert found["high"] == 100
    assert row(result, "nodes", node="ease")["low"] == pytest.approx(found["low"])


def test_a_fine_scale_is_given_two_and_a_half_answers_in_all() -> None:
    found = row(score(table(cell("U01", E, "all", [[69]] * 4))), "means", indicator="leadership")
    counts = np.full(101, 2.5 / 101)
    counts[68] += 4
    values = np.arange(101)
    mean = counts @ values / counts.sum()
    error = math.sqrt((counts @ (values - mean) ** 2 / counts.sum()) / 4)
    assert found["low"] == pytest.approx(68 - stats.t.ppf(0.975, 3) * error)


def test_indicators_without_variance_are_taken_to_move_together() -> None:
    result = score(table(cell("U01", C, "a", [[4, 4]] * 6)))
    ease, service = row(result, "nodes", node="ease"), row(result, "nodes", node="service")
    assert (service["low"], service["high"]) == (pytest.approx(ease["low"]), pytest.approx(ease["high"]))


def test_a_single_answer_has_a_wide_interval_and_no_error() -> None:
    found = row(score(table(cell("U01", C, "a", [[3, 3]]))), "means", indicator="ease")
    assert (found["low"], found["high"]) == (0, 100)


def test_two_form_versions_count_as_one_sample() -> None:
    codes = [[5, 4], [2, 1], [4, 4], [3, 2], [5, 5], [1, 2]]
    newer = form("c2", "citizens", ["speed", "beauty", "ease"])
    turned = [[speed, 1, ease] for ease, speed in codes[3:]]
    split = table(cell("U01", C, "a", codes[:3]), cell("U01", newer, "a", turned), cell("U99", C, "a", codes))
    whole = score(table(cell("U01", C, "a", codes)))
    parts = run(split, {**SMALL_FORMS, "c2": newer}, units(U01="A"), small_scheme())
    for stage in ("scores", "nodes", "groups"):
        for bound in ("low", "high"):
            assert parts.stages[stage][bound].to_numpy() == pytest.approx(whole.stages[stage][bound], nan_ok=True)


def test_more_answers_make_a_narrower_interval() -> None:
    codes = [[5, 4], [2, 1], [4, 4], [3, 2], [5, 5], [1, 2]]
    few, many = (row(score(table(cell("U01", C, "a", codes * n))), "scores", unit="U01") for n in (1, 16))
    assert (few["high"] - few["low"]) / (many["high"] - many["low"]) > 4


def test_a_bootstrap_of_respondents_gives_the_same_standard_error() -> None:
    rng = np.random.default_rng(20)
    codes = halo(rng, 240, 0.5)
    codes[rng.random(codes.shape) < 0.15] = 6
    place = np.repeat(["a", "b"], [160, 80])
    asked, forms, mapping = wide_scheme(a=70, b=30)
    cells = table(*(cell("U01", asked, name, codes[place == name].tolist()) for name in ("a", "b")))
    line = row(run(cells, forms, units(U01="A"), parse_scheme(mapping)), "scores", unit="U01")
    shares = {"a": 0.7, "b": 0.3}
    assert line["score"] == pytest.approx(score_of(codes, shares, place))
    draws = []
    for _ in range(2000):
        again = np.concatenate([rng.integers(0, 160, 160), rng.integers(160, 240, 80)])
        draws.append(score_of(codes[again], shares, place))
    error = (line["high"] - line["low"]) / 2 / stats.t.ppf(0.975, 200)
    assert error == pytest.approx(np.std(draws), rel=0.05)
