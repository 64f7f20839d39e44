"""What the scoring engine costs, as multiples of the plainest numpy that does the same; CPU time, best of three.

Run by ``make bench`` with one thread for linear algebra. The rivals' packages live in an environment of their own.
"""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from evalsys.config import PROJECT
from scoring.aggregate import aggregate, settle
from scoring.collect import Form, Tally, collect, tally_all
from scoring.combine import Combined, combine
from scoring.normalise import normalise
from scoring.pipeline import run
from scoring.rank import adjust, grade_groups, grade_means, rank
from scoring.respondents import count_people, distribute, weigh
from scoring.scheme import Scheme, parse_scheme
from scoring.tree import Values
from scoring.uncertainty import (
    Ranking,
    bound_means,
    bound_scores,
    draw_weights,
    gather_evidence,
    rank_draws,
    score_draws,
    simulate,
    summarise_ranks,
    try_ranks,
    vary,
)
from scoring.validate import validate, validate_units
from tests.bench.measuring import MARGIN, best_of, peak_mb

RIVALS = PROJECT / ".venv-bench" / "bin" / "python"
DIMENSIONS, DRAWS, BLOCK = 5, 10_000, 1000


@dataclass(frozen=True)
class Round:
    """All that a run reads."""

    cells: pd.DataFrame
    forms: dict[str, Form]
    units: pd.DataFrame
    scheme: Scheme


@cache
def make_round(units: int, indicators: int = 50, groups: int = 3, people: int = 20) -> Round:
    """Every group answers every indicator about every unit, five levels, 5 % blank, moods included."""
    rng = np.random.default_rng([units, people])
    names = [f"group{number}" for number in range(groups)]
    codes = [f"i{number:02d}" for number in range(indicators)]
    forms = {name: Form(name, name, tuple(codes), (5,) * indicators) for name in names}
    keys = [f"U{number:05d}" for number in range(units)]
    rows = []
    for name in names:
        tallies = tally_all([_answers(rng, people, indicators) for _ in keys], forms[name])
        rows += [_row(unit, name, counted) for unit, counted in zip(keys, tallies, strict=True)]
    places = pd.DataFrame({"unit": keys, "category": np.resize(["A", "B", "C", "D"], units)})
    return Round(pd.DataFrame(rows), forms, places, _scheme(codes, names))


def _answers(rng: np.random.Generator, people: int, indicators: int) -> str:
    mood = 0.6 * rng.normal(size=(people, 1)) + 0.3 * rng.normal() + 3.3
    given = np.clip(np.rint(mood + 0.8 * rng.normal(size=(people, indicators))), 1, 5).astype(np.uint8)
    given[rng.random(given.shape) < 0.05] = 0
    return str((given + np.uint8(48)).tobytes().decode())


def _row(unit: str, form: str, counted: Tally) -> dict[str, Any]:
    blobs = {"counts": counted.counts_blob(), "moments": counted.moments_blob()}
    return {"unit": unit, "form": form, "stratum": "all", "n": counted.n, **blobs}


