"""Calibration: cases by the analyst, attempts by experts, and no score before all cases are passed."""

from fractions import Fraction

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import (
    Assignment,
    AuditEntry,
    CalibrationAttempt,
    CalibrationCase,
    Competence,
    Indicator,
    Response,
    Role,
    Round,
    RoundState,
)
from evalsys.services.access import actor_of
from evalsys.services.panels import attempts, cases
from evalsys.services.panels.cases import Written
from tests.factories import NOW, make_account, sign_in
from tests.integration.panelling import World, assign, make_world, set_group
from tests.pages import check_page, get_page

CASES = "/en/oversight/rounds/2025/panels/cases"
TEXTS = {"name": {"en": "A town library", "ar": "مكتبة"}, "text": {"en": "It opens at nine."}}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def write(world: World, code: str = "case-1", tolerance: int = 10, **reference: int) -> None:
    scores = {"leadership": 60, "results": 40, **reference}
    cases.write_case(world.analyst, "2025", Written(code, TEXTS, scores, tolerance), now=NOW)


def case_id(session: Session, code: str = "case-1") -> int:
    return session.scalars(select(CalibrationCase.id).where(CalibrationCase.code == code)).one()


def log(session: Session, act: str) -> list[str]:
    return list(session.scalars(select(AuditEntry.outcome).where(AuditEntry.act == act).order_by(AuditEntry.id)))


def test_nobody_sends_a_score_before_every_case_is_passed(world: World, client: FlaskClient, session: Session) -> None:
    set_group(session, world, needs_calibration=True)
    write(world)
    write(world, "case-2")
    task = assign(session, world, 0, 0)
    sign_in(client, session, world.experts[0])
    url = f"/en/assignments/{task.id}"
    page = get_page(client, url)
    assert "2 calibration cases to pass" in page.text
    data = {**page.fields("#form"), "q_leadership": "55", "q_results": "44"}
    refused = check_page(client.post(url, data={**data, "act": "submit"}), 422)
    assert refused.fields("#form")["q_leadership"] == "55"
    assert log(session, "assignment.submit") == ["refused"]
    assert client.post(url, data={**data, "act": "save"}).status_code == 302
    for code in ("case-1", "case-2"):
        assert attempts.try_case(world.actor(0), case_id(session, code), {"leadership": 70, "results": 50}, now=NOW)
    assert client.post(url, data={**data, "act": "submit"}).status_code == 302
    assert len(session.scalars(select(Response)).all()) == 1


def test_an_attempt_shows_both_scores_with_the_words_of_the_rubric_and_every_one_is_kept(
    world: World, client: FlaskClient, session: Session
) -> None:
    set_group(session, world, needs_calibration=True)
    write(world, tolerance=10)
    sign_in(client, session, world.experts[0])
    number = case_id(session)
    assert f"/en/panel/cases/{number}" in get_page(client, "/en/panel/cases").links
    url = f"/en/panel/cases/{number}"
    data = get_page(client, url).fields("#form")
    incomplete = check_page(client.post(url, data={**data, "q_leadership": "10", "q_results": ""}), 422)
    assert incomplete.fields("#form")["q_leadership"] == "10"
    assert client.post(url, data={**data, "q_leadership": "30", "q_results": "61"}).status_code == 302
    page = get_page(client, url)
    assert "25.50 points" in page.text
    (row, _) = page.select("#attempt-1 tbody tr")
    assert [text for text in ("30", "Weak", "60", "Strong") if text in " ".join(row.itertext())] == [
        "30",
        "Weak",
        "60",
        "Strong",
    ]
    assert client.post(url, data={**data, "q_leadership": "50", "q_results": "50"}).status_code == 302
    assert "You passed this case" in get_page(client, url).text
    check_page(client.post(url, data={**data, "q_leadership": "60", "q_results": "40"}), 409)
    kept = session.scalars(select(CalibrationAttempt).order_by(CalibrationAttempt.id)).all()
    assert [(one.scores["leadership"], one.distance, one.is_passed) for one in kept] == [
        (30, "25.5000", False),
        (50, "10.0000", True),
    ]
    assert log(session, "calibration.answer") == ["done", "done", "refused"]


def test_only_indicators_within_her_competence_are_asked_and_counted(world: World, session: Session) -> None:
    set_group(session, world, needs_calibration=True)
    write(world)
    indicator = session.scalars(select(Indicator).where(Indicator.code == "results")).one()
    session.add(Competence(account_id=world.experts[0].id, indicator_id=indicator.id))
    session.commit()
    number = case_id(session)
    page = attempts.read_case(world.actor(0), number, "en")
    assert [item.code for item in page.document.items] == ["results"]
    assert attempts.try_case(world.actor(0), number, {"results": 50, "leadership": 0}, now=NOW)
    assert session.scalars(select(CalibrationAttempt.scores)).one() == {"results": 50}


