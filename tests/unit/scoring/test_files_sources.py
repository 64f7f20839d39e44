from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest

from scoring.files import Source, describe, file_source, score_data
from scoring.files.sources import Row, kind_of
from scoring.frames import InputError
from tests.unit.scoring.csvs import read_all, source
from tests.unit.scoring.rounds import row, small_scheme
from tests.unit.scoring.test_files_others import figured_scheme

RATINGS = "unit,group,indicator,value,period"
NONE_OF_THEM = (
    "data.csv is neither ratings (unit, group, indicator, value) nor figures (the scheme has none)"
    " nor adjustments (unit, kind, code): its columns are "
)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("value,unit,group,indicator", "ratings"),
        ("unit,kind,code", "adjustments"),
        ("unit,waste", "figures"),
        ("unit,people", "figures"),
        ("unit, waste ,kind", "figures"),
    ],
)
def test_the_header_tells_what_a_file_holds(header: str, kind: str) -> None:
    assert kind_of(source(header), figured_scheme()) == kind


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], NONE_OF_THEM + "missing"),
        (["unit,waste\n"], NONE_OF_THEM + "unit, waste"),
        (["unit,group,indicator\n"], "data.csv holds ratings, but lacks the column value"),
        (["group\n"], "data.csv holds ratings, but lacks the column unit, indicator, value"),
        (["kind,code\n"], "data.csv holds adjustments, but lacks the column unit"),
        (["unit,group,indicator,value,unit\n"], "data.csv has two columns of the same name"),
        (["unit,group,indicator,value\n", 'U01,"citizens\n'], "data.csv, at or after line 2: unexpected end of data"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(lines: list[str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_all([Source("data.csv", lambda: lines)])
    assert str(caught.value) == said


def test_what_is_not_utf_8_is_refused_as_a_whole() -> None:
    def lines() -> Iterable[str]:
        return chain(["unit,group,indicator,value\n"], (bytes([255]).decode() for _ in range(1)))

    with pytest.raises(InputError, match="^data.csv, at or after line 1: 'utf-8'"):
        read_all([Source("data.csv", lines)])


def test_figures_without_their_unit_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        kind_of(source("waste"), figured_scheme())
    assert str(caught.value) == "data.csv holds figures, but lacks the column unit"
    with pytest.raises(InputError, match=r"nor figures \(unit and a column for waste, calls, people\) nor"):
        kind_of(source("unit"), figured_scheme())


def test_a_file_of_the_disk_is_known_by_its_name_and_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes("\ufeffunit, value\nU1,5\n\nU2, 6".encode())
    found = file_source(path)
    assert (found.name, found.header()) == ("some.csv", ("unit", "value"))
    rows = [Row(2, {"unit": "U1", "value": "5"}, 2), Row(4, {"unit": "U2", "value": "6"}, 2)]
    assert list(found.rows()) == rows == list(found.rows())


def of_two_years(period: str | None) -> dict[str, object]:
    """The score of U1, of whom 2023 says 20, 2024 says 80 and an undated row of another unit 50."""
    rows = ("U1,experts,leadership,80,2024", "U1,experts,leadership,20,2023", "U2,experts,leadership,50,")
    data, refused = read_all([source(RATINGS, *rows)], small_scheme(), period)
    assert not refused
    assert (data.account.used, data.account.aside) == (2, 1)
    result = score_data(data, small_scheme())
    assert row(result, "scores", unit="U2")["score"] == 50
    report = describe(result, data, small_scheme())
    assert f"  period: {data.account.period}\n" in report
    assert "  rows of other periods: 1\n" in report
    return {data.account.period: row(result, "scores", unit="U1")["score"]}


def test_the_last_period_is_scored_unless_another_is_asked_for() -> None:
    assert of_two_years(None) == of_two_years("2024") == {"2024": 80.0}
    assert of_two_years("2023") == {"2023": 20.0}


@pytest.mark.parametrize(("line", "known"), [("U1,experts,leadership,5,2023", "2023"), ("", "no period in the data")])
def test_a_period_that_is_not_there_is_refused(line: str, known: str) -> None:
    with pytest.raises(InputError) as caught:
        read_all([source(RATINGS, line)], small_scheme(), "2025")
    assert str(caught.value) == f"no row is of the period 2025: there is {known}"


def test_respondents_without_a_name_stay_apart_across_files() -> None:
    files = [source("unit,group,indicator,value", "U1,experts,leadership,50", name=name) for name in ("a", "b")]
    data, _ = read_all(files)
    assert data.texts == {("U1", "experts", "all"): {1: chr(0x100 + 51), 2: chr(0x100 + 51)}}


def test_a_refusal_names_its_file() -> None:
    files = [source("unit,group,indicator,value", "U1,moon,leadership,50", name=name) for name in ("a.csv", "b.csv")]
    assert [(told.file, told.line) for told in read_all(files)[1]] == [("a.csv", 2), ("b.csv", 2)]


def test_columns_that_are_not_read_are_named() -> None:
    files = [source("unit,group,indicator,value,colour,size", "U1,experts,leadership,50,x,2")]
    data, _ = read_all(files)
    assert "  columns of data.csv not read: colour, size\n" in describe(
        score_data(data, small_scheme()), data, small_scheme()
    )


def test_a_scheme_in_which_nobody_rates_takes_no_ratings() -> None:
    scheme = figured_scheme(groups=[], rated=False)
    refused = read_all([source("unit,group,indicator,value", "U1,experts,ease,5")], scheme)[1]
    assert [told.reason for told in refused] == ["group is none of the scheme: nobody rates"]
