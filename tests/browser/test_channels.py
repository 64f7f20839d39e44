"""What only a browser shows of the channels: the puzzle is solved without being noticed, a kiosk clears itself."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from evalsys.clock import utc_now
from evalsys.db import db
from evalsys.models import Place, Role, Unit, UsedPuzzle
from evalsys.services import kiosks
from evalsys.services.access import actor_of
from evalsys.services.guard import is_solved
from tests.conftest import SECRET
from tests.factories import make_account, name_it

FORM = "/en/units/U01/rating"
# Plain http hides the browser's own SHA-256; some browsers have no workers that are modules.
BARE = "delete globalThis.Worker; Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });"


def fill(page: Page) -> None:
    for question in page.locator("fieldset.question:has(input)").all():
        question.locator("input[type=radio]").nth(3).check()


def spent(app: Flask) -> int:
    with app.app_context():
        return int(db.session.scalar(select(func.count()).select_from(UsedPuzzle)) or 0)


@pytest.mark.parametrize("script", ["", BARE], ids=["worker", "plain"])
def test_the_puzzle_is_solved_while_the_person_reads(page: Page, live_server: str, script: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script(script)
    page.goto(f"{live_server}{FORM}")
    expect(page.locator("#puzzle")).not_to_have_value("", timeout=30_000)
    nonce = page.locator("[name=nonce]").get_attribute("value") or ""
    assert is_solved(page.locator("#puzzle").input_value(), nonce, SECRET, utc_now())
    assert page.locator("#puzzle-status").inner_text() == ""
    assert said == []


def test_who_is_faster_than_the_puzzle_waits_a_moment(page: Page, live_server: str, live_app: Flask) -> None:
    before = spent(live_app)
    page.goto(f"{live_server}{FORM}")
    fill(page)
    page.click("main .actions button >> nth=0")
    expect(page.locator(".receipt__code")).to_be_visible(timeout=30_000)
    assert spent(live_app) == before + 1


def test_saving_and_changing_the_language_do_not_wait(page: Page, live_server: str, live_app: Flask) -> None:
    page.goto(f"{live_server}{FORM}")
    fill(page)
    page.click(".languages [value=zh]")
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    assert page.locator("fieldset.question input:checked").count() == 8
    page.click("main .actions [name=act]")
    expect(page.locator(".receipt__code")).to_be_visible()


@pytest.fixture(scope="module")
def kiosk(live_app: Flask) -> str:
    """The path that starts a kiosk of U01."""
    with live_app.app_context():
        session = db.session()
        unit = session.scalars(select(Unit).where(Unit.code == "U01")).one()
        session.add(Place(code="K01", unit_id=unit.id))
        name_it(session, "place", "K01")
        return f"/k/{kiosks.turn_on(actor_of(make_account(session, Role.ANALYST)), 'K01', now=utc_now())}"


def test_a_kiosk_warns_and_then_clears_itself(page: Page, live_server: str, kiosk: str) -> None:
    page.clock.install()
    page.goto(f"{live_server}{kiosk}")
    page.click("text=English")
    fill(page)
    page.clock.run_for(40_000)
    warning = page.locator("#kiosk-warning")
    expect(warning).to_be_hidden()
    page.clock.run_for(6_000)
    expect(warning).to_be_visible()
    expect(page.locator("#kiosk-stay")).to_be_focused()
    page.click("#kiosk-stay")
    expect(warning).to_be_hidden()
    page.clock.run_for(50_000)
    expect(warning).to_be_visible()
    page.clock.run_for(12_000)
    expect(page.locator(".kiosk-languages")).to_be_visible()
    page.go_back()
    expect(page.locator("fieldset.question input:checked")).to_have_count(0)


def test_kiosk_pages_fit_and_break_no_accessibility_rule(
    page: Page,
    live_server: str,
    kiosk: str,
    axe_violations: Callable[[Page], list[str]],
    assert_no_sideways_scroll: Callable[[Page, int], None],
) -> None:
    page.goto(f"{live_server}{kiosk}")
    assert axe_violations(page) == []
    page.goto(f"{live_server}/ar/units/U01/rating")
    for width in (320, 1280):
        assert_no_sideways_scroll(page, width)
    assert axe_violations(page) == []
