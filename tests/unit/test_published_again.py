"""Every published score comes out of the published tables: for each preset and each way of joining parts."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalsys.services.opendata.rows import Content
from evalsys.services.presets import read_preset
from evalsys.services.scorecards.fine import MOST, fine_scores
from evalsys.services.scorecards.sheet import read_sheet
from scoring.__main__ import main
from scoring.files import Compared, compare_published, describe_again
from scoring.files.again import DIFFERS, HIDDEN, SAME, UNPUBLISHED
from scoring.frames import InputError
from scoring.result import Result, Supplement
from scoring.scheme import Scheme, parse_scheme
from tests.golden import presets, test_presets, test_presets_panels
from tests.opendata import change, write_tables
from tests.unit.drawn_cards import build, two_units
from tests.unit.scoring.rounds import leaf
from tests.unit.test_sheet import full_run

FINDINGS = pd.DataFrame(
    [
        ("U01", "bonus", "idea", 2.25, "external", "a new idea"),
        ("U01", "deduction", "late", 1.5, "external", ""),
        ("U01", "deduction", "own", 1, "self", "reported by itself"),
        ("U02", "bonus", "idea", 9, "external", "more than counts"),
    ],
    columns=["unit", "kind", "code", "points", "source", "reason"],
)
RULES: dict[str, dict[str, Any]] = {"bonus": {"cap": 5}, "deductions": {"cap": 3, "self_reported": "ignored"}}
FLOOR = {"range": ["0.001", 100]}
PARTS = [leaf("ease", 35, "citizens"), {**leaf("speed", 65, "citizens"), "groups": {"citizens": 70, "experts": 30}}]


def tables_of(result: Result, scheme: Scheme, folder: Path) -> Path:
    """The open data of a result: its cards as they would be published."""
    sheet = read_sheet(result, scheme)
    fine = fine_scores(sheet, scheme)
    cards = {}
    for unit in sheet.scores:
        card = build(result, scheme, unit)
        cards[unit] = {"en": replace(card, indicators=fine.lines(card))}
    return write_tables(Content(cards, scheme), folder)


def outcomes(folder: Path) -> dict[str, str]:
    return {one.unit: one.outcome for one in compare_published(folder)}


EXAMPLES = [
    (module, name)
    for module in (test_presets, test_presets_panels)
    for name, example in vars(module).items()
    if name.startswith("test_") and "run_preset" in inspect.getsource(example)
]


@pytest.mark.walk
@pytest.mark.parametrize(("module", "name"), EXAMPLES, ids=[name for _module, name in EXAMPLES])
def test_no_score_of_a_presets_example_comes_out_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: Any, name: str
) -> None:
    found: list[dict[str, str]] = []

    def run(code: str, *rows: Any, **more: Any) -> Result:
        result = presets.run_preset(code, *rows, **more)
        folder = tables_of(result, parse_scheme(read_preset(code).scheme), tmp_path / str(len(found)))
        found.append(outcomes(folder))
        return result

    monkeypatch.setattr(module, "run_preset", run)
    example: Callable[..., None] = getattr(module, name)
    example(**_first_case(example))
    assert found
    assert all(outcome != DIFFERS for one in found for outcome in one.values()), found


def _first_case(example: Callable[..., None]) -> dict[str, Any]:
    needed = tuple(inspect.signature(example).parameters)
    for mark in getattr(example, "pytestmark", ()):
        if mark.name == "parametrize":
            case = mark.args[1][0]
            return dict(zip(needed, case if isinstance(case, tuple) else (case,), strict=True))
    return {}


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"aggregation": "geometric"},
        {"aggregation": "harmonic"},
        {"aggregation": "power", "power": "-1.5"},
        {"aggregation": "ampi-", "weights": "equal"},
        {"aggregation": "minimum", "weights": "equal"},
    ],
    ids=lambda tree: tree.get("aggregation", "arithmetic"),
)
def test_both_offices_come_out_however_parts_are_joined(tree: dict[str, Any], tmp_path: Path) -> None:
    parts = [{**part, **FLOOR} for part in PARTS]
    if "weights" in tree:
        parts = [{name: value for name, value in part.items() if name != "weight"} for part in parts]
    result, scheme = two_units({"children": parts, **tree}, Supplement(adjustments=FINDINGS), **RULES)
    assert outcomes(tables_of(result, scheme, tmp_path)) == {"U01": SAME, "U02": SAME}


def test_a_group_that_is_missing_leaves_its_weight_to_the_others(tmp_path: Path) -> None:
    found = outcomes(tables_of(*full_run(), tmp_path))
    assert found["U03"] == SAME
    assert set(found.values()) <= {SAME, UNPUBLISHED}


def test_where_only_grades_are_published_every_office_says_that_it_has_no_score(tmp_path: Path) -> None:
    result, scheme = two_units({"children": PARTS})
    folder = tables_of(result, replace(scheme, publication="grades"), tmp_path)
    assert compare_published(folder) == [Compared(unit, "", "", UNPUBLISHED, 3) for unit in ("U01", "U02")]


def test_the_fewest_decimals_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    result, scheme = two_units({"children": PARTS})
    sheet = read_sheet(result, scheme)
    fine = fine_scores(sheet, scheme)
    assert fine.decimals < MOST
    moved = {unit: {**row, "score": row["score"] + 1} for unit, row in sheet.scores.items()}
    assert fine_scores(replace(sheet, scores=moved), scheme).decimals == MOST


def test_the_command_finds_a_score_that_was_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tables_of(*two_units({"children": PARTS}), tmp_path)
    assert main(["published", str(folder)]) == 0
    assert "2 of 2 units: the published score comes out again" in capsys.readouterr().out
    change(folder / "indicators.csv", {"fine": "12.5", "score": "12.50"}, unit="U02", indicator="ease")
    assert main(["published", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "1 of 2 units: ANOTHER SCORE COMES OUT" in said
    assert "1 of 2 units: the published score comes out again" in said


def test_an_office_with_a_withheld_part_is_named_and_not_passed_over(tmp_path: Path) -> None:
    folder = tables_of(*two_units({"children": PARTS}), tmp_path)
    change(folder / "indicators.csv", {"fine": "", "score": "", "withheld": "primary"}, unit="U02", indicator="ease")
    found = compare_published(folder)
    assert outcomes(folder) == {"U01": SAME, "U02": HIDDEN}
    assert "U02" in describe_again(found)
    assert "hidden parts (1)" in describe_again(found)


def test_tables_that_do_not_fit_are_refused_with_their_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tables_of(*two_units({"children": PARTS}), tmp_path)
    change(folder / "indicators.csv", {"indicator": "other"}, unit="U02", indicator="ease")
    with pytest.raises(InputError, match="indicator 'other' is not known"):
        compare_published(folder)
    (folder / "indicators.csv").write_text("unit,indicator\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"indicators.csv lacks the column group, score, fine, withheld"):
        compare_published(folder)
    (folder / "indicators.csv").write_text("", encoding="utf-8")
    assert main(["published", str(folder)]) == 2
    assert "indicators.csv" in capsys.readouterr().err
