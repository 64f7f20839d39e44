"""The pages of a round's design: sound in every language, and what is typed, kept and told."""

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.i18n import LOCALES
from evalsys.models import Holiday, Role, Round, RoundDate, RoundState, RuleDocument, SchemeVersion
from evalsys.services.design import rulebook
from tests.factories import NOW, make_account, make_unit, sign_in
from tests.integration.governing import World, make_world
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

ROUND = "/en/oversight/rounds/2025"
DAY_OFF = {"day": "2025-05-01", "name_en": "May Day", "name_zh": "劳动节", "name_ar": "عيد العمال"}


def signed_in(client: FlaskClient, session: Session, state: RoundState = RoundState.DRAFT) -> World:
    world = make_world(session, state)
    sign_in(client, session, world.analyst)
    return world


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("state", [RoundState.DRAFT, RoundState.APPROVED, RoundState.COLLECTING])
def test_the_pages_are_sound_in_every_language(
    client: FlaskClient, session: Session, state: RoundState, locale: str
) -> None:
    world = signed_in(client, session, state)
    for account in (world.analyst, world.first):
        sign_in(client, session, account)
        for path in ("setup", "design", "calendar", "rules"):
            get_page(client, f"/{locale}/oversight/rounds/2025/{path}")
        get_page(client, f"/{locale}/oversight/calendar")


def test_the_set_up_leads_to_every_page_and_to_the_opening(client: FlaskClient, session: Session) -> None:
    signed_in(client, session, RoundState.APPROVED)
    assert f"{ROUND}/setup" in get_page(client, ROUND).links
    page = get_page(client, f"{ROUND}/setup")
    for link in page.select(".setup a"):
        get_page(client, str(link.get("href")).partition("#")[0])
    answer = post_form(client, f"{ROUND}/setup", {})
    assert answer.location == ROUND
    assert "The round is open" in get_page(client, ROUND).text
    later = get_page(client, f"{ROUND}/setup")
    assert later.select("main form") == []
    assert "The round has been opened" in later.text


def test_a_set_up_with_something_missing_has_no_button(client: FlaskClient, session: Session) -> None:
    signed_in(client, session)
    page = get_page(client, f"{ROUND}/setup")
    assert page.select("main form") == []
    assert page.texts("#step-weights .tag") == ["Still missing"]
    assert "/en/oversight/rounds/2025/proposals/1" in page.links
    assert page.texts(".notice__title") == ["1 step is still missing"]


def test_the_opening_that_is_refused_names_everything(client: FlaskClient, session: Session) -> None:
    world = signed_in(client, session, RoundState.APPROVED)
    session.delete(world.forms["peers"])
    session.query(RuleDocument).delete()
    session.commit()
    token = get_page(client, ROUND).fields()["csrf_token"]
    page = check_page(client.post(f"{ROUND}/acts", data={"act": "open", "csrf_token": token}), 409)
    assert "cooperation (peers)" in page.text
    assert "no rule document" in page.text


def test_settings_are_saved_and_mistakes_keep_what_was_typed(client: FlaskClient, session: Session) -> None:
    signed_in(client, session)
    wrong = check_page(post_form(client, f"{ROUND}/design", {"reply_days": "many", "title_zh": "新的"}), 422)
    assert wrong.one("#reply_days").get("value") == "many"
    assert wrong.one("#title_zh").get("value") == "新的"
    assert wrong.title.startswith("Error")
    answer = post_form(client, f"{ROUND}/design", {"reply_days": "١٢", "title_zh": "新的"})
    assert answer.status_code == 302
    session.expire_all()
    assert session.scalars(select(Round.reply_days)).one() == 12


