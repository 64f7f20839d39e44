"""Short lists: what is read, and how every row that does not fit is named."""

import csv
import io

import pytest

from evalsys.errors import Invalid
from evalsys.services import rowlist
from evalsys.services.rowlist import RowProblem, problems_csv, read_rows, refuse_rows

COLUMNS = ("login", "unit")


def cells(content: bytes | str) -> list[tuple[int, dict[str, str]]]:
    rows, problems = read_rows(content, COLUMNS)
    assert problems == []
    return [(row.line, dict(row.cells)) for row in rows]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_same_list_is_read_however_it_was_saved(sign: str, end: str, mark: str) -> None:
    text = mark + end.join(["", f" Unit {sign}LOGIN", "", f'"U,01;"{sign} 李 ', f"U02{sign}b"]) + end
    expected = [(4, {"unit": "U,01;", "login": "李"}), (5, {"unit": "U02", "login": "b"})]
    assert cells(text) == cells(text.encode()) == expected


def test_a_row_counts_its_lines_and_columns_nobody_asked_for_are_left_alone() -> None:
    assert cells('login,x,unit,\na,"1\n2",U01,\nb,,U02,\n') == [
        (3, {"login": "a", "x": "1\n2", "unit": "U01", "": ""}),
        (4, {"login": "b", "x": "", "unit": "U02", "": ""}),
    ]


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x0b", "\x7f", "\x85", "\u202e", "\u2066"])
def test_a_row_with_a_control_character_is_left_out_and_named(sign: str) -> None:
    rows, problems = read_rows(f"login,unit\na,U{sign}01\nb,U02\n", COLUMNS)
    assert [row.line for row in rows] == [3]
    assert problems == [RowProblem(2, "unit", "U01", rowlist.UNREADABLE)]


def test_a_row_of_another_width_is_named_and_shown_in_part() -> None:
    rows, problems = read_rows("login,unit\na\nb,U02\n" + "x," * 100 + "\n", COLUMNS)
    assert [row.line for row in rows] == [3]
    assert [(one.line, one.column, one.value[:4], one.params) for one in problems] == [
        (2, "", "a", {"cells": 1, "columns": 2}),
        (4, "", "x, x", {"cells": 101, "columns": 2}),
    ]
    assert len(problems[1].value) == 80


@pytest.mark.parametrize(
    ("content", "said", "params"),
    [
        (b"", "must name these columns", {"columns": "login, unit"}),
        (b"login,name\n", "must name these columns", {"columns": "login, unit"}),
        (b"login,unit,unit\na,b,c\n", "must name these columns", {"columns": "login, unit"}),
        (b"login,unit\n\n,\n", "must have 1 to", {"most": 2}),
        (b"login,unit\na,1\nb,2\nc,3\n", "must have 1 to", {"most": 2}),
        (b"login,unit\na,\xff\n", "not UTF-8 text near line", {"line": 2}),
        (b'login,unit\na,"1" 2\n', "cannot be read as CSV", {"line": 2, "detail": "',' expected after '\"'"}),
    ],
)
def test_what_is_no_list_is_refused_whole(content: bytes, said: str, params: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal:
        read_rows(content, COLUMNS, 2)
    assert said in refusal.value.message
    assert refusal.value.params == params


def test_the_columns_that_are_missing_or_there_twice_are_named() -> None:
    with pytest.raises(Invalid) as refusal:
        read_rows("unit,unit\n", COLUMNS)
    assert [message % params for message, params in refusal.value.problems] == [
        "The file has no column “login”.",
        "The column “unit” is there twice.",
    ]


def test_all_rows_or_none_names_every_problem_in_the_order_of_the_file() -> None:
    refuse_rows([])
    with pytest.raises(Invalid) as refusal:
        refuse_rows([RowProblem(9, "unit", "x", "No."), RowProblem(2, "", "y", rowlist.STANDS_ABOVE, {"first": 1})])
    assert refusal.value.problems == (
        (rowlist.STANDS_ABOVE, {"first": 1, "line": 2, "column": "", "value": "y"}),
        ("No.", {"line": 9, "column": "unit", "value": "x"}),
    )


def test_the_file_of_rows_that_were_not_taken_executes_nothing() -> None:
    wrong = [RowProblem(2, "=col", "=1+1", "Because of %(name)s.", {"name": "=A1"}), RowProblem(3, "", "-3", "@x")]
    text = problems_csv(wrong[:1]) + problems_csv(wrong[1:], with_head=False)
    assert list(csv.reader(io.StringIO(text))) == [
        ["line", "column", "value", "reason"],
        ["2", "'=col", "'=1+1", "Because of =A1."],
        ["3", "", "-3", "'@x"],
    ]