def test_a_mean_distance_a_hair_beyond_the_tolerance_fails(world: World, session: Session) -> None:
    set_group(session, world, needs_calibration=True)
    write(world, tolerance=10)
    assert not attempts.try_case(world.actor(0), case_id(session), {"leadership": 70, "results": 51}, now=NOW)
    assert attempts.mean_distance({"a": 1, "b": 1, "c": 0}, {"a": 0, "b": 0, "c": 0}) == Fraction(2, 3)


@pytest.mark.parametrize(
    "scores", [{"leadership": 50}, {"leadership": 50, "results": 101}, {"leadership": -1, "results": 3}]
)
def test_a_case_is_scored_whole_and_on_the_scale(world: World, session: Session, scores: dict[str, int | None]) -> None:
    set_group(session, world, needs_calibration=True)
    write(world)
    with pytest.raises(Invalid):
        attempts.try_case(world.actor(0), case_id(session), scores, now=NOW)
    assert not session.scalars(select(CalibrationAttempt)).all()


def test_cases_ask_nobody_where_the_round_does_not_need_them(
    world: World, client: FlaskClient, session: Session
) -> None:
    write(world)
    assert attempts.list_cases(world.actor(0), "en") == ()
    with pytest.raises(NotFound):
        attempts.read_case(world.actor(0), case_id(session), "en")
    sign_in(client, session, world.experts[0])
    assert "No calibration is asked of you now" in get_page(client, "/en/panel/cases").text


def test_an_analyst_writes_a_case_in_three_languages(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    data = {
        **get_page(client, CASES).fields("#form"),
        "code": "case-1",
        "name_en": "A town library",
        "name_zh": "图书馆",
        "name_ar": "مكتبة",
        "text_en": "It opens at nine.",
        "q_leadership": "60",
        "q_results": "40",
        "tolerance": "12",
    }
    wrong = check_page(client.post(CASES, data={**data, "q_results": "101"}), 422)
    assert wrong.fields("#form")["text_en"].strip() == "It opens at nine."
    assert client.post(CASES, data=data).status_code == 302
    assert "مكتبة" in get_page(client, CASES.replace("/en/", "/ar/")).text
    assert client.post(CASES, data={**data, "name_en": "A city library"}).status_code == 302
    page = get_page(client, CASES)
    assert "A city library" in page.text
    assert "A town library" not in page.text
    assert len(session.scalars(select(CalibrationCase)).all()) == 1


def test_a_case_that_was_tried_stays_as_it_is(world: World, session: Session) -> None:
    set_group(session, world, needs_calibration=True)
    write(world)
    attempts.try_case(world.actor(0), case_id(session), {"leadership": 1, "results": 2}, now=NOW)
    with pytest.raises(Conflict, match="tried"):
        write(world, tolerance=50)
    assert session.scalars(select(CalibrationCase.tolerance)).one() == 10
    (case,) = cases.read_cases(world.analyst, "2025", "en").cases
    assert case.results == (("Expert 1", 1, False),)


def test_rules_are_set_before_the_round_opens_and_need_a_case(world: World, session: Session) -> None:
    with pytest.raises(Conflict):
        cases.set_rules(world.analyst, "2025", needs_calibration=False, has_two_rounds=True, now=NOW)
    session.get_one(Round, world.round.id).state = RoundState.APPROVED
    session.commit()
    with pytest.raises(Conflict, match="case first"):
        cases.set_rules(world.analyst, "2025", needs_calibration=True, has_two_rounds=True, now=NOW)
    write(world)
    cases.set_rules(world.analyst, "2025", needs_calibration=True, has_two_rounds=True, now=NOW)
    page = cases.read_cases(world.analyst, "2025", "en")
    assert page.is_required
    with pytest.raises(Forbidden):
        cases.set_rules(
            actor_of(make_account(session, Role.BOARD)), "2025", needs_calibration=False, has_two_rounds=False, now=NOW
        )


def test_rules_are_ticked_on_the_page(world: World, client: FlaskClient, session: Session) -> None:
    session.get_one(Round, world.round.id).state = RoundState.APPROVED
    session.commit()
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    url = "/en/oversight/rounds/2025/panels"
    token = get_page(client, url).fields()["csrf_token"]
    check_page(client.post(f"{url}/rules", data={"csrf_token": token, "calibration": "yes"}), 409)
    assert client.post(f"{url}/rules", data={"csrf_token": token, "two_rounds": "yes"}).status_code == 302
    assert get_page(client, url).select("#two_rounds[checked]")
    assert not session.scalars(select(Assignment)).all()