def test_the_board_sets_its_rule_on_the_page_and_an_analyst_reads_it(client: FlaskClient, session: Session) -> None:
    world = signed_in(client, session)
    form = "form[action$=board]"
    page = get_page(client, f"{ROUND}/design")
    assert not page.select(form)
    assert "A member of the board sets this" in page.text
    sign_in(client, session, world.first)
    wrong = check_page(post_form(client, f"{ROUND}/design", {"quorum": "many"}, form), 422)
    assert wrong.one("#quorum").get("value") == "many"
    too_many = check_page(post_form(client, f"{ROUND}/design", {"quorum": "9"}, form), 422)
    assert "The board has 2 members" in too_many.text
    assert post_form(client, f"{ROUND}/design", {"quorum": "٢", "majority": "all"}, form).status_code == 302
    session.expire_all()
    assert session.scalars(select(Round.majority)).one() == "all"


def test_units_are_ticked_on_the_page(client: FlaskClient, session: Session) -> None:
    world = signed_in(client, session)
    make_unit(session, code="U03")
    form = "form[action$=units]"
    page = get_page(client, f"{ROUND}/design")
    fields = page.fields(form)
    assert {name for name in fields if name.startswith("unit-")} == {"unit-U01", "unit-U02"}
    del fields["unit-U02"]
    answer = client.post(f"{ROUND}/design/units", data={**fields, "unit-U03": "yes"})
    assert answer.status_code == 302
    session.expire_all()
    assert {place.unit.code for place in session.get_one(Round, world.round.id).units} == {"U01", "U03"}
    check_page(client.post(f"{ROUND}/design/units", data={"csrf_token": fields["csrf_token"]}), 422)


def test_thresholds_are_proposed_on_the_page(client: FlaskClient, session: Session) -> None:
    signed_in(client, session)
    form = "form[action$=thresholds]"
    typed = {"hidden-citizens": "10", "overseer-citizens": "9", "indicative-citizens": "30", "reason": "why"}
    wrong = check_page(post_form(client, f"{ROUND}/design", typed, form), 422)
    assert wrong.select("#overseer-citizens-error")
    assert wrong.one("#hidden-citizens").get("value") == "10"
    assert post_form(client, f"{ROUND}/design", {**typed, "overseer-citizens": "20"}, form).status_code == 302
    assert session.scalars(select(SchemeVersion.number)).all() == [1, 2]


def test_the_calendar_suggests_days_and_keeps_those_that_are_saved(client: FlaskClient, session: Session) -> None:
    signed_in(client, session)
    page = get_page(client, f"{ROUND}/calendar")
    assert "Suggested days" in page.text
    wrong = check_page(post_form(client, f"{ROUND}/calendar", {"due-closing": "2024-01-01"}), 422)
    assert wrong.select("#due-closing-error")
    assert wrong.one("#due-closing").get("value") == "2024-01-01"
    assert post_form(client, f"{ROUND}/calendar", {"due-consultation": ""}).status_code == 302
    assert len(session.scalars(select(RoundDate)).all()) == 10
    assert "Suggested days" not in get_page(client, f"{ROUND}/calendar").text


def test_a_rule_document_is_attached_and_everybody_reads_it_once_the_round_is_open(
    client: FlaskClient, session: Session
) -> None:
    signed_in(client, session, RoundState.APPROVED)
    token = get_page(client, f"{ROUND}/rules").fields()["csrf_token"]
    nothing = client.post(f"{ROUND}/rules", data={"csrf_token": token, "title": "The rules"})
    assert check_page(nothing, 422).one("#title").get("value") == "The rules"
    sent = {"csrf_token": token, "title": "<b>Rules</b>", "file": (io.BytesIO("§ 1".encode()), "rules.txt")}
    assert client.post(f"{ROUND}/rules", data=sent).status_code == 302
    page = get_page(client, f"{ROUND}/rules")
    digest = session.scalars(select(RuleDocument.digest).where(RuleDocument.replaced_at.is_(None))).one()
    assert digest in page.text
    assert "<b>Rules</b>" in page.text
    answer = client.get(f"{ROUND}/rules/file")
    assert answer.headers["Content-Disposition"] == "attachment; filename=rules.txt"
    assert client.get("/en/rounds/2025/rules").status_code == 404
    post_form(client, f"{ROUND}/setup", {})
    public = client.application.test_client()
    method = get_page(public, "/ar/method")
    assert digest in method.text
    assert "/ar/rounds/2025/rules" in method.links
    answer = public.get("/en/rounds/2025/rules")
    assert answer.text == "§ 1"
    assert answer.headers["Content-Security-Policy"] == rulebook_sandbox()
    assert answer.headers["Content-Disposition"].startswith("attachment")


