"""A citizen downloads a scorecard and checks it: with a real browser, in every language."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from evalsys.db import db
from evalsys.models import PublishedScorecard, Round, Unit
from evalsys.services import printing
from evalsys.services.work import Claimed


def print_card(app: Flask, locale: str) -> PublishedScorecard:
    """Make the PDF of one card in a thread of its own: the one that drives the browser has an event loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_print_card, app, locale).result()


def _print_card(app: Flask, locale: str) -> PublishedScorecard:
    with app.app_context():
        query = select(PublishedScorecard).join(Unit).join(Round, Round.id == PublishedScorecard.round_id)
        row = db.session.scalars(
            query.where(Unit.code == "U02", Round.code == "2025", PublishedScorecard.locale == locale)
        ).one()
        printing.print_scorecard(Claimed(0, "b", "k", "scorecard", {"card": row.id}, 1))(db.session())
        db.session.commit()
        db.session.refresh(row)
        db.session.expunge(row)
        return row


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_downloaded_file_is_accepted_and_a_changed_one_refused(
    live_app: Flask, live_server: str, page: Page, tmp_path: Path, locale: str, inspect: Callable[[Page], None]
) -> None:
    print_card(live_app, locale)
    page.goto(f"{live_server}/{locale}/rounds/2025/units/U02")
    with page.expect_download() as download:
        page.click(".sc-actions .button")
    saved = tmp_path / "card.pdf"
    download.value.save_as(saved)
    page.goto(f"{live_server}/{locale}/verify")
    inspect(page)
    page.set_input_files("#file", saved)
    page.click("form[enctype] button")
    expect(page.locator(".verdict--yes")).to_be_visible()
    expect(page.locator(".table--checks .told--yes")).to_have_count(5)
    inspect(page)
    data = bytearray(saved.read_bytes())
    data[len(data) // 2] ^= 1
    saved.write_bytes(data)
    page.goto(f"{live_server}/{locale}/verify")
    page.set_input_files("#file", saved)
    page.click("form[enctype] button")
    expect(page.locator(".verdict--no")).to_be_visible()
    inspect(page)


def test_a_reference_is_checked_without_script_on_a_phone(live_app: Flask, live_server: str, browser: Browser) -> None:
    row = print_card(live_app, "ar")
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="zh")
    page = context.new_page()
    page.goto(f"{live_server}/v/{row.reference}/{row.digest[:16]}")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator(".verdict--yes")).to_be_visible()
    page.goto(f"{live_server}/ar/verify")
    page.fill("#reference", row.reference.lower().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))
    page.click("form[method=get] button")
    expect(page.locator(".verdict--yes")).to_be_visible()
    context.close()
