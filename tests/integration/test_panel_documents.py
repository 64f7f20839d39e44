"""Panels whose form asks more than scores from 0 to 100: every kind of question, scored twice and calibrated."""

from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.models import Account, Assignment, CalibrationCase, Comment, RaterGroup, Response, RoundState
from evalsys.services import assignments
from evalsys.services.assignments import Filled
from evalsys.services.panels import cases, stages
from evalsys.services.panels.levels import calibration_document, levels_of, stretched, values_of
from evalsys.services.questionnaires.document import canonical, columns, plain_document
from scoring.collect import unpack
from tests.factories import NOW, make_indicator, make_questionnaire, sign_in
from tests.integration.panelling import World, make_world, set_group
from tests.pages import check_page, get_page
from tests.questionnaires import whole

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

CASES = "/en/oversight/rounds/2025/panels/cases"
FIRST = ([4, 3, 5, 2, 71, 2, 1, 3, 2], [2, 3, 6, 1, 31, 2, 1, 5, 1], [3, 2, 4, 2, 103, 1, 1, 0, 3])
"""Levels in the order of the form; 6 of the stars is "no basis", 103 of the number "does not apply"."""
TEXTS = {"name": {"en": "A library"}, "text": {"en": "It opens at nine."}}


@pytest.fixture
def world(session: Session) -> World:
    """The usual panels; the experts of this round answer a document with every kind of question."""
    found = make_world(session, RoundState.DRAFT)
    session.delete(found.form)
    session.flush()
    document = whole()
    form = make_questionnaire(
        session, found.round, "experts", [make_indicator(session, code=code, points=k) for code, k in columns(document)]
    )
    form.body = canonical(document)
    session.commit()
    found.round.state = RoundState.COLLECTING
    session.commit()
    return World(found.round, form, found.units, found.experts, found.analyst)


def give(session: Session, world: World, expert: int) -> Assignment:
    made = Assignment(
        questionnaire=world.form, account=world.experts[expert], unit=world.units[0], is_named=True, state="open"
    )
    session.add(made)
    session.commit()
    return made


def score_all(session: Session, world: World) -> list[Assignment]:
    set_group(session, world, has_two_rounds=True)
    tasks = [give(session, world, expert) for expert in range(3)]
    for expert, task in enumerate(tasks):
        filled = Filled(FIRST[expert], texts={"better": "More light."})
        assignments.submit_assignment(world.actor(expert), task.id, filled, now=NOW)
    stages.show_spread(world.analyst, "2025", "", now=NOW)
    return tasks


def test_the_spread_is_in_the_numbers_of_each_scale(world: World, session: Session) -> None:
    tasks = score_all(session, world)
    lines = {line.item: line for line in stages.read_second(world.actor(0), tasks[0].id, "en").lines}
    assert lines["satisfaction"].spread == stages.Spread(2, Decimal("3"), 4, 3)
    assert lines["again"].spread == stages.Spread(1, Decimal("2"), 2, 3)
    assert lines["overall"].spread is None
    assert (lines["satisfaction"].own, lines["overall"].own) == (4, 70)
    assert "district" not in lines
    found = stages.spreads_of(session, tasks[0])
    assert found["saw_queue"].ticked == 2
    assert found["saw_help"].ticked == 0
    assert "clean" not in found
    assert "district" not in found


def test_every_kind_of_question_is_scored_a_second_time(world: World, client: FlaskClient, session: Session) -> None:
    tasks = score_all(session, world)
    sign_in(client, session, world.experts[0])
    url = f"/en/panel/assignments/{tasks[0].id}/second"
    page = get_page(client, url)
    data = page.fields("#form")
    kept = {name: data[name] for name in ("q_satisfaction", "q_overall", "q_saw_queue", "q_district", "t_better")}
    assert kept == {
        "q_satisfaction": "4",
        "q_overall": "70",
        "q_saw_queue": "yes",
        "q_district": "2",
        "t_better": "More light.",
    }
    assert len(page.select("dl.spread")) == 8
    get_page(client, url.replace("/en/", "/ar/"))
    check_page(client.post(url, data=data), 422)
    strict = check_page(client.post(url, data={**data, "q_trust": "1", "q_satisfaction": "na"}), 422)
    assert [link.get("href") for link in strict.select(".error-summary a")] == ["#reason_trust"]
    sent = {**data, "q_trust": "1", "reason_trust": "Nobody answers.", "q_satisfaction": "na", "q_saw_help": "yes"}
    assert client.post(url, data=sent).status_code == 302
    session.expire_all()
    second = session.get_one(Response, session.get_one(Assignment, tasks[0].id).final_response_id)
    assert unpack(second.answers, [k for _, k in columns(whole())]) == [7, 1, 5, 2, 71, 2, 2, 3, 2]
    texts = session.scalars(select(Comment.text).where(Comment.response_id == second.id)).all()
    assert sorted(texts) == ["More light.", "Nobody answers."]
    done = get_page(client, url)
    assert "Your second scores are sent" in done.text
    assert len(done.select("dl.spread")) == 8