def rulebook_sandbox() -> str:
    return "sandbox; default-src 'none'"


def test_days_off_and_days_of_rest_are_set_on_the_page(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_account(session, Role.ADMINISTRATOR))
    url = "/en/oversight/calendar"
    assert "/en/oversight/calendar" in get_page(client, "/en/oversight").links
    wrong = check_page(post_form(client, url, {**DAY_OFF, "day": "2025-02-30"}, "form#form"), 422)
    assert wrong.one("#name_ar").get("value") == DAY_OFF["name_ar"]
    assert post_form(client, url, DAY_OFF, "form#form").status_code == 302
    assert check_page(post_form(client, url, DAY_OFF, "form#form"), 409).one("#name_en").get("value") == "May Day"
    assert "劳动节" in get_page(client, "/zh/oversight/calendar").text
    removed = post_form(client, url, {}, "form[action$=removal]")
    assert removed.status_code == 302
    assert session.scalars(select(Holiday)).all() == []
    token = get_page(client, url).fields()["csrf_token"]
    check_page(client.post(f"{url}/rest-days", data={"csrf_token": token}), 422)
    assert client.post(f"{url}/rest-days", data={"csrf_token": token, "rest4": "yes"}).status_code == 302
    assert [tick.get("id") for tick in get_page(client, url).select("input[checked]")] == ["rest4"]


def test_an_empty_pilot_is_made_on_the_page(client: FlaskClient, session: Session) -> None:
    signed_in(client, session)
    period = {"opens_on": "2026-01-01", "closes_on": "2026-12-31"}
    sent = {"source": "empty", "code": "2026", "title_en": "Trial", "title_zh": "试点", "title_ar": "تجربة"}
    answer = post_form(client, "/en/oversight/rounds/new", {**sent, **period, "is_pilot": "yes"})
    assert answer.location == "/en/oversight/rounds/2026/setup"
    page = get_page(client, answer.location)
    assert "Pilot" in page.text
    assert {str(one.get("id")) for one in page.select(".setup__step--missing")} == {"step-weights", "step-rules"}


def test_the_set_up_takes_as_many_statements_for_many_units_as_for_few(client: FlaskClient, session: Session) -> None:
    world = signed_in(client, session)
    few = statements(client, f"{ROUND}/setup")
    analyst = world.analyst
    for number in range(10, 22):
        make_unit(session, code=f"U{number}")
    fields = get_page(client, f"{ROUND}/design").fields("form[action$=units]")
    client.post(f"{ROUND}/design/units", data={**fields, **{f"unit-U{n}": "yes" for n in range(10, 22)}})
    sign_in(client, session, analyst)
    assert statements(client, f"{ROUND}/setup") == few
    assert few <= 27


def statements(client: FlaskClient, url: str) -> int:
    counted: list[str] = []

    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        get_page(client, url)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(counted)


def test_a_document_that_another_round_shares_is_stored_once(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    upload = rulebook.Upload("", "same.txt", b"the same words")
    digest = rulebook.attach_rules(world.actor(world.analyst), "2025", upload, now=NOW)
    make_round_like(session, world)
    assert rulebook.attach_rules(world.actor(world.analyst), "2026", upload, now=NOW) == digest


def make_round_like(session: Session, world: World) -> None:
    session.add(
        Round(code="2026", period_start=world.round.period_start, period_end=world.round.period_end, created_at=NOW)
    )
    session.commit()
