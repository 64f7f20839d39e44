import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from scoring.files import Ratings, Refusal, describe, read_ratings, read_scheme, score_ratings, write_result
from scoring.frames import COLUMNS, InputError
from scoring.pipeline import Result
from scoring.scheme import Scheme, SchemeError, parse_scheme
from tests.unit.scoring.rounds import CITIZEN, EXPERT, PEER, rivergate, row, small_mapping, small_scheme, survey

HEADER = "unit,group,indicator,value,respondent,stratum"


def read(*rows: str, header: str = HEADER, scheme: Scheme | None = None) -> tuple[Ratings, list[Refusal]]:
    refused: list[Refusal] = []
    ratings = read_ratings(
        "\n".join((header, *rows)).splitlines(keepends=True), scheme or small_scheme(), refused.append
    )
    assert ratings.refused == len(refused)
    return ratings, refused


def reason(*rows: str, header: str = HEADER, scheme: Scheme | None = None) -> str:
    """Why the last row is refused; the rows before are good."""
    refused = read(*rows, header=header, scheme=scheme)[1]
    assert [refusal.line for refusal in refused] == [len(rows) + 1]
    return refused[0].reason


def special_scheme() -> Scheme:
    """The second question to citizens is asked about U02 alone."""
    mapping = small_mapping()
    mapping["tree"]["children"][0]["children"][1]["units"] = ["U02"]
    return parse_scheme(mapping)


def rivergate_rows() -> Iterable[str]:
    """U01 of the demo city, one rating a row: citizens in three strata, ten peers, four experts."""
    citizens = [4.4, 4.2, 4.3, 4.5, 4.1, 3.9, 4.6]
    for stratum, n in (("users", 400), ("residents", 200), ("supervisors", 20)):
        yield from tidy("citizens", stratum, list(CITIZEN), survey(citizens, n))
    yield from tidy("peers", "", list(PEER), survey([4.0, 3.8, 3.6], 10))
    yield from tidy("experts", "all", list(EXPERT), [[68 + shift] * 6 for shift in (-4, -1, 2, 3)])


def tidy(group: str, stratum: str, asked: Sequence[str], responses: Sequence[Sequence[int]]) -> Iterable[str]:
    for person, levels in enumerate(responses):
        for indicator, level in zip(asked, levels, strict=True):
            yield f"U01,{group},{indicator},{level},{group}-{stratum}-{person},{stratum}"


def test_the_libraries_of_rivergate_come_out_of_a_csv() -> None:
    scheme = parse_scheme(rivergate())
    ratings, refused = read(*rivergate_rows(), scheme=scheme)
    assert not refused
    result = score_ratings(ratings, scheme)
    found = {
        group: row(result, "groups", unit="U01", group=group)["score"] for group in ("citizens", "peers", "experts")
    }
    assert found == {"citizens": 82.375, "peers": 70.5, "experts": 68.0}
    line = row(result, "scores", unit="U01")
    assert (line["score"], line["band"], line["level"], line["n"], line["category"]) == (
        75.6875,
        "B",
        "full",
        634,
        "all",
    )
    assert "  U01   634  75.69  " in describe(result, ratings, scheme)


def test_the_order_of_the_rows_moves_no_byte() -> None:
    scheme = parse_scheme(rivergate())
    rows = list(rivergate_rows())
    first, second = (score_ratings(read(*order, scheme=scheme)[0], scheme) for order in (rows, rows[::-1]))
    assert first.to_json() == second.to_json()


def test_the_answers_of_a_respondent_are_kept_together_wherever_her_rows_stand() -> None:
    ratings, refused = read("U01,citizens,ease,5,r1,a", "U01,citizens,ease,3.0,r2,a", "U01,citizens,speed,DK,r1,a")
    assert not refused
    assert ratings.texts == {("U01", "citizens", "a"): {"r1": "56", "r2": "30"}}
    assert (ratings.used, ratings.unnamed) == (3, 0)


def test_without_respondents_each_row_is_its_own_and_the_report_says_so() -> None:
    rows = ("U01,citizens,ease,5,a", "U01,citizens,ease,,a", "U01,citizens,speed,na,b")
    ratings, _ = read(*rows, header="unit,group,indicator,value,stratum")
    assert ratings.texts == {("U01", "citizens", "a"): {2: "50", 3: "00"}, ("U01", "citizens", "b"): {4: "07"}}
    report = describe(score_ratings(ratings, small_scheme()), ratings, small_scheme())
    assert "rows without a respondent: 3; each counts as a respondent of its own" in report


