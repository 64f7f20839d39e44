"""Pages of questions to the board: every sheet works without a script, and tells as one types what it means."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES
from evalsys.models import Elicitation, ElicitationAnswer, Role, SchemeVersion
from evalsys.services import elicitations
from evalsys.services.access import actor_of
from tests.factories import NOW, make_account, sign_in
from tests.integration.acts_asking import FAMILY, POINTS, add_question
from tests.integration.governing import World, make_world
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

LIST = "/en/oversight/rounds/2025/elicitations"
SHEETS: dict[str, dict[str, str]] = {
    "budget": {"p-experience": "٥٠", "p-cooperation": "20,5", "p-leadership": "29.5"},
    "swing": {"p-experience": "100", "p-cooperation": "60", "p-leadership": "40"},
    "rank": {"p-experience": "1", "p-cooperation": "3", "p-leadership": "2"},
    "ahp": {"c-experience-cooperation": "5", "c-experience-leadership": "3", "c-cooperation-leadership": "1/2"},
}
WRONG: dict[str, tuple[dict[str, str], str]] = {
    "budget": ({"p-experience": "60"}, "The points add up to 110. They must add up to exactly 100."),
    "swing": ({"p-experience": "90"}, "Give 100 points to the part whose step from worst to best matters most."),
    "rank": ({"p-leadership": "1"}, "Place 1 is given twice. Every place is given once."),
    "ahp": ({"c-experience-leadership": ""}, "Compare “Experience” with “leadership name (en)”."),
}
CIRCLE = {"c-experience-cooperation": "9", "c-experience-leadership": "1/9", "c-cooperation-leadership": "9"}


@pytest.fixture
def world(client: FlaskClient, session: Session) -> World:
    """A draft round, and a board member at the browser."""
    made = make_world(session)
    sign_in(client, session, made.first)
    return made


def test_a_member_asks_the_board_and_sees_the_question_in_the_list(
    client: FlaskClient, session: Session, world: World
) -> None:
    answer = post_form(client, LIST, {"family": FAMILY, "method": "ahp"})
    number = session.scalars(select(Elicitation.id)).one()
    assert answer.location == f"{LIST}/{number}"
    page = get_page(client, LIST)
    assert page.texts("#questions tbody th") == ["score"]
    assert f"{LIST}/{number}/answer" in page.links
    again = check_page(client.post(LIST, data={**page.fields(), "family": FAMILY, "method": "rank"}), 409)
    assert "The board is being asked for these weights already." in again.text


@pytest.mark.parametrize("method", SHEETS)
def test_a_sheet_is_filled_in_corrected_and_kept(
    client: FlaskClient, session: Session, world: World, method: str
) -> None:
    number = add_question(session, world, method)
    url = f"{LIST}/{number}/answer"
    wrong, message = WRONG[method]
    refused = check_page(post_form(client, url, {**SHEETS[method], **wrong}), 422)
    assert message in refused.texts(".error-summary")[0]
    kept = SHEETS[method] | wrong
    assert {name: refused.fields().get(name) for name in kept} == kept
    assert session.scalars(select(ElicitationAnswer)).all() == []
    assert post_form(client, url, SHEETS[method]).location == f"{LIST}/{number}"
    again = get_page(client, url)
    typed = {**SHEETS[method], "p-experience": "50", "p-cooperation": "20.5"} if method == "budget" else SHEETS[method]
    assert {name: again.fields()[name] for name in typed} == typed
    assert not get_page(client, f"{LIST}/{number}").select("#result")


@pytest.mark.parametrize("method", SHEETS)
def test_checking_shows_the_weights_and_keeps_nothing(
    client: FlaskClient, session: Session, world: World, method: str
) -> None:
    number = add_question(session, world, method)
    page = check_page(post_form(client, f"{LIST}/{number}/answer", {**SHEETS[method], "act": "check"}))
    assert len(page.texts("#trial tbody tr")) == 3
    assert session.scalars(select(ElicitationAnswer)).all() == []


def close(client: FlaskClient, number: int) -> None:
    assert post_form(client, f"{LIST}/{number}", {}, "form[action$=end]").status_code == 302


def fragment(client: FlaskClient, number: int, fields: dict[str, str]) -> str:
    answer = client.get(f"{LIST}/{number}/answer", query_string=fields, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return " ".join(answer.text.split())


def test_the_fragment_says_how_far_a_sheet_is(client: FlaskClient, session: Session, world: World) -> None:
    budget = add_question(session, world, "budget")
    assert "50 of 100 points are left." in fragment(client, budget, {"p-experience": "50"})
    assert "20 points too many." in fragment(client, budget, {"p-experience": "60", "p-leadership": "60"})
    ahp = add_question(session, world, "ahp")
    assert "1 of 3" in fragment(client, ahp, {"c-experience-cooperation": "5"})
    good = fragment(client, ahp, SHEETS["ahp"])
    assert "Consistency ratio 0.00." in good
    assert "notice" not in good


def test_a_contradiction_is_named_and_may_be_kept(client: FlaskClient, session: Session, world: World) -> None:
    number = add_question(session, world, "ahp")
    told = fragment(client, number, CIRCLE)
    for words in (
        "Your comparisons contradict each other",
        "“Experience” counts 9 times as much as “cooperation name (en)”.",
        "“Experience” counts 81 times as much as “leadership name (en)”.",
        "“leadership name (en)” counts 9 times as much as “Experience”.",
    ):
        assert words in told
    assert post_form(client, f"{LIST}/{number}/answer", CIRCLE).status_code == 302
    close(client, number)
    page = get_page(client, f"{LIST}/{number}")
    assert "Use the weights with care" in page.text


def test_the_result_leads_to_the_weights_editor_filled_in(client: FlaskClient, session: Session, world: World) -> None:
    number = add_question(session, world, "rank")
    post_form(client, f"{LIST}/{number}/answer", SHEETS["rank"])
    close(client, number)
    (link,) = [link for link in get_page(client, f"{LIST}/{number}").links if "/weights?" in link]
    editor = get_page(client, link)
    fields = editor.fields("#form")
    assert [fields[f"w-n-score-{part}"] for part in ("experience", "cooperation", "leadership")] == [
        "61.11",
        "11.11",
        "27.78",
    ]
    assert fields["reason"] == "From the answers of the board, asked on November 2, 2025."
    assert len(session.scalars(select(SchemeVersion)).all()) == 1
    sent: dict[str, Any] = {**fields, "act": "propose"}
    assert client.post("/en/oversight/rounds/2025/weights", data=sent).location.endswith("/proposals/2")


def test_names_are_shown_before_numbers_are(client: FlaskClient, session: Session, world: World) -> None:
    number = add_question(session, world)
    for who in (world.first, world.second):
        elicitations.answer_elicitation(world.actor(who), "2025", number, POINTS, now=NOW)
    page = get_page(client, f"{LIST}/{number}")
    assert world.second.name in page.text
    assert not page.select("#result")
    assert "Answers are not shown yet" in page.text
    close(client, number)
    assert get_page(client, f"{LIST}/{number}").select("#result")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_is_sound_in_every_language(
    client: FlaskClient, session: Session, world: World, locale: str
) -> None:
    number = add_question(session, world, "ahp")
    body = {"pairs": [["experience", "cooperation", "9"], ["experience", "leadership", "1/9"]]}
    body["pairs"].append(["cooperation", "leadership", "9"])
    base = LIST.replace("/en/", f"/{locale}/")
    for path in (base, f"{base}/{number}", f"{base}/{number}/answer"):
        get_page(client, path)
    elicitations.answer_elicitation(world.actor(world.first), "2025", number, body, now=NOW)
    for _ in range(5):
        who = actor_of(make_account(session, Role.BOARD))
        elicitations.answer_elicitation(who, "2025", number, body, now=NOW)
    get_page(client, f"{base}/{number}/answer")
    close(client, number)
    page = get_page(client, f"{base}/{number}")
    assert len(page.select("#result thead th")) == 11
    get_page(client, base)
