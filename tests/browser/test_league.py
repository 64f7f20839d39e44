"""Results as a citizen looks at them: a phone, every language, the keyboard, no script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

LOCALES = ["en", "zh", "ar"]
PAGES = (
    "/rounds",
    "/rounds/2025/compare?a=U06&b=U01",
    "/rounds/2025/improved",
    "/rounds/2025/units/U01?group=experts",
    "/how-to-read",
)


@pytest.mark.parametrize("locale", LOCALES)
def test_pages_of_results_fit_a_phone_and_break_no_accessibility_rule(
    page: Page,
    live_server: str,
    axe_violations: Callable[[Page], list[str]],
    assert_no_sideways_scroll: Callable[[Page, int], None],
    locale: str,
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in PAGES:
        page.goto(f"{live_server}/{locale}{path}")
        assert_no_sideways_scroll(page, 320)
        assert_no_sideways_scroll(page, 390)
        assert axe_violations(page) == [], path


def test_choices_work_with_the_keyboard_and_without_script(browser: Browser, live_server: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server}/en/rounds/2025/units/U01")
    page.get_by_label("Judged by").focus()
    page.keyboard.type("Exp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("6 of 16 indicators are listed.")).to_be_visible()
    assert page.url.endswith("?group=experts#sc-indicators")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Leadership")).last
    expect(row.get_by_role("cell").first).to_contain_text("70.00")
    page.get_by_role("link", name="Compare with another office").click()
    page.get_by_label("Second office").select_option(label="Arts & Events")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="They cannot be told apart with certainty")).to_be_visible()
    context.close()
