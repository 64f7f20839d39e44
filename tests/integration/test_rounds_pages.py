"""The oversight body's pages: what a person sees, types and is told."""

from itertools import cycle

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES
from evalsys.models import AuditEntry, Role, Round, RoundState, SchemeVersion
from evalsys.services import runs
from tests.factories import NOW, make_account, sign_in
from tests.integration.governing import World, add_answers, add_proposal, audit_of, make_world
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

WEIGHTS = "/en/oversight/rounds/2025/weights"
TOP = ("w-n-score-experience", "w-n-score-cooperation", "w-n-score-leadership")


def numbers(*values: str) -> dict[str, str]:
    return dict(zip(TOP, values, strict=True))


# The languages in turn: a state changes what stands on a page, a language the words for it.
@pytest.mark.parametrize(("state", "locale"), list(zip(RoundState, cycle(LOCALES))))
def test_the_pages_of_a_round_are_sound_in_every_state(
    client: FlaskClient, session: Session, state: RoundState, locale: str
) -> None:
    world = make_world(session, state)
    sign_in(client, session, world.first)
    for path in ("", "/rounds/2025", "/rounds/2025/weights", "/rounds/2025/proposals/1", "/audit"):
        get_page(client, f"/{locale}/oversight{path}")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_of_a_run_is_sound(client: FlaskClient, session: Session, locale: str) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    add_answers(session, world.forms["citizens"], world.units[0], [[5, 4]] * 4)
    run_id = runs.score_round(world.actor(world.analyst), "2025", now=NOW)
    sign_in(client, session, world.analyst)
    page = get_page(client, f"/{locale}/oversight/runs/{run_id}")
    assert "90.00" in page.text
    answer = post_form(client, f"/{locale}/oversight/runs/{run_id}", {}, form="main form")
    assert check_page(answer).select(".notice--success")


def test_50_20_29_is_refused_with_the_sum_and_everything_typed_is_kept(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    sent = {**numbers("50", "20", "29"), "reason": "management counts too much", "act": "propose"}
    page = check_page(post_form(client, WEIGHTS, sent, form="main form"), 422)
    assert page.title.startswith("Error:")
    assert page.texts(".error-summary li") == ["score: the weights add up to 99. They must add up to exactly 100."]
    assert page.select(".error-summary a")[0].get("href") == f"#{TOP[0]}"
    assert [page.one(f"#{name}").get("value") for name in TOP] == ["50", "20", "29"]
    assert page.texts("#reason") == ["management counts too much"]
    assert len(session.scalars(select(SchemeVersion)).all()) == 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (("40", "30", "30"), "40"),
        (("٤٠", "٣٠", "٣٠"), "40"),
        (("４０", "３０", "３０"), "40"),
        (("٤٠٫٥", "29,5", "30"), "40.5"),
        (("40.25 %", "29.75", "30"), "40.25"),
    ],
)
def test_numbers_may_be_typed_in_any_digits(
    client: FlaskClient, session: Session, typed: tuple[str, str, str], stored: str
) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    sent = {**numbers(*typed), "reason": "peers know best", "act": "propose"}
    answer = post_form(client, WEIGHTS, sent, form="main form")
    assert answer.headers["Location"] == "/en/oversight/rounds/2025/proposals/2"
    page = get_page(client, answer.headers["Location"])
    assert stored in page.texts("#changes td")


@pytest.mark.parametrize("wrong", ["", "many", "-5", "101", "1e2", "½", "3" * 400])
def test_what_is_not_a_weight_is_explained_at_its_place(client: FlaskClient, session: Session, wrong: str) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    sent = {**numbers(wrong, "50", "50"), "reason": "why", "act": "propose"}
    page = check_page(post_form(client, WEIGHTS, sent, form="main form"), 422)
    assert page.select(f"#{TOP[0]}-error")
    assert page.one(f"#{TOP[0]}").get("value") == wrong