def test_a_choice_of_no_basis_comes_back_as_it_was(world: World, client: FlaskClient, session: Session) -> None:
    tasks = score_all(session, world)
    sign_in(client, session, world.experts[1])
    data = get_page(client, f"/en/panel/assignments/{tasks[1].id}/second").fields("#form")
    assert data["q_clean"] == "dk"
    sign_in(client, session, world.experts[2])
    page = get_page(client, f"/en/panel/assignments/{tasks[2].id}/second")
    assert page.fields("#form")["na_overall"] == "yes"
    assert "q_importance_trust" not in page.fields("#form")


def test_a_case_asks_the_scored_questions_and_compares_them_in_words(
    world: World, client: FlaskClient, session: Session
) -> None:
    session.add(RaterGroup(round_id=world.round.id, code="experts", mode="assigned", needs_calibration=True))
    session.commit()
    sign_in(client, session, session.get_one(Account, world.analyst.account_id))
    page = get_page(client, CASES)
    asked = {name for name in page.fields("#form") if name.startswith(("q_", "t_", "none_", "na_", "reason_"))}
    assert not asked & {"t_better", "q_district", "none_overall", "na_overall", "reason_trust"}
    scores = {"q_satisfaction": "4", "q_trust": "3", "q_clean": "5", "q_again": "2", "q_overall": "60"}
    words = {"code": "c1", "name_en": "A library", "text_en": "It opens at nine.", "tolerance": "10"}
    data = {**page.fields("#form"), **words, **scores, "q_saw_queue": "yes"}
    without = {name: value for name, value in data.items() if name != "q_again"}
    refused = check_page(client.post(CASES, data=without), 422)
    assert [link.get("href") for link in refused.select(".error-summary a")] == ["#q_again-1"]
    assert client.post(CASES, data=data).status_code == 302
    case = session.scalars(select(CalibrationCase)).one()
    assert case.reference == {
        "satisfaction": 4,
        "trust": 3,
        "clean": 5,
        "again": 2,
        "overall": 60,
        "saw_queue": 2,
        "saw_help": 1,
    }
    get_page(client, CASES.replace("/en/", "/ar/"))
    sign_in(client, session, world.experts[0])
    url = f"/en/panel/cases/{case.id}"
    data = {**get_page(client, url).fields("#form"), **scores, "q_satisfaction": "3", "q_saw_queue": "yes"}
    assert client.post(url, data={**data, "q_again": "1"}).status_code == 302
    far = get_page(client, url)
    assert "17.86 points" in far.text
    row = " ".join(far.select("#attempt-1 tbody tr")[0].itertext())
    assert "satisfaction 3" in row
    assert "satisfaction 4" in row
    assert client.post(url, data=data).status_code == 302
    assert "You passed this case" in get_page(client, url).text


def test_a_reference_off_a_scale_is_refused_as_is_one_to_what_never_counts(world: World) -> None:
    whole_reference = {"satisfaction": 4, "trust": 3, "clean": 5, "again": 2, "overall": 60, "saw_queue": 2}
    for reference in (
        whole_reference,
        {**whole_reference, "saw_help": 0},
        {**whole_reference, "saw_help": 1, "satisfaction": 6},
        {**whole_reference, "saw_help": 1, "district": 1},
    ):
        with pytest.raises(Invalid, match="reference score"):
            cases.write_case(world.analyst, "2025", cases.Written("c1", TEXTS, reference, 10), now=NOW)


def test_numbers_of_a_form_and_levels_are_two_ways_to_say_the_same(world: World) -> None:
    document = calibration_document(world.form, ["overall", "again", "saw_help", "district"])
    assert [code for code, _ in columns(document)] == ["again", "overall", "saw_help"]
    assert values_of(document, [2, 71, 1]) == {"again": 2, "overall": 70, "saw_help": 1}
    assert levels_of(document, {"again": 2, "overall": 70, "saw_help": 1}) == [2, 71, 1]
    assert levels_of(document, {"again": 3, "overall": -1}) == [0, 0, 0]
    assert values_of(document, [0, 102, 2]) == {"saw_help": 2}
    assert stretched(document, {"again": 2, "overall": 70, "saw_help": 1}) == {
        "again": 100,
        "overall": 70,
        "saw_help": 0,
    }


@pytest.mark.parametrize(("points", "needing"), [(101, [*range(11), *range(91, 101)]), (5, [0, 4]), (11, [0, 1, 10])])
def test_a_plain_form_asks_for_reasons_near_the_ends_of_its_own_scale(points: int, needing: list[int]) -> None:
    (item,) = plain_document("experts", (("leadership", points),)).items
    assert item.reason is not None
    assert [score for score in range(points) if item.reason.applies_to(score)] == needing
