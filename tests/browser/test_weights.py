"""The workbench of weights in a browser: sliders by keyboard, locks, the effect at once; all of it without scripts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from evalsys.db import db
from evalsys.models import Account, Round
from evalsys.services import rounds
from evalsys.services.access import actor_of
from tests.browser.story import PASSWORD
from tests.factories import NOW

ROUND = "2029"
MOVES = 20_000
TRY_MOVES = """
async ([address, moves]) => {
  const { move } = await import(address);
  let seed = 7;
  const random = (limit) => Math.floor(limit * ((seed = (seed * 1664525 + 1013904223) % 4294967296) / 4294967296));
  let broken = 0;
  for (let turn = 0; turn < moves; turn += 1) {
    const whole = [100, 1000, 10000][random(3)];
    const cuts = [...Array(1 + random(7))].map(() => random(whole + 1)).sort((a, b) => a - b);
    const start = [...cuts, whole].map((cut, place) => cut - (cuts[place - 1] ?? 0));
    const bounded = random(3) === 0;
    const rules = start.map((weight) => ({
      low: bounded ? Math.max(0, weight - random(whole / 3)) : 0,
      high: bounded ? Math.min(whole, weight + random(whole / 3)) : whole,
      locked: random(3) === 0,
    }));
    const moved = random(start.length);
    const result = move(start, moved, random(whole + 1), rules, whole);
    const back = move(start, moved, start[moved], rules, whole);
    const fits = result.every((weight, place) => Number.isInteger(weight) && weight >= rules[place].low
      && weight <= rules[place].high && (!rules[place].locked || weight === start[place]));
    const sum = result.reduce((total, weight) => total + weight, 0);
    if (!fits || sum !== whole || String(back) !== String(start)) broken += 1;
  }
  return broken;
}
"""


@pytest.fixture
def draft(live_app: Flask) -> str:
    """A round whose weights may be changed, made from the city's scored one."""
    with live_app.app_context():
        if db.session.scalar(select(Round).where(Round.code == ROUND)) is None:
            account = db.session.scalars(select(Account).where(Account.login == "analyst@rivergate.example")).one()
            new = rounds.NewRound(ROUND, "round:2025", date(2029, 1, 1), date(2029, 12, 31), {"en": "Round 2029"})
            rounds.create_round(actor_of(account), new, now=NOW)
    return f"/oversight/rounds/{ROUND}/weights"


@contextmanager
def analyst(browser: Browser, address: str, *, scripts: bool = True) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=scripts)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{address}/account/sign-in")
    page.fill("[name=login]", "analyst@rivergate.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    yield page
    context.close()


def weights(page: Page) -> list[str]:
    """The numbers of the first table."""
    numbers = page.locator("[data-family]").first.locator("[data-number]")
    return [numbers.nth(place).input_value() for place in range(numbers.count())]


def undo_and_scale(family: Locator, start: list[str]) -> None:
    family.locator("[data-act=reset]").click()
    assert weights(family.page) == start
    family.locator("[data-number]").nth(2).fill("٢٠")
    expect(family.locator("[data-sum]")).to_have_text("90")
    family.locator("[data-act=scale]").click()
    assert weights(family.page) == ["55.56", "22.22", "22.22"]


@pytest.mark.parametrize(
    ("locale", "more", "less"), [("en", "ArrowRight", "ArrowLeft"), ("ar", "ArrowLeft", "ArrowRight")]
)
def test_sliders_by_keyboard_keep_the_sum_and_give_the_start_back(
    browser: Browser,
    live_server: str,
    draft: str,
    axe_violations: Callable[[Page], list[str]],
    assert_no_sideways_scroll: Callable[[Page, int], None],
    locale: str,
    more: str,
    less: str,
) -> None:
    with analyst(browser, f"{live_server}/{locale}") as page:
        page.goto(f"{live_server}/{locale}{draft}")
        family = page.locator("[data-family]").first
        sliders, locks, status = (
            family.locator("[data-slider]"),
            family.locator("[data-lock]"),
            page.locator("[data-status]"),
        )
        expect(page.locator("#movers")).to_be_visible()
        start = weights(page)
        sliders.nth(0).focus()
        for _ in range(50):
            page.keyboard.press(more)
        assert weights(page) == ["100", "0", "0"]
        for _ in range(50):
            page.keyboard.press(less)
        assert weights(page) == start == ["50", "20", "30"]
        locks.nth(1).focus()
        page.keyboard.press("Space")
        expect(sliders.nth(1)).to_be_disabled()
        before = status.inner_text()
        sliders.nth(2).focus()
        page.keyboard.press("End")
        assert weights(page) == ["0", "20", "80"]
        expect(status).not_to_have_text(before)
        assert axe_violations(page) == []
        assert_no_sideways_scroll(page, 320)
        undo_and_scale(family, start)


def test_any_move_keeps_the_whole_and_every_lock(browser: Browser, live_server: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{live_server}/en/account/sign-in")
    assert page.evaluate(TRY_MOVES, ["/static/js/weights.js", MOVES]) == 0
    context.close()


def test_without_scripts_numbers_and_a_button_do_it_all(browser: Browser, live_server: str, draft: str) -> None:
    with analyst(browser, f"{live_server}/en", scripts=False) as page:
        page.goto(f"{live_server}/en{draft}")
        expect(page.locator("[data-slider]").first).to_be_hidden()
        expect(page.locator("[data-preview]")).to_be_hidden()
        page.fill("[name='w-n-score-experience']", "10")
        page.fill("[name='w-n-score-management']", "60")
        page.click(".actions button[value=check]")
        assert "add up to 90" in page.locator(".error-summary").inner_text()
        page.locator("button[value=scale]:visible").click()
        assert weights(page) == ["11.11", "22.22", "66.67"]
        page.click(".actions button[value=check]")
        expect(page.locator("#trial")).to_be_visible()
