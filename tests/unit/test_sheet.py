"""What leaves a run for the public: nothing withheld, nothing by which it could be told, nothing not published."""

from dataclasses import fields, replace
from typing import Any

import pytest

from evalsys.errors import Conflict
from evalsys.services.scorecards.sheet import read_sheet
from scoring.pipeline import run
from scoring.result import Result
from scoring.scheme import Scheme
from tests.unit.scoring.rounds import SMALL_FORMS, cell, form, group, leaf, row, small_scheme, survey, table, units
from tests.unit.test_run_tables import as_first_engine, small_run

GROUPS = [group("citizens", (2, 3, 4), {"a": 60, "b": 40, "open": 0}), group("experts", (1, 1, 1), {"all": 100})]
ACCOUNTABLE = [GROUPS[0], {**GROUPS[1], "promise": "accountable"}]
WITH_CITIZENS = ("U01", "U02")
SHARES = ("weight", "effective")


def full_run(publication: str = "scores-and-grades") -> tuple[Result, Scheme]:
    """Three units: two with 60 citizens and two experts, U03 with experts alone. U01 has open answers as well."""
    scheme = small_scheme(groups=ACCOUNTABLE, publication=publication)
    asked, experts = SMALL_FORMS["c"], SMALL_FORMS["e"]
    cells = [cell("U01", asked, "open", survey([3.25, 2.25], 40))]
    for unit, means in zip(WITH_CITIZENS, ([4.3, 3.7], [3.1, 2.9]), strict=True):
        cells += [cell(unit, asked, stratum, survey(means, 30)) for stratum in ("a", "b")]
    cells += [
        cell(unit, experts, "all", [[72 - 10 * n], [70 - 10 * n]]) for n, unit in enumerate(("U01", "U02", "U03"))
    ]
    return run(table(*cells), SMALL_FORMS, units(U01="A", U02="A", U03="B"), scheme), scheme


def numbers(value: Any) -> set[float]:
    """Every number with a fraction anywhere in a sheet: counts and ranks are whole, shares of weight are multiples."""
    if isinstance(value, dict):
        return set().union(*(numbers(part) for key, part in value.items() if not str(key).startswith(SHARES)))
    if isinstance(value, (tuple, list)):
        return set().union(*(numbers(part) for part in value))
    if hasattr(value, "__dataclass_fields__"):
        return set().union(*(numbers(getattr(value, field.name)) for field in fields(value)))
    return {float(value)} if not isinstance(value, (str, bool, int, type(None))) else set()


def test_one_withheld_indicator_takes_another_with_it_and_one_without_weight_covers_nothing() -> None:
    sheet = read_sheet(*small_run())
    assert {indicator for _unit, indicator, _group in sheet.lines} == {"staff", "local"}
    assert {(line["indicator"], line["contribution"] is None) for line in sheet.weights["U01"]} == {
        ("ease", True), ("speed", True), ("staff", False), ("local", False),
    }  # fmt: skip


def test_a_run_of_an_older_engine_is_published_by_the_same_rule_without_ranges_of_ranks() -> None:
    result, scheme = small_run()
    sheet, old = read_sheet(result, scheme), read_sheet(as_first_engine(result), scheme)
    assert old.lines.keys() == sheet.lines.keys()
    assert old.spreads == sheet.spreads
    assert (old.scores["U01"]["score"], old.scores["U01"]["band"]) == (70.0, "B")
    assert (old.ranks, old.adjustments) == ({}, {})
    assert sheet.ranks["U01"]["rank_low"] == 1


def test_of_a_run_that_lacks_a_table_nothing_is_published() -> None:
    result, scheme = small_run()
    stages = {name: found for name, found in result.stages.items() if name != "strata"}
    with pytest.raises(Conflict):
        read_sheet(replace(result, stages=stages), scheme)