def test_a_panel_of_101_points_takes_0_to_100() -> None:
    ratings, _ = read("U01,experts,leadership,0,x,", "U01,experts,leadership,100,y,")
    assert ratings.texts == {("U01", "experts", "all"): {"x": chr(0x101), "y": chr(0x100 + 101)}}


def test_an_empty_answer_and_a_given_one_make_the_given_one_in_any_order() -> None:
    for rows in (["4", ""], ["", "4"]):
        ratings, refused = read(*(f"U01,citizens,ease,{value},r1,a" for value in rows))
        assert not refused
        assert ratings.texts == {("U01", "citizens", "a"): {"r1": "40"}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",citizens,ease,5,r,a", "unit is empty or holds a control character"),
        ("U\x07,citizens,ease,5,r,a", "unit is empty or holds a control character"),
        ("U01,moon,ease,5,r,a", "group is none of citizens, experts"),
        ("U01,citizens,comfort,5,r,a", "indicator is not in the scheme"),
        ("U01,citizens,leadership,5,r,a", "indicator is not asked of this group"),
        ("U01,citizens,ease,5,r,moon", "stratum is none of a, b, open"),
        ("U01,citizens,ease,5,r,", "stratum is none of a, b, open"),
        ("U01,citizens,ease,0,r,a", "value is none of 1 to 5, dk, na or empty"),
        ("U01,citizens,ease,6,r,a", "value is none of 1 to 5, dk, na or empty"),
        ("U01,citizens,ease,4.5,r,a", "value is none of 1 to 5, dk, na or empty"),
        ("U01,experts,leadership,101,r,", "value is none of 0 to 100, dk, na or empty"),
        ("U01,citizens,ease,5,r", "5 fields where the header has 6"),
        ("U01,citizens,ease,5,r,a,b", "7 fields where the header has 6"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_reason(line: str, said: str) -> None:
    assert reason(line) == said


def test_a_refused_row_leaves_no_trace() -> None:
    ratings, refused = read("U09,citizens,ease,6,r1,a,X", header=f"{HEADER},category")
    assert ratings == Ratings(unread=(), refused=1)
    assert refused[0] == (2, "U09", "citizens", "ease", "6", "value is none of 1 to 5, dk, na or empty")


def test_a_second_answer_to_the_same_question_is_refused() -> None:
    assert reason(*["U01,citizens,ease,4,r1,a"] * 2) == "respondent r1 has answered this indicator before"


def test_a_respondent_stands_in_one_stratum() -> None:
    rows = "U01,citizens,ease,4,r1,a", "U02,citizens,ease,4,r1,b", "U01,citizens,speed,4,r1,b"
    assert reason(*rows) == "respondent r1 stands in stratum a already"


def test_a_unit_stands_in_one_category() -> None:
    header = "unit,group,indicator,value,category"
    rows = [f"{unit},experts,leadership,50,{category}" for unit, category in (("U1", ""), ("U1", "A"), ("U1", ""))]
    ratings, _ = read(*rows, "U2,experts,leadership,50,", header=header)
    assert ratings.categories == {"U1": "A", "U2": ""}
    categories = score_ratings(ratings, small_scheme()).stages["scores"]["category"]
    assert categories.tolist() == ["A", "all"]
    assert reason(*rows, "U1,experts,leadership,50,B", header=header) == "unit stands in category A already"
    assert reason("U1,experts,leadership,50,\x07", header=header) == "category holds a control character"


def test_an_indicator_of_some_units_is_no_gap_of_the_others() -> None:
    scheme = special_scheme()
    rows = "U01,citizens,ease,4,r1,a", "U02,citizens,speed,4,r1,a", "U01,citizens,speed,4,r1,a"
    assert reason(*rows, scheme=scheme) == "indicator does not apply to this unit"
    ratings, _ = read(*rows[:2], scheme=scheme)
    assert {code: form.indicators for code, form in ratings.forms.items()} == {
        "citizens without speed": ("ease",),
        "citizens": ("ease", "speed"),
    }
    problems = score_ratings(ratings, scheme).stages["problems"]
    assert "indicator_not_applicable" not in set(problems["code"])


def test_a_refusal_names_the_line_its_row_begins_on() -> None:
    refused = read('"U01",citizens,ease,"4\n\n",r1,a', "", "U01,citizens,ease,9,r2,a")[1]
    assert [(refusal.line, refusal.value) for refusal in refused] == [(6, "9")]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "data lacks the column unit, group, indicator, value"),
        (["unit,group,indicator\n"], "data lacks the column value"),
        (["unit,group,indicator,value,unit\n"], "two columns of the same name"),
        (["unit,group,indicator,value\n", 'U01,"citizens\n'], "data, at or after line 2"),
        (
            chain(["unit,group,indicator,value\n"], (bytes([255]).decode() for _ in range(1))),
            "at or after line 1: 'utf-8'",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(lines: Iterable[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_ratings(lines, small_scheme(), print)


def test_columns_that_are_not_read_are_named() -> None:
    ratings, _ = read("U01,experts,leadership,50,x,,2", header=f"{HEADER},weight")
    assert "columns not read: weight" in describe(score_ratings(ratings, small_scheme()), ratings, small_scheme())


def test_the_report_gives_no_figure_that_is_too_small_to_publish() -> None:
    rows = [
        f"{unit},citizens,ease,{value},{person},a"
        for unit, n, value in (("U1", 1, 4), ("U2", 4, 5))
        for person in range(n)
    ]
    rows += ["U3,experts,leadership,dk,x,"]
    ratings, _ = read(*rows)
    lines = describe(score_ratings(ratings, small_scheme()), ratings, small_scheme()).splitlines()
    table = [line.split() for line in lines[3:7]]
    assert table[0] == ["unit", "n", "score", "low", "high", "level", "band", "rank"]
    assert [(line[0], line[2], line[5], *line[6:]) for line in table[1:]] == [
        ("U2", "100.00", "full", "A", "1", "of", "1"),
        ("U1", "-", "hidden", "-", "-"),
        ("U3", "-", "absent", "-", "-"),
    ]
    assert any("group_absent" in line for line in lines)


def test_a_report_without_problems_says_none() -> None:
    people = [(stratum, person) for stratum in "ab" for person in range(8)]
    rows = [f"U01,citizens,{asked},4,{part}{person},{part}" for part, person in people for asked in ("ease", "speed")]
    ratings, refused = read(*rows, "U01,experts,leadership,50,x,")
    assert not refused
    report = describe(score_ratings(ratings, small_scheme()), ratings, small_scheme())
    assert "Problems\n  none\n" in report


def test_every_table_and_the_result_are_written(tmp_path: Path) -> None:
    ratings, _ = read("U01,experts,leadership,50,x,")
    result = score_ratings(ratings, small_scheme())
    write_result(result, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"result.json", *(f"{stage}.csv" for stage in COLUMNS)}
    assert Result.from_json((tmp_path / "result.json").read_bytes()).digest == result.digest
    lines = (tmp_path / "scores.csv").read_text().splitlines()
    assert lines == [",".join(COLUMNS["scores"]), "U01,all,50.0,0.0,100.0,1,full,,0,B,1,1"]


TOML = """
code = "small"
groups = [{ code = "g", promise = "anonymous", minimum = [1, 1, 1], strata = [{ code = "all", weight = 100 }] }]
bands = [{ code = "A", from = 0 }]
tree = { code = "score", children = [{ code = "ease", weight = 100, points = 5, groups = { g = 100 } }] }
"""


def stored(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_scheme_in_toml_and_in_json_is_the_same(tmp_path: Path) -> None:
    scheme = read_scheme(stored(tmp_path, "scheme.toml", TOML))
    assert read_scheme(stored(tmp_path, "scheme.json", json.dumps(scheme.to_mapping()))).digest == scheme.digest


def test_a_preset_is_a_scheme() -> None:
    assert read_scheme(Path(__file__).parents[3] / "evalsys/presets/rivergate.toml").code == "rivergate"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("scheme.yaml", "", "a .toml or a .json file"),
        ("scheme.toml", "code = ", "Invalid value"),
        ("scheme.json", "{", "Expecting property name"),
        ("scheme.json", "[" * 100_000, "recursion"),
        ("scheme.json", "[]", "a mapping of names to values"),
        ("scheme.json", '{"scheme": 3}', "a mapping of names to values"),
    ],
)
def test_a_file_that_is_no_scheme_is_refused(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_scheme(stored(tmp_path, name, content))


def test_half_a_character_in_a_scheme_is_refused(tmp_path: Path) -> None:
    mapping: dict[str, Any] = small_mapping()
    mapping["tree"]["children"][1]["units"] = ["\ud800"]
    with pytest.raises(InputError, match="half a character"):
        read_scheme(stored(tmp_path, "scheme.json", json.dumps(mapping)))


def test_everything_wrong_in_a_scheme_is_told(tmp_path: Path) -> None:
    with pytest.raises(SchemeError) as caught:
        read_scheme(stored(tmp_path, "scheme.toml", TOML.replace("100", "90")))
    assert len(caught.value.problems) == 3
