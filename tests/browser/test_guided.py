"""An analyst who has never seen the program takes a round from a preset to its opening, led by the list of steps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.story import Story

ROUND = "2028"
SETUP = f"/oversight/rounds/{ROUND}/setup"
MISSING = "#step-{} .tag--red"
ADVICE = "#step-{} .tag--amber"


@pytest.mark.parametrize("locale", ["ar"])  # the whole job is played in Chinese
def test_a_round_is_set_up_and_opened_in_one_sitting(
    city: tuple[Flask, str], browser: Browser, inspect: Callable[[Page], None], locale: str, tmp_path: Path
) -> None:
    story = Story(*city, browser, locale, inspect)
    with story.signed_in("analyst") as page:
        begin(story, page)
        expect(page.locator(MISSING.format("weights"))).to_have_count(1)
        expect(page.locator(f"form[action$='{ROUND}/acts']")).to_have_count(0)
        attach_rules(story, page, tmp_path / "decision.txt")
        draw_raters(story, page)
        set_days(story, page)
    approve(story)
    with story.signed_in("analyst") as page:
        story.see(page, SETUP)
        for step in ("rules", "weights", "peers", "experts", "calendar"):
            expect(page.locator(f"#step-{step} .tag--green")).to_have_count(1)
        story.press(page, "form:has(input[name=act][value=open]) button")
        expect(page.locator("main form:has(input[name=act][value=close])")).to_have_count(1)
    for login in ("peer.u01.1", "e01"):
        with story.signed_in(login) as page:
            story.see(page, "/assignments")
            expect(page.locator("main a[href*='/assignments/']").first).to_be_visible()
    with story.visitor() as page:
        story.see(page, "/units/U13/rating")
        expect(page.locator("fieldset.question")).to_have_count(7)


def begin(story: Story, page: Page) -> None:
    """From the start page to the list of steps, by buttons alone."""
    today = datetime.now(UTC).date()
    story.see(page, "/oversight")
    story.press(page, "main a[href$='/rounds/new']")
    page.check("[name=source][value='preset:rivergate']")
    page.fill("[name=code]", ROUND)
    for locale, title in (("en", "City evaluation 2028"), ("zh", "2028年全市评估"), ("ar", "تقييم المدينة 2028")):
        page.fill(f"[name=title_{locale}]", title)
    page.fill("[name=opens_on]", str(today))
    page.fill("[name=closes_on]", str(today + timedelta(days=60)))
    story.press(page, "main form button:not(.visually-hidden)")
    assert page.url.endswith(SETUP)


def attach_rules(story: Story, page: Page, file: Path) -> None:
    file.write_text("The council decides: every office is rated once a year.", encoding="utf-8")
    story.press(page, "#step-rules a")
    page.fill("[name=title]", "Decision of the council")
    page.set_input_files("[name=file]", file)
    story.press(page, "main form[enctype] button")
    story.see(page, SETUP)
    expect(page.locator(MISSING.format("rules"))).to_have_count(0)


def draw_raters(story: Story, page: Page) -> None:
    """Liaisons and experts are drawn by lot; both steps are advice until then."""
    expect(page.locator(ADVICE.format("peers"))).to_have_count(1)
    story.press(page, "#step-peers a")
    page.fill("[name=each]", "6")
    story.press(page, "form[action$='/draw'] button")
    story.see(page, SETUP)
    story.press(page, "#step-experts a")
    for name, number in (("panels", "3"), ("common", "4"), ("at_least", "3")):
        page.fill(f"#draw [name={name}]", number)
    story.press(page, "#draw button")


def set_days(story: Story, page: Page) -> None:
    """The page suggests every day."""
    story.see(page, SETUP)
    story.press(page, "#step-calendar a")
    story.press(page, "main form[method=post] button:not(.visually-hidden)")


def approve(story: Story) -> None:
    with story.signed_in("board1") as page:
        story.see(page, f"/oversight/rounds/{ROUND}/proposals/1")
        page.check("#form [name=decision][value=approve]")
        page.fill("#form [name=reason]", "As decided in March")
        story.press(page, "#form button")
