"""The sheets of the board against published examples of pairwise comparison, where the reference cases are present."""

import json
from decimal import Decimal
from typing import Any

import pytest

from evalsys.config import PROJECT
from evalsys.services.content import Text
from evalsys.services.elicitations.methods import pairs_of, read_answer
from evalsys.services.elicitations.panel import consistency_of, panel_result
from evalsys.services.weights import Member, WeightFamily

CASES = PROJECT.parent / "shared" / "cases" / "stats"


def case(name: str) -> dict[str, Any]:
    path = CASES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the reference case {name}.json is not there: put the cases beside the project to check it")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def family(names: list[str]) -> WeightFamily:
    members = tuple(Member(name, Text(name, "en"), Decimal(0)) for name in names)
    return WeightFamily("n-x", "node", Text("x", ""), members)


def test_a_sheet_of_saatys_drinks_gives_his_weights_and_ratio() -> None:
    drinks = case("ahp_saaty_drinks")
    names, matrix = drinks["names"], drinks["matrix"]
    place = {name: at for at, name in enumerate(names)}
    body = {"pairs": [[one, two, matrix[place[one]][place[two]]] for one, two in pairs_of(names)]}
    given = read_answer("ahp", names, body)
    assert given.weights.tolist() == pytest.approx(drinks["expected"]["weights_eigenvector"], abs=drinks["tolerance"])
    assert given.judgements is not None
    told = consistency_of(given.judgements, {name: Text(name, "en") for name in names})
    printed = round(Decimal(str(drinks["expected"]["CR_RI_1.32"])), 2)
    assert (told.ratio, told.is_doubtful, told.worst) == (printed, False, None)


def test_two_members_who_judge_alike_give_the_weights_of_one_and_a_proposal_of_exactly_100() -> None:
    leader = case("ahp_leader_hierarchy")
    names = leader["criteria"]
    texts = {4: "4", 3: "3", 7: "7", 5: "5", 1 / 3: "1/3"}
    body = {"pairs": [[one, two, texts[value]] for one, two, value in leader["criteria_comparisons"]]}
    given = read_answer("ahp", names, body)
    result = panel_result(family(names), [given, given])
    expected = [leader["expected"]["criteria_weights"][name] * 100 for name in names]
    assert [float(line.group) for line in result.lines] == pytest.approx(expected, abs=0.006)
    assert sum(line.proposed for line in result.lines) == 100
    assert result.agreement == 1
    assert result.lines[0].sd == 0
    assert result.merged is not None
    assert result.merged.ratio == round(Decimal(str(leader["expected"]["criteria_CR_saaty1980"])), 2)
