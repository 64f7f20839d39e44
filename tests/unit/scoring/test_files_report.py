from pathlib import Path

import pytest

from scoring.files import describe, read_scheme, score_data, write_result
from scoring.frames import COLUMNS
from scoring.result import Result
from tests.unit.scoring.csvs import HEADER, read, read_all, source
from tests.unit.scoring.rounds import small_scheme

FINDINGS = "unit,kind,code,points,source,reason"


def test_the_report_gives_no_figure_that_is_too_small_to_publish() -> None:
    rows = [
        f"{unit},citizens,ease,{value},{person},a"
        for unit, n, value in (("U1", 1, 4), ("U2", 4, 5))
        for person in range(n)
    ]
    rows += ["U3,experts,leadership,dk,x,"]
    data, _ = read(*rows)
    lines = describe(score_data(data, small_scheme()), data, small_scheme()).splitlines()
    table = [line.split() for line in lines[3:7]]
    assert table[0] == ["unit", "n", "score", "low", "high", "level", "band", "rank", "places"]
    assert [(line[0], line[2], line[5], *line[6:]) for line in table[1:]] == [
        ("U2", "100.00", "full", "A", "1", "of", "1", "1", "to", "1"),
        ("U1", "-", "hidden", "-", "-", "-"),
        ("U3", "-", "absent", "-", "-", "-"),
    ]
    assert any("group_absent" in line for line in lines)


def test_a_report_without_problems_says_none() -> None:
    people = [(stratum, person) for stratum in "ab" for person in range(8)]
    rows = [f"U01,citizens,{asked},4,{part}{person},{part}" for part, person in people for asked in ("ease", "speed")]
    data, refused = read(*rows, "U01,experts,leadership,50,x,")
    assert not refused
    report = describe(score_data(data, small_scheme()), data, small_scheme())
    assert "Problems\n  none\n" in report


def scores_of(publication: str, *findings: str, draws: int = 1000) -> list[str]:
    """The lines of the scores in a report about two units, 80 and 60."""
    tried = {"limiters": [{"code": "case", "band": "B"}], "simulation": {"draws": draws}}
    scheme = small_scheme(publication=publication, score_decimals=1, **tried)
    rows = [f"{unit},experts,leadership,{value},x," for unit, value in (("U1", 80), ("U2", 60))]
    data, refused = read_all([source(HEADER, *rows), source(FINDINGS, *findings, name="findings.csv")], scheme)
    assert not refused
    return describe(score_data(data, scheme), data, scheme).splitlines()[3:6]


def test_bonus_deductions_and_limits_stand_in_the_report_where_there_are_any() -> None:
    lines = scores_of("scores-and-grades", "U1,deduction,late,2,external,", "U1,limiter,case,,,")
    moved = ["score_before", "bonus", "deduction"]
    assert [line.split() for line in lines] == [
        ["unit", "n", "score", "low", "high", *moved, "level", "band", "limit", "rank", "places"],
        ["U1", "1", "78.0", "-2.0", "98.0", "80.0", "0.0", "2.0", "full", "B", "case", "1", "of", "2", "1", "to", "2"],
        ["U2", "1", "60.0", "0.0", "100.0", "60.0", "0.0", "0.0", "full", "B", "-", "2", "of", "2", "1", "to", "2"],
    ]


@pytest.mark.parametrize(
    ("publication", "header"),
    [
        ("scores-and-grades", ["unit", "n", "score", "low", "high", "level", "band", "rank", "places"]),
        ("scores", ["unit", "n", "score", "low", "high", "level", "rank", "places"]),
        ("grades", ["unit", "n", "level", "band", "rank", "places"]),
    ],
)
def test_a_report_shows_what_the_scheme_publishes(publication: str, header: list[str]) -> None:
    lines = scores_of(publication)
    assert lines[0].split() == header
    assert ("80.0" in lines[1]) == ("score" in header)
    assert lines[1].endswith("1 of 2  1 to 2")


def test_without_draws_a_rank_has_no_range() -> None:
    assert scores_of("grades", draws=0)[1].endswith("1 of 2  -")


def test_every_table_the_result_and_its_scheme_are_written(tmp_path: Path) -> None:
    data, _ = read("U01,experts,leadership,50,x,")
    result = score_data(data, small_scheme())
    write_result(result, small_scheme(), tmp_path)
    tables = (f"{stage}.csv" for stage in COLUMNS)
    assert {path.name for path in tmp_path.iterdir()} == {"result.json", "scheme.json", *tables}
    assert Result.from_json((tmp_path / "result.json").read_bytes()).digest == result.digest
    assert read_scheme(tmp_path / "scheme.json").digest == result.scheme_digest
    header, line = (tmp_path / "scores.csv").read_text().splitlines()
    assert header == ",".join(COLUMNS["scores"])
    assert line.startswith("U01,all,50.0,0.0,100.0,50.0,0.0,0.0,1,full,,0,B,,1,1")
