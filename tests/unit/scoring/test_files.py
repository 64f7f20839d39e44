from collections.abc import Iterable, Sequence

import pytest

from scoring.files import Data, describe, score_data
from scoring.files.data import Account
from scoring.scheme import Scheme, parse_scheme
from tests.unit.scoring.csvs import HEADER, read, reason
from tests.unit.scoring.rounds import CITIZEN, EXPERT, PEER, rivergate, row, small_mapping, small_scheme, survey


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
    data, refused = read(*rivergate_rows(), scheme=scheme)
    assert not refused
    result = score_data(data, scheme)
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
    assert "  U01   634  75.69  " in describe(result, data, scheme)


def test_the_order_of_the_rows_moves_no_byte() -> None:
    scheme = parse_scheme(rivergate())
    rows = list(rivergate_rows())
    first, second = (score_data(read(*order, scheme=scheme)[0], scheme) for order in (rows, rows[::-1]))
    assert first.to_json() == second.to_json()


def test_the_answers_of_a_respondent_are_kept_together_wherever_her_rows_stand() -> None:
    data, refused = read("U01,citizens,ease,5,r1,a", "U01,citizens,ease,3.0,r2,a", "U01,citizens,speed,DK,r1,a")
    assert not refused
    assert data.texts == {("U01", "citizens", "a"): {"r1": "56", "r2": "30"}}
    assert (data.account.used, data.account.unnamed) == (3, 0)


def test_without_respondents_each_row_is_its_own_and_the_report_says_so() -> None:
    rows = ("U01,citizens,ease,5,a", "U01,citizens,ease,,a", "U01,citizens,speed,na,b")
    data, _ = read(*rows, header="unit,group,indicator,value,stratum")
    assert data.texts == {("U01", "citizens", "a"): {1: "50", 2: "00"}, ("U01", "citizens", "b"): {3: "07"}}
    report = describe(score_data(data, small_scheme()), data, small_scheme())
    assert "rows without a respondent: 3; each counts as a respondent of its own" in report


def test_a_panel_of_101_points_takes_0_to_100() -> None:
    data, _ = read("U01,experts,leadership,0,x,", "U01,experts,leadership,100,y,")
    assert data.texts == {("U01", "experts", "all"): {"x": chr(0x101), "y": chr(0x100 + 101)}}


def test_an_empty_answer_and_a_given_one_make_the_given_one_in_any_order() -> None:
    for rows in (["4", ""], ["", "4"]):
        data, refused = read(*(f"U01,citizens,ease,{value},r1,a" for value in rows))
        assert not refused
        assert data.texts == {("U01", "citizens", "a"): {"r1": "40"}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",citizens,ease,5,r,a", "unit is empty or holds a control character"),
        ("U\x07,citizens,ease,5,r,a", "unit is empty or holds a control character"),
        ("U01,moon,ease,5,r,a", "group is none of citizens, experts"),
        ("U01,citizens,comfort,5,r,a", "indicator is not among those that the scheme has rated"),
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
    data, refused = read("U09,citizens,ease,6,r1,a,X", header=f"{HEADER},category")
    assert data == Data(account=Account(refused=1))
    assert refused[0] == (
        "data.csv",
        2,
        "U09",
        "citizens",
        "ease",
        "6",
        "value is none of 1 to 5, dk, na or empty",
    )


def test_a_second_answer_to_the_same_question_is_refused() -> None:
    assert reason(*["U01,citizens,ease,4,r1,a"] * 2) == "respondent r1 has answered this indicator before"


def test_a_respondent_stands_in_one_stratum() -> None:
    rows = "U01,citizens,ease,4,r1,a", "U02,citizens,ease,4,r1,b", "U01,citizens,speed,4,r1,b"
    assert reason(*rows) == "respondent r1 stands in stratum a already"


def test_a_unit_stands_in_one_category() -> None:
    header = "unit,group,indicator,value,category"
    rows = [f"{unit},experts,leadership,50,{category}" for unit, category in (("U1", ""), ("U1", "A"), ("U1", ""))]
    data, _ = read(*rows, "U2,experts,leadership,50,", header=header)
    assert data.categories == {"U1": "A", "U2": ""}
    categories = score_data(data, small_scheme()).stages["scores"]["category"]
    assert categories.tolist() == ["A", "all"]
    assert reason(*rows, "U1,experts,leadership,50,B", header=header) == "unit stands in category A already"
    assert reason("U1,experts,leadership,50,\x07", header=header) == "category holds a control character"


def test_an_indicator_of_some_units_is_no_gap_of_the_others() -> None:
    scheme = special_scheme()
    rows = "U01,citizens,ease,4,r1,a", "U02,citizens,speed,4,r1,a", "U01,citizens,speed,4,r1,a"
    assert reason(*rows, scheme=scheme) == "indicator does not apply to this unit"
    data, _ = read(*rows[:2], scheme=scheme)
    assert {code: form.indicators for code, form in data.forms.items()} == {
        "citizens without speed": ("ease",),
        "citizens": ("ease", "speed"),
    }
    problems = score_data(data, scheme).stages["problems"]
    assert "indicator_not_applicable" not in set(problems["code"])


def test_a_refusal_names_the_line_its_row_begins_on() -> None:
    refused = read('"U01",citizens,ease,"4\n\n",r1,a', "", "U01,citizens,ease,9,r2,a")[1]
    assert [(refusal.line, refusal.value) for refusal in refused] == [(6, "9")]
