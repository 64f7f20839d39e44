"""What readers may see of a run's tables: a figure of too few answers stays empty in every one of them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from evalsys.errors import Conflict
from evalsys.services.run_tables import csv_file, rows_of, shown_tables
from scoring.pipeline import run
from scoring.result import Result
from scoring.scheme import Scheme
from tests.unit.scoring.rounds import cell, form, leaf, small_scheme, table, units

INDICATORS = {"ease": 40, "speed": 20, "staff": 40, "local": 0}
FIGURES = {"means": "mean", "strata": "raw_mean", "contributions": "contribution", "nodes": "score"}
FIRST_ENGINE: Mapping[str, tuple[str, ...]] = {
    "distribution": ("unit", "group", "stratum", "indicator", "code", "count"),
    "responses": ("unit", "group", "stratum", "indicator", "valid", "dont_know", "not_applicable", "blank"),
    "strata": ("unit", "group", "stratum", "indicator", "points", "responses", "n", "raw_mean", "raw_variance",
               "weight"),
    "means": ("unit", "indicator", "group", "n", "n_effective", "mean", "sd", "low", "high", "raw_mean", "top_share",
              "bottom_share", "dont_know", "not_applicable", "level"),
    "groups": ("unit", "group", "n", "score", "low", "high", "weight_nominal", "weight_used", "level"),
    "nodes": ("unit", "node", "parent", "score", "low", "high", "weight_nominal", "weight_used", "effective_nominal",
              "effective_used", "present"),
    "scores": ("unit", "category", "score", "low", "high", "n", "level", "level_group", "level_n", "band", "rank",
               "ranked_of"),
    "contributions": ("unit", "indicator", "group", "weight_nominal", "weight_used", "score", "contribution"),
    "categories": ("category", "units", "published_units", "mean"),
    "problems": ("unit", "node", "code", "detail"),
}  # fmt: skip
"""The tables and columns of the engine's version 1.0.0."""


@cache
def small_run() -> tuple[Result, Scheme]:
    """A run in which one person of five answered about speed, and all of them about everything else."""
    children = [leaf(code, weight, "citizens") for code, weight in INDICATORS.items()]
    scheme = small_scheme(tree={"code": "score", "children": children})
    asked = form("c", "citizens", list(INDICATORS))
    cells = table(cell("U01", asked, "a", [[5, 1, 4, 3], *[[4, 6, 5, 2]] * 4]))
    return run(cells, {"c": asked}, units(U01="A"), scheme), scheme


def as_first_engine(result: Result) -> Result:
    """The result as the first engine would have stored it: without the tables and columns that came later."""
    stages = {name: result.stages[name][list(columns)] for name, columns in FIRST_ENGINE.items()}
    return Result.from_json(replace(result, stages=stages, engine_version="1.0.0").to_json())


def hidden_in(result: Result, scheme: Scheme, stage: str, column: str) -> set[str]:
    """The indicators of which a column of a stage's table has no value for the oversight body."""
    rows = rows_of(shown_tables(result, scheme, "overseer")[stage])
    return {row.get("indicator") or row["node"] for row in rows if row[column] is None} & set(INDICATORS)


@pytest.mark.parametrize("stage", FIGURES)
def test_a_figure_of_few_answers_is_empty_in_every_table_and_one_more_with_it(stage: str) -> None:
    assert hidden_in(*small_run(), stage, FIGURES[stage]) == {"ease", "speed"}


@pytest.mark.parametrize(("stage", "column"), [("distribution", "count"), ("responses", "valid")])
def test_its_answers_are_not_counted_out_either(stage: str, column: str) -> None:
    assert hidden_in(*small_run(), stage, column) == {"ease", "speed"}


def test_the_weight_of_a_hidden_stratum_goes_because_that_of_a_raked_one_tells_its_number_of_answers() -> None:
    assert hidden_in(*small_run(), "strata", "weight") == {"ease", "speed"}


@pytest.mark.parametrize("stage", FIGURES)
def test_a_run_of_an_older_engine_is_shown_by_the_same_rule(stage: str) -> None:
    result, scheme = small_run()
    old = as_first_engine(result)
    assert hidden_in(old, scheme, stage, FIGURES[stage]) == {"ease", "speed"}
    shown = shown_tables(old, scheme, "overseer")
    assert {name: (*FIRST_ENGINE[name], "withheld") for name in shown} == {
        name: tuple(found.columns) for name, found in shown.items()
    }


@pytest.mark.parametrize("missing", ["scores", "groups", "nodes", "means", "strata", "distribution"])
@pytest.mark.parametrize("audience", ["public", "overseer"])
def test_of_a_run_that_lacks_what_tells_what_to_hide_nothing_is_shown(missing: str, audience: str) -> None:
    result, scheme = small_run()
    rest = replace(result, stages={name: found for name, found in result.stages.items() if name != missing})
    with pytest.raises(Conflict, match="lacks what tells which figures must stay hidden"):
        shown_tables(rest, scheme, audience)


def test_what_is_withheld_or_missing_is_none_and_an_empty_text_stays_one() -> None:
    found = pd.DataFrame({"unit": ["U01", "U02"], "band": ["A", ""], "rank": pd.array([1, None], dtype="Int64")})
    assert rows_of(found.assign(score=[75.5, float("nan")])) == [
        {"unit": "U01", "band": "A", "rank": 1, "score": 75.5},
        {"unit": "U02", "band": "", "rank": None, "score": None},
    ]


def test_a_file_holds_every_digit_and_leaves_empty_what_is_missing() -> None:
    values = {"unit": ["=1+1", "U,2"], "n": pd.array([1, None], dtype="Int64"), "score": [1e-05, 76.984375]}
    written = csv_file(pd.DataFrame(values).assign(present=pd.array([True, None], dtype="boolean")))
    assert written == 'unit,n,score,present\r\n\'=1+1,1,1e-05,True\r\n"U,2",,76.984375,\r\n'