def _scheme(codes: list[str], names: list[str]) -> Scheme:
    groups = [{"code": name, "promise": "anonymous", "minimum": [2, 3, 4], "strata": EVERYONE} for name in names]
    shares = dict(zip(names, {1: [100], 3: [50, 30, 20]}[len(names)], strict=True))
    size = len(codes) // DIMENSIONS
    weight = f"{100 / size:g}"
    children = [
        {"code": f"d{number}", "weight": 100 // DIMENSIONS, "children": [_leaf(code, weight, shares) for code in part]}
        for number, part in enumerate(codes[start : start + size] for start in range(0, len(codes), size))
    ]
    bands = [{"code": "A", "from": 75}, {"code": "B", "from": 0}]
    tree = {"code": "score", "children": children}
    return parse_scheme({"code": "bench", "groups": groups, "tree": tree, "bands": bands})


EVERYONE = [{"code": "all", "weight": 100}]


def _leaf(code: str, weight: str, shares: dict[str, int]) -> dict[str, Any]:
    return {"code": code, "weight": weight, "points": 5, "groups": shares}


@dataclass(frozen=True)
class Points:
    """Point scores and ranks, and what intervals need besides."""

    combined: Combined
    strata: pd.DataFrame
    levels: pd.DataFrame
    means: pd.DataFrame
    groups: pd.DataFrame
    scores: pd.DataFrame
    adjustments: pd.DataFrame
    collected: Any


def score_points(given: Round) -> Points:
    """From cells to ranks, without intervals: the stages of the pipeline in its order."""
    units, scheme = validate_units(given.units), given.scheme
    collected = collect(given.cells, given.forms)
    people, _ = validate(collected.people, units, scheme)
    answers, _ = validate(collected.answers, units, scheme)
    heads, levels = count_people(people, scheme), distribute(answers, collected.levels)
    strata = normalise(weigh(answers, heads, scheme).strata, levels, scheme)
    means = settle(aggregate(strata, levels, scheme), scheme).means
    combined = combine(means, heads, units, scheme)
    groups = grade_groups(combined.groups, means, combined.weights, scheme)
    means = grade_means(means, groups, scheme)
    adjusted = adjust(None, units, scheme)
    scores = rank(combined.nodes.assign(low=np.nan, high=np.nan), groups, adjusted, units, scheme)
    return Points(combined, strata, levels, means, groups, scores, adjusted.table, collected)


def bound(points: Points, scheme: Scheme) -> None:
    """All intervals: figures, nodes, groups."""
    evidence = gather_evidence(points.collected.blocks, points.strata, points.levels, scheme)
    bound_means(points.means, evidence, scheme)
    bound_scores(points.combined.nodes, points.groups, points.combined.values, evidence, scheme)


def whole(given: Round) -> Callable[[], object]:
    """A whole run, its digests and tables included."""
    return lambda: run(given.cells, given.forms, given.units, given.scheme)


def tell(what: str, **figures: float) -> None:
    print(f"\n{what}: " + ", ".join(f"{name} {value:.3g}" for name, value in figures.items()))


def test_intervals_cost_no_more_than_the_scores() -> None:
    given = make_round(1000)
    found = score_points(given)
    points, intervals = best_of(lambda: score_points(given)), best_of(lambda: bound(found, given.scheme))
    peaks = peak_mb(lambda: score_points(given)), peak_mb(lambda: bound(found, given.scheme))
    tell(
        "1,000 units x 50 indicators x 3 groups",
        scores_s=points, intervals_s=intervals, ratio=intervals / points, scores_mb=peaks[0], intervals_mb=peaks[1],
    )  # fmt: skip
    assert intervals <= points * MARGIN


def test_trying_ranks_costs_less_than_the_scores() -> None:
    given = make_round(1000)
    found = score_points(given)
    evidence = gather_evidence(found.collected.blocks, found.strata, found.levels, given.scheme)

    def try_all() -> None:
        draws = simulate(found.combined.values, evidence, given.scheme, 1)
        try_ranks(found.scores, found.adjustments, draws, given.scheme)

    points, tried = best_of(lambda: score_points(given)), best_of(try_all)
    tell("1,000 draws of 1,000 units, ranked", seconds=tried, ratio_to_scores=tried / points)
    assert tried <= points * MARGIN


def test_ten_times_the_raters_cost_nothing() -> None:
    one, ten = (best_of(whole(make_round(300, people=people))) for people in (20, 200))
    tell("raters on the same cells", seconds_20=one, seconds_200=ten, ratio=ten / one)
    assert ten <= 1.1 * one * MARGIN


def test_cost_is_linear_in_units() -> None:
    small, large = make_round(1000, 20, 1), make_round(10_000, 20, 1)

    one, ten = best_of(whole(small)), best_of(whole(large))
    tell(
        "whole runs, 20 indicators",
        ms_a_unit_at_1000=one, ms_a_unit_at_10000=ten / 10, ratio=ten / 10 / one, peak_mb=peak_mb(whole(large)),
    )  # fmt: skip
    assert ten / 10 <= 1.3 * one * MARGIN


@dataclass(frozen=True)
class Drawn:
    """Figures (units, indicators) and the same weights twice: as the engine draws them, and flat."""

    scheme: Scheme
    values: Values
    matrix: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]


def make_drawn() -> Drawn:
    scheme = make_round(1000, 50, 1, 2).scheme
    rated = np.random.default_rng(1).uniform(20, 95, (1000, 50, 1))
    values = Values(rated, np.full((1000, 50), np.nan), np.ones((1000, 50), dtype=bool))
    weights = draw_weights(scheme, vary(0.2), DRAWS, np.random.default_rng(2)).within
    leaves = [place for place, node in enumerate(scheme.nodes()) if not node.children]
    flat = weights[:, leaves] * weights[:, np.array(scheme.parents())[leaves]]
    return Drawn(scheme, values, rated[:, :, 0].astype(np.float32), flat.astype(np.float32))


def test_weight_draws_with_ranks_cost_less_than_twice_the_floor() -> None:
    drawn = make_drawn()

    def ours() -> Any:
        weights = draw_weights(drawn.scheme, vary(0.2), DRAWS, np.random.default_rng(2))
        return rank_draws(score_draws(drawn.values, drawn.scheme, weights, np.float32), Ranking.of(drawn.scheme))

    def floor() -> None:
        for start in range(0, DRAWS, BLOCK):
            np.argsort(drawn.weights[start : start + BLOCK] @ drawn.matrix.T, axis=1)

    taken, least = best_of(ours), best_of(floor)
    summed = best_of(lambda: summarise_ranks(ours()))
    tell(
        "10,000 weight draws x 1,000 units x 50 indicators, with ranks",
        seconds=taken, floor_s=least, ratio=taken / least, with_percentiles=summed / least, peak_mb=peak_mb(ours),
    )  # fmt: skip
    assert taken <= 2 * least * MARGIN


def test_rivals_give_the_same_ranks_in_many_times_the_time(tmp_path: Path) -> None:
    if not RIVALS.exists():
        pytest.skip("the rivals are not installed; `make bench` does it")
    drawn = make_drawn()
    weights = draw_weights(drawn.scheme, vary(0.2), DRAWS, np.random.default_rng(2))
    taken = best_of(
        lambda: rank_draws(score_draws(drawn.values, drawn.scheme, weights, np.float32), Ranking.of(drawn.scheme))
    )
    scores = drawn.weights[:200].astype(np.float64) @ drawn.matrix.T.astype(np.float64)
    np.savez(
        tmp_path / "drawn.npz", matrix=drawn.matrix, weights=drawn.weights[:200],
        ranks=rank_draws(scores, Ranking(1)), unrounded=rank_draws(scores, Ranking(None)),
    )  # fmt: skip
    command = [RIVALS, PROJECT / "tests" / "bench" / "rivals.py", tmp_path / "drawn.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for name, found in json.loads(done.stdout).items():
        times = found["seconds"] * DRAWS / taken
        tell(f"10,000 draws by {name}", seconds=found["seconds"] * DRAWS, times_ours=times, agrees=found["agrees"])
        assert found["agrees"] == 1
        assert times > 5
