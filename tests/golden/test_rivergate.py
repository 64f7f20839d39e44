"""The golden figures of the demo city, out of its database: exact arithmetic by hand, rounded half up at the end."""

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from evalsys.db import db
from evalsys.models import PublishedScorecard, Round, Run, Unit
from evalsys.services.run_input import RunInput
from evalsys.services.weights import scheme_of
from scoring import pipeline
from scoring.rank import round_half_up
from scoring.result import Result
from tests.pages import get_page

MEANS = [4.4, 4.2, 4.3, 4.5, 4.1, 3.9, 4.6]


def row(result: Result, stage: str, unit: str, **where: str) -> dict[str, Any]:
    table = result.stages[stage]
    table = table[table["unit"] == unit]
    for column, value in where.items():
        table = table[table[column] == value]
    (found,) = table.to_dict("records")
    return {str(name): value for name, value in found.items()}


def stored_run() -> Run:
    newest = select(Run).join(Round).where(Round.code == "2025").order_by(Run.number.desc()).limit(1)
    return db.session.scalars(newest).one()


def rescored(frozen: RunInput) -> Result:
    scheme = scheme_of(stored_run().scheme_version.body)
    return pipeline.run(frozen.cells, frozen.forms, frozen.units, scheme, frozen.supplement)


def card(unit: str, locale: str = "en") -> dict[str, Any]:
    query = select(PublishedScorecard.content).join(Round).join(Unit, PublishedScorecard.unit_id == Unit.id)
    query = query.where(Round.code == "2025", Unit.code == unit, PublishedScorecard.locale == locale)
    found: dict[str, Any] = json.loads(db.session.scalars(query).one())
    return found


def test_the_golden_unit_scores_75_69_and_band_b(results: dict[str, Result]) -> None:
    found = row(results["2025"], "scores", "U01")
    assert round_half_up(found["score"], 4) == Decimal("75.6875")
    assert round_half_up(found["score"], 2) == Decimal("75.69")
    assert (found["band"], found["level"]) == ("B", "full")


@pytest.mark.parametrize(
    ("group", "score", "n"), [("citizens", "82.375", 620), ("peers", "70.5", 10), ("experts", "68", 4)]
)
def test_each_group_of_the_golden_unit_has_its_mean(results: dict[str, Result], group: str, score: str, n: int) -> None:
    found = row(results["2025"], "groups", "U01", group=group)
    assert round_half_up(found["score"], 6) == Decimal(score)
    assert found["n"] == n


def test_every_stratum_of_the_golden_unit_has_the_same_means(results: dict[str, Result]) -> None:
    strata = results["2025"].stages["strata"]
    own = strata[(strata["unit"] == "U01") & (strata["group"] == "citizens")]
    for stratum in ("users", "residents", "supervisors"):
        assert own[own["stratum"] == stratum]["raw_mean"].tolist() == pytest.approx(MEANS, abs=1e-12)


def test_without_its_peers_the_golden_unit_scores_76_98(in_city: Flask) -> None:
    frozen = RunInput.from_bytes(stored_run().input)
    cells = frozen.cells[~((frozen.cells["unit"] == "U01") & (frozen.cells["form"] == "peers"))]
    result = rescored(dataclasses.replace(frozen, cells=cells))
    found = row(result, "scores", "U01")
    assert round_half_up(found["score"], 6) == Decimal("76.984375")
    assert round_half_up(found["score"], 2) == Decimal("76.98")
    used = {group: row(result, "groups", "U01", group=group) for group in ("citizens", "peers", "experts")}
    assert [round_half_up(line["weight_used"], 2) for line in used.values()] == [Decimal("62.5"), 0, Decimal("37.5")]
    assert [round_half_up(line["weight_nominal"], 2) for line in used.values()] == [50, 20, 30]


def test_a_rating_of_zero_counts_as_zero(results: dict[str, Result]) -> None:
    marks = results["2025"].stages["distribution"]
    own = marks[(marks["unit"] == "U12") & (marks["indicator"] == "results")]
    assert 1 in own["code"].tolist()
    total = sum((int(code) - 1) * int(count) for code, count in zip(own["code"], own["count"], strict=True))
    assert own["count"].sum() == 4
    assert row(results["2025"], "means", "U12", indicator="results")["mean"] == pytest.approx(total / 4)


def test_a_unit_without_citizens_is_scored_by_peers_and_experts_as_40_to_60(results: dict[str, Result]) -> None:
    lines = [row(results["2025"], "groups", "U18", group=group) for group in ("citizens", "peers", "experts")]
    assert [round_half_up(line["weight_used"], 6) for line in lines] == [0, 40, 60]
    assert [line["level"] for line in lines] == ["absent", "full", "full"]
    expected = 0.4 * lines[1]["score"] + 0.6 * lines[2]["score"]
    assert row(results["2025"], "scores", "U18")["score"] == pytest.approx(expected)


def test_ninety_six_answers_give_an_indicative_score_without_band_and_rank(results: dict[str, Result]) -> None:
    found = row(results["2025"], "scores", "U08")
    assert (found["level"], found["level_n"], found["band"]) == ("indicative", 96, "")
    assert found["rank"] is None


def test_eighteen_answers_are_not_graded_and_cannot_be_worked_out(results: dict[str, Result], in_city: Flask) -> None:
    found = row(results["2025"], "scores", "U20")
    assert (found["level"], found["level_group"], found["level_n"], found["band"]) == ("overseer", "citizens", 18, "")
    published = card("U20")
    assert (published["score"], published["low"], published["high"], published["rank"]) == (None, None, None, None)
    assert all(line["score"] is None for line in published["indicators"] if line["group_code"] == "citizens")
    categories = results["2025"].stages["categories"].set_index("category")
    assert categories.loc["E", "published_units"] == 1
    assert str(categories.loc["E", "mean"]) == "nan"


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_golden_score_stands_on_the_public_page(city: Flask, locale: str) -> None:
    page = get_page(city.test_client(), f"/{locale}/rounds/2025/units/U01")
    for figure in ("75.69", "82.38", "70.50", "68.00"):
        assert figure in page.text


def test_the_published_card_holds_the_golden_figures(in_city: Flask) -> None:
    published = card("U01")
    assert (published["score"], published["band"], published["n"]) == ("75.69", "B", "634")
    parts = sum(Decimal(line["contribution"]) for line in published["indicators"])
    assert abs(parts - Decimal("75.6875")) < Decimal("0.1")


def test_the_page_of_the_unit_that_is_not_graded_shows_no_score(city: Flask, results: dict[str, Result]) -> None:
    page = get_page(city.test_client(), "/en/rounds/2025/units/U20")
    score = str(round_half_up(row(results["2025"], "scores", "U20")["score"], 2))
    assert score not in page.text
    assert score not in get_page(city.test_client(), "/en/rounds/2025").text


def test_scoring_the_stored_input_again_gives_the_same_bytes(in_city: Flask) -> None:
    run = stored_run()
    assert rescored(RunInput.from_bytes(run.input)).to_json() == run.result
