"""What only a browser shows of asking: a sheet tells as one types what it means, the guard stays unseen."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.i18n import LOCALES
from evalsys.models import Account, Consultation, ConsultationComment, Elicitation, Round
from evalsys.services import elicitations, rounds
from evalsys.services.access import Actor, actor_of
from evalsys.services.consultations import acts
from tests.browser.story import PASSWORD

CODE = "2031"
ROUND = f"/oversight/rounds/{CODE}"


@pytest.fixture(scope="module")
def asked(live_app: Flask) -> Iterator[int]:
    """A draft round that lies open and about which the board is asked; gone again for the other tests."""
    with live_app.app_context():
        analyst, now = _actor("analyst"), utc_now()
        former = db.session.scalars(select(Round.code).order_by(Round.id.desc())).first()
        period = date(2031, 1, 1), date(2031, 12, 31)
        rounds.create_round(analyst, rounds.NewRound(CODE, f"round:{former}", *period, {"en": "Next"}), now=now)
        acts.open_consultation(analyst, CODE, acts.Plan(now.date() + timedelta(days=20)), now=now)
        question = elicitations.Asked("n-cooperation", "ahp")
        number = elicitations.open_elicitation(analyst, CODE, question, now=now)
        db.session.remove()
    yield number
    with live_app.app_context(), transaction() as session:
        for table in (ConsultationComment, Consultation, Elicitation):
            session.execute(delete(table))


def _actor(name: str) -> Actor:
    return actor_of(db.session.scalars(select(Account).where(Account.login == f"{name}@rivergate.example")).one())


def test_a_sheet_tells_as_one_chooses_what_it_means(page: Page, live_server: str, asked: int) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{live_server}/en/account/sign-in")
    page.fill("[name=login]", "board1@rivergate.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    expect(page.locator(".person")).to_be_visible()
    page.goto(f"{live_server}/en{ROUND}/elicitations/{asked}/answer")
    status = page.locator("#trial [role=status]")
    boxes = page.locator("form[data-trial] select")
    boxes.nth(0).select_option("9")
    expect(status).to_have_text("1 of 3")
    boxes.nth(1).select_option("1/9")
    boxes.nth(2).select_option("9")
    expect(status).to_contain_text("Consistency ratio 6.13.")
    expect(page.locator("#trial .notice--warning")).to_contain_text("81 times as much")
    boxes.nth(1).select_option("9")
    boxes.nth(2).select_option("1")
    expect(status).to_contain_text("Consistency ratio 0.00")
    expect(page.locator("#trial .notice--warning")).to_have_count(0)
    expect(page.locator("#trial tbody td").first).to_have_text("81.8")
    assert said == []


def test_a_comment_passes_the_guard_without_being_noticed(
    page: Page, live_server: str, live_app: Flask, asked: int
) -> None:
    page.goto(f"{live_server}/en/consultations/{CODE}/comment")
    page.fill("[name=text]", "Ask about fairness")
    expect(page.locator("#puzzle")).not_to_have_value("", timeout=30_000)
    page.click("main .actions button")
    expect(page.locator(".notice--success")).to_contain_text("It has arrived")
    with live_app.app_context():
        assert db.session.scalars(select(ConsultationComment.text)).all() == ["Ask about fairness"]
        db.session.remove()


@pytest.mark.parametrize("locale", LOCALES)
def test_pages_of_a_consultation_fit_a_phone_and_break_no_accessibility_rule(
    page: Page, live_server: str, asked: int, locale: str, axe_violations: Callable[[Page], list[str]]
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in (
        "/consultations",
        f"/consultations/{CODE}",
        f"/consultations/{CODE}/comment",
        f"/consultations/{CODE}/poll",
    ):
        page.goto(f"{live_server}/{locale}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert axe_violations(page) == [], path
