"""Importing a survey file: everything that fits once, everything else by name."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid
from evalsys.models import (
    Account,
    AuditEntry,
    Cell,
    Dirty,
    Questionnaire,
    Response,
    Role,
    Round,
    RoundState,
    SchemeVersion,
    Unit,
)
from evalsys.services import cells, imports
from evalsys.services.access import Actor, actor_of
from evalsys.services.content import text_of
from evalsys.services.imports import portions
from tests.factories import NOW, make_account

HEADER = "id,when,how,overall,streets"
SPRING = {"code": "r-spring", "start": date(2025, 3, 1), "end": date(2025, 5, 31), "name": {"en": "Spring"}}
NAMES = {"en": "Parks", "zh": "公园", "ar": "الحدائق"}


def mapping(**over: Any) -> dict[str, Any]:
    """Two units: PARKS with one question, STREETS with one."""
    return {
        "preset": "kansas_city",
        "group": "citizens",
        "respondent": {"column": "id"},
        "channel": {"column": "how", "values": {"web": "web", "mail": "paper"}},
        "stratum": {"constant": "residents"},
        "round": {"column": "when"},
        "answers": {"levels": {str(level): level for level in range(1, 6)}, "dont_know": ["9"], "blank": ["", "-"]},
        "rounds": {"spring": SPRING},
        "categories": {"A": {"en": "All"}},
        "units": {
            "PARKS": {"category": "A", "name": NAMES, "columns": {"overall": "kc_q3_07"}},
            "STREETS": {"category": "A", "name": {"en": "Streets"}, "columns": {"streets": "kc_q3_03"}},
        },
        **over,
    }  # fmt: skip


@pytest.fixture
def analyst(session: Session) -> Actor:
    return actor_of(make_account(session, Role.ANALYST))


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "answers.csv"
    path.write_bytes("\r\n".join([HEADER, *lines, ""]).encode(encoding))
    return path


def load(actor: Actor, path: Path, **over: Any) -> tuple[imports.ImportReport, list[dict[str, str]]]:
    """What came of it, and the lines of the file that names what was rejected."""
    report = imports.import_responses(actor, imports.Source(path, imports.parse_map(mapping(**over))), now=NOW)
    if report.rejected is None:
        return report, []
    with open(report.rejected, encoding="utf-8", newline="") as file:
        return report, list(csv.DictReader(file))


def stored(session: Session) -> list[tuple[str, str, str, str]]:
    query = select(Unit.code, Response.answers, Response.channel, Response.stratum).join(Unit)
    return sorted((unit, answers, channel, stratum) for unit, answers, channel, stratum in session.execute(query))


def test_an_import_makes_the_round_its_units_forms_and_weights(
    session: Session, analyst: Actor, tmp_path: Path
) -> None:
    load(analyst, written(tmp_path, "p1,spring,web,4,2"))
    (round_,) = session.scalars(select(Round))
    assert (round_.code, round_.state, round_.period_end) == ("r-spring", "draft", date(2025, 5, 31))
    assert sorted(place.unit.code for place in round_.units) == ["PARKS", "STREETS"]
    forms = session.scalars(select(Questionnaire).order_by(Questionnaire.code)).all()
    assert [(form.code, form.unit and form.unit.code) for form in forms] == [
        ("citizens-PARKS", "PARKS"),
        ("citizens-STREETS", "STREETS"),
    ]
    (version,) = session.scalars(select(SchemeVersion))
    assert (version.state, version.proposer_id) == ("proposed", analyst.account_id)
    assert text_of("unit", "PARKS", "name", "zh").text == "公园"


def test_every_answer_is_stored_by_its_meaning(session: Session, analyst: Actor, tmp_path: Path) -> None:
    lines = ("p1,spring,web,4,9", "p2,spring,mail,-,1")
    report, rejected = load(analyst, written(tmp_path, *lines))
    assert stored(session) == [
        ("PARKS", "4", "web", "residents"),
        ("STREETS", "1", "paper", "residents"),
        ("STREETS", "6", "web", "residents"),
    ]
    assert rejected == []
    assert (report.count.valid, report.count.dont_know, report.added, report.count.respondents) == (
        2,
        1,
        3,
        {"r-spring": 2},
    )


def test_a_second_import_of_the_same_file_adds_nothing(session: Session, analyst: Actor, tmp_path: Path) -> None:
    path = written(tmp_path, "p1,spring,web,4,2", "p2,spring,web,5,9")
    load(analyst, path)
    cells.recount()
    report, _ = load(analyst, path)
    assert (report.added, report.already_there) == (0, 4)
    assert len(stored(session)) == 4
    assert session.scalars(select(Dirty)).all() == []
    assert len(session.scalars(select(SchemeVersion)).all()) == 1


def test_an_import_marks_what_it_changed_to_be_counted(session: Session, analyst: Actor, tmp_path: Path) -> None:
    load(analyst, written(tmp_path, "p1,spring,web,4,", "p2,spring,web,5,"))
    cells.recount()
    assert [(cell.n, cell.stratum) for cell in session.scalars(select(Cell))] == [(2, "residents")]


def test_rejected_rows_are_named_with_line_column_value_and_reason(
    session: Session, analyst: Actor, tmp_path: Path
) -> None:
    lines = (
        "p1,spring,web,4,2",
        ",spring,web,1,1",
        "p3,winter,web,1,1",
        "p4,spring,pigeon,1,1",
        "p5,spring,web",
        "p1,spring,web,5,5",
    )
    report, rejected = load(analyst, written(tmp_path, *lines))
    assert [(item["line"], item["column"], item["value"]) for item in rejected] == [
        ("3", "id", ""),
        ("4", "when", "winter"),
        ("5", "how", "pigeon"),
        ("6", "", "3"),
        ("7", "id", "p1"),
    ]
    assert all(item["reason"] for item in rejected)
    assert (report.count.rows, report.count.rejected_rows, report.added) == (6, 5, 2)


def test_a_rejected_answer_leaves_the_rest_of_its_row(session: Session, analyst: Actor, tmp_path: Path) -> None:
    report, rejected = load(analyst, written(tmp_path, "p1,spring,web,seven,2"))
    assert [(item["line"], item["column"], item["value"]) for item in rejected] == [("2", "overall", "seven")]
    assert (report.count.rejected_cells, report.count.valid) == (1, 1)
    assert stored(session) == [("STREETS", "2", "web", "residents")]


def test_who_answered_nothing_about_a_unit_is_not_counted_for_it(
    session: Session, analyst: Actor, tmp_path: Path
) -> None:
    load(analyst, written(tmp_path, "p1,spring,web,,3"))
    assert [unit for unit, *_ in stored(session)] == ["STREETS"]


def test_a_file_with_a_byte_order_mark_is_read(session: Session, analyst: Actor, tmp_path: Path) -> None:
    report, _ = load(analyst, written(tmp_path, "p1,spring,web,4,2", encoding="utf-8-sig"))
    assert report.added == 2


def test_batches_of_any_size_bring_every_row(
    session: Session, analyst: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "BATCH_RESPONSES", 3)
    monkeypatch.setattr(portions, "COUNTED_AT_ONCE", 7)
    report, _ = load(analyst, written(tmp_path, *(f"p{number},spring,web,4,2" for number in range(10))))
    assert report.added == len(stored(session)) == 20


def test_a_file_without_the_columns_is_refused_and_nothing_is_kept(
    session: Session, analyst: Actor, tmp_path: Path
) -> None:
    path = tmp_path / "other.csv"
    path.write_text("id,when\np1,spring\n", encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        load(analyst, path)
    assert [params["column"] for _, params in refusal.value.problems] == ["how", "overall", "streets"]
    assert session.scalars(select(Round)).all() == []
    assert [entry.outcome for entry in session.scalars(select(AuditEntry))] == ["refused"]


@pytest.mark.parametrize(
    "content",
    [b"id,when,how,overall,streets\np1,spring,web,4,\xff\n", b'id,when,how,overall,streets\np1,spring,"web"x,4,1\n'],
)
def test_a_broken_file_is_refused_with_its_line(
    session: Session, analyst: Actor, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refusal:
        load(analyst, path)
    assert refusal.value.params["line"] in (1, 2)
    assert stored(session) == []


def test_a_round_that_is_closed_takes_no_import(session: Session, analyst: Actor, tmp_path: Path) -> None:
    path = written(tmp_path, "p1,spring,web,4,2")
    load(analyst, path)
    session.scalars(select(Round)).one().state = RoundState.CLOSED
    session.commit()
    with pytest.raises(Conflict):
        load(analyst, path)


def test_other_questions_about_a_unit_are_refused(session: Session, analyst: Actor, tmp_path: Path) -> None:
    path = written(tmp_path, "p1,spring,web,4,2")
    load(analyst, path)
    units = mapping()["units"]
    units["PARKS"]["columns"] = {"overall": "kc_q3_08"}
    with pytest.raises(Conflict):
        load(analyst, path, units=units)


def test_only_an_analyst_may_import(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        load(actor_of(make_account(session, Role.BOARD)), written(tmp_path, "p1,spring,web,4,2"))


def test_an_import_leaves_one_entry_at_its_start_and_one_that_tells_the_numbers(
    session: Session, analyst: Actor, tmp_path: Path
) -> None:
    load(analyst, written(tmp_path, "p1,spring,web,4,9", "p2,spring,web,x,1"))
    start, entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    assert (start.detail["step"], entry.detail["step"]) == ("start", "done")
    assert (entry.act, entry.subject, entry.outcome) == ("response.import", "file:answers.csv", "done")
    assert (entry.detail["valid"], entry.detail["dont_know"], entry.detail["rejected_cells"]) == (2, 1, 1)
    assert len(entry.detail["sha256"]) == 64


def test_a_mapping_is_refused_with_every_problem() -> None:
    units = {"U": {"category": "Z", "name": {"zh": "一"}, "columns": {"a": "nothing"}}}
    with pytest.raises(Invalid) as refusal:
        imports.parse_map(mapping(units=units, stratum={"constant": "nobody"}, channel={}))
    assert len(refusal.value.problems) == 5


def test_a_mapping_without_its_parts_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        imports.parse_map({"preset": "kansas_city", "colour": "red"})
    assert len(refusal.value.problems) == 10


def test_the_command_names_rejections_in_a_file_that_no_spreadsheet_runs(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    make_account(session, Role.ANALYST, login="an@example.org")
    assert session.scalar(select(Account.id)) is not None
    answers, rejected = written(tmp_path, "p1,spring,=SUM(1),4,2", "p2,spring,web,4,2"), tmp_path / "rejected.csv"
    map_file = tmp_path / "map.toml"
    map_file.write_text(TOML, encoding="utf-8")
    arguments = ["responses", "import", str(answers), "--map", str(map_file), "--as", "an@example.org"]
    done = app.test_cli_runner().invoke(args=[*arguments, "--rejected", str(rejected)])
    assert done.exit_code == 0, done.output
    assert "2 added, 0 there already" in done.output
    with open(rejected, encoding="utf-8", newline="") as file:
        assert [row["value"] for row in csv.DictReader(file)] == ["'=SUM(1)"]


TOML = """
preset = "kansas_city"
group = "citizens"
respondent = { column = "id" }
channel = { column = "how", values = { web = "web" } }
stratum = { constant = "residents" }
round = { constant = "spring" }
answers = { levels = { 1 = 1, 2 = 2, 3 = 3, 4 = 4, 5 = 5 } }
rounds = { spring = { code = "r-spring", start = 2025-03-01, end = 2025-05-31, name = { en = "Spring" } } }
categories = { A = { en = "All" } }

[units]
PARKS = { category = "A", name = { en = "Parks" }, columns = { overall = "kc_q3_07" } }
STREETS = { category = "A", name = { en = "Streets" }, columns = { streets = "kc_q3_03" } }
"""