def test_ranges_of_ranks_are_those_of_the_run() -> None:
    result, scheme = full_run()
    sheet = read_sheet(result, scheme)
    assert set(sheet.ranks) == {"U01", "U02", "U03"}
    for unit, found in sheet.ranks.items():
        stored = row(result, "robustness", unit=unit)
        assert {**found} == {**stored, "withheld": ""}


def test_a_rank_is_withheld_with_the_score_that_it_would_bound() -> None:
    asked = form("c", "citizens", ["ease"])
    children = [leaf("ease", 95, "citizens"), leaf("leadership", 5, "experts", 101)]
    scheme = small_scheme(groups=ACCOUNTABLE, tree={"code": "score", "children": children})
    cells = [cell(unit, asked, "a", survey([3.5], 30)) for unit in WITH_CITIZENS]
    cells[1] = cell("U02", asked, "a", [[5]] * 30)
    cells += [cell(unit, SMALL_FORMS["e"], "all", [[71], [69]]) for unit in WITH_CITIZENS]
    forms = {"c": asked, "e": SMALL_FORMS["e"]}
    sheet = read_sheet(run(table(*cells), forms, units(U01="A", U02="A"), scheme), scheme)
    assert [sheet.scores[unit]["withheld"] for unit in WITH_CITIZENS] == ["", "complementary"]
    assert [sheet.scores[unit]["score"] is None for unit in WITH_CITIZENS] == [False, True]
    for unit in WITH_CITIZENS:
        assert sheet.scores[unit]["rank"] is None
        told = {name: sheet.ranks[unit][name] for name in ("rank_low", "rank_high", "first", "band_share", "tie_group")}
        assert set(told.values()) == {None}


def test_a_distribution_needs_thirty_answers_and_not_all_alike() -> None:
    asked = SMALL_FORMS["c"]
    plain = [[4, 3], [5, 4]]
    cells = [cell("U01", asked, "a", plain * 15), cell("U02", asked, "a", (plain * 15)[:29])]
    cells += [cell("U03", asked, "a", [[4, 3], [4, 4]] * 15)]
    scheme = small_scheme()
    sheet = read_sheet(run(table(*cells), SMALL_FORMS, units(U01="A", U02="A", U03="A"), scheme), scheme)
    assert sheet.spreads == {
        ("U01", "ease", "citizens"): (0, 0, 0, 15, 15),
        ("U01", "speed", "citizens"): (0, 0, 15, 15, 0),
        ("U03", "speed", "citizens"): (0, 0, 15, 15, 0),
    }
    alike = sheet.lines["U03", "ease", "citizens"]
    assert (alike["mean"], alike["low"], alike["high"], alike["n"]) == (75.0, None, None, 30)


def test_scores_alone_are_published_without_a_grade() -> None:
    both, alone = read_sheet(*full_run()), read_sheet(*full_run("scores"))
    assert {found["band"] for found in both.scores.values()} == {"B"}
    assert {(found["band"], found["limit"]) for found in alone.scores.values()} == {("", "")}
    assert {found["band_share"] for found in alone.ranks.values()} == {None}
    for name in ("groups", "nodes", "weights", "lines", "spreads", "categories", "category_means", "open_channel"):
        assert getattr(alone, name) == getattr(both, name), name
    assert [found["score"] for found in alone.scores.values()] == [found["score"] for found in both.scores.values()]


def test_grades_alone_are_published_without_any_figure_that_tells_a_score() -> None:
    both, alone = read_sheet(*full_run()), read_sheet(*full_run("grades"))
    shares = {found["band_share"] for found in alone.ranks.values()}
    assert len(numbers(both)) > len(shares) + 20
    assert numbers(alone) == shares
    assert {unit: found["band"] for unit, found in alone.scores.items()} == dict.fromkeys(("U01", "U02", "U03"), "B")
    assert {found["rank"] for found in alone.scores.values()} == {None}
    assert (alone.lines, alone.spreads, alone.category_means) == ({}, {}, {})
    assert (alone.open_channel["U01"].n, alone.open_channel["U01"].n_to) == (20, 49)
    assert [found["n"] for found in alone.groups["U01"]] == [60, 2]