def test_looking_at_the_effect_needs_no_reason_and_stores_nothing(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    page = check_page(post_form(client, WEIGHTS, {**numbers("40", "30", "30"), "act": "check"}, form="main form"))
    assert "Not adopted" in page.text
    assert page.texts("#effects tbody tr")[0].endswith("30 24")
    assert len(session.scalars(select(SchemeVersion)).all()) == 1


def test_a_locked_round_shows_numbers_but_no_boxes_and_refuses_what_is_sent_anyway(
    client: FlaskClient, session: Session
) -> None:
    world = make_world(session, RoundState.COLLECTING)
    sign_in(client, session, world.analyst)
    assert get_page(client, WEIGHTS).select("main input") == []
    token = get_page(client, "/en/oversight/rounds/2025").fields()["csrf_token"]
    typed = {**numbers("40", "30", "30"), "w-n-experience-satisfaction": "60", "w-n-experience-trust": "40"}
    typed |= {"w-s-citizens-users": "100", "w-s-citizens-open": "0"}
    sent = {**typed, "reason": "late", "act": "propose", "csrf_token": token}
    answer = client.post(WEIGHTS, data=sent)
    check_page(answer, 409)
    assert audit_of(session) == [("scheme.propose", "refused")]


def test_a_board_member_approves_on_the_page(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    sign_in(client, session, world.first)
    url = "/en/oversight/rounds/2025/proposals/1"
    unsure = check_page(post_form(client, url, {}, form="#form"), 422)
    assert unsure.texts(".error-summary li") == ["Choose “Approve” or “Decline”."]
    assert post_form(client, url, {"decision": "approve"}, form="#form").status_code == 302
    session.expire_all()
    assert session.get_one(Round, world.round.id).state == RoundState.APPROVED


def test_the_proposer_is_told_that_somebody_else_decides(client: FlaskClient, session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    add_proposal(session, world, number=2, proposer=world.first)
    sign_in(client, session, world.first)
    page = get_page(client, "/en/oversight/rounds/2025/proposals/2")
    assert page.select("#form") == []
    token = page.fields("form")["csrf_token"]
    answer = client.post(f"{page.url}/decision", data={"decision": "approve", "csrf_token": token})
    assert "Another member of the board" in check_page(answer, 409).text


def test_the_acts_of_a_round_are_buttons_and_an_act_in_the_wrong_state_is_a_409(
    client: FlaskClient, session: Session
) -> None:
    world = make_world(session, RoundState.APPROVED)
    sign_in(client, session, world.analyst)
    url = "/en/oversight/rounds/2025"
    answer = post_form(client, url, {}, form="main form")
    assert answer.status_code == 302
    assert "locked" in get_page(client, answer.headers["Location"]).text
    token = get_page(client, url).fields("form")["csrf_token"]
    check_page(client.post(f"{url}/acts", data={"act": "score", "csrf_token": token}), 409)
    check_page(client.post(f"{url}/acts", data={"act": "destroy", "csrf_token": token}), 422)
    assert audit_of(session) == [("round.open", "done"), ("round.score", "refused")]


def test_a_round_is_made_from_a_preset_on_the_page(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    url = "/en/oversight/rounds/new"
    empty = check_page(post_form(client, url, {}, form="main form"), 422)
    assert len(empty.texts(".error-summary li")) == 7
    sent = {
        "source": "preset:rivergate",
        "code": "2026",
        "title_en": "City 2026",
        "title_zh": "城市 2026",
        "title_ar": "المدينة 2026",
        "opens_on": "2026-01-01",
        "closes_on": "2026-12-31",
    }
    answer = post_form(client, url, sent, form="main form")
    assert answer.headers["Location"] == "/en/oversight/rounds/2026/setup"
    assert get_page(client, "/ar/oversight/rounds/2026").texts("h1") == ["المدينة 2026"]
    again = check_page(post_form(client, url, sent, form="main form"), 409)
    assert "There is a round with this code already" in again.text


def test_a_table_comes_as_a_file_for_saving(client: FlaskClient, session: Session) -> None:
    world = make_world(session, RoundState.DRAFT_RESULTS)
    sign_in(client, session, world.analyst)
    run_id = rounds_of(session, world)
    answer = client.get(f"/en/oversight/runs/{run_id}/tables/scores.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=2025-run-1-scores.csv"
    check_page(client.get(f"/en/oversight/runs/{run_id}/tables/nothing.csv"), 404)
    check_page(client.get("/en/oversight/runs/99999999999999999999"), 404)


def rounds_of(session: Session, world: World) -> int:
    latest = runs.latest_run(session, world.round)
    assert latest is not None
    return latest.id


@pytest.mark.walk
def test_the_audit_log_is_read_page_by_page(client: FlaskClient, session: Session) -> None:
    auditor = make_account(session, Role.AUDITOR)
    session.add_all(
        AuditEntry(at=NOW, actor="system", act=f"act.{number}", subject="round:2025", outcome="done")
        for number in range(60)
    )
    sign_in(client, session, auditor)
    first = get_page(client, "/en/oversight/audit")
    assert first.texts("#audit tbody th")[0] == "act.59"
    assert len(first.texts("#audit tbody tr")) == 50
    older = first.one("a[rel=next]").get("href", "")
    assert first.texts("#audit tbody th")[-1] == "act.10"
    assert get_page(client, older).texts("#audit tbody th")[0] == "act.9"
    assert get_page(client, "/en/oversight/audit?before=nonsense").status == 200
    assert get_page(client, "/en/oversight/audit?before=99999999999999999999").status == 200


def test_the_auditor_reads_accounts_and_is_offered_no_act(client: FlaskClient, session: Session) -> None:
    make_world(session, RoundState.APPROVED)
    auditor = make_account(session, Role.AUDITOR)
    sign_in(client, session, auditor)
    page = get_page(client, "/zh/oversight/accounts")
    assert auditor.login in page.text
    assert get_page(client, "/en/oversight/rounds/2025").select("main form") == []
    assert get_page(client, WEIGHTS).select("main form") == []


def test_a_batch_that_nobody_knows_has_a_page_all_the_same(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_account(session, Role.ANALYST))
    assert "no work of this name" in get_page(client, "/en/oversight/jobs/nothing").text
