"""The citizen's form as a citizen meets it: a cheap phone, no script, the keyboard alone, every language."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Response, expect

LOCALES = ["en", "zh", "ar"]
FORM = "/units/U01/rating"
WIRE_BYTES = 60_000
PAGES = [
    "/",
    "/units",
    "/units/U01",
    FORM,
    "/rounds/2025",
    "/rounds/2025/units/U20",
    "/method",
    "/privacy",
    "/accessibility",
]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_form_works_without_script(browser: Browser, live_server: str, locale: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{live_server}/{locale}{FORM}")
    page.click("main .actions button")
    expect(page.locator(".error-summary")).to_be_visible()
    page.click(".error-summary a >> nth=0")
    for question in page.locator("fieldset.question:has(input)").all():
        question.locator("input[type=radio]").nth(1).check()
    page.click("main .actions button")
    expect(page.locator(".receipt__code")).to_be_visible()
    context.close()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_form_can_be_filled_with_the_keyboard_alone(page: Page, live_server: str, locale: str) -> None:
    page.goto(f"{live_server}/{locale}{FORM}")
    page.locator("fieldset.question input").first.focus()
    for number in range(8):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        assert page.locator("fieldset.question input:checked").count() == number + 1
    expect(page.locator("textarea[name=t_one_change]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("textarea[name=comment]")).to_be_focused()
    page.keyboard.type("Written with the keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt__code")).to_be_visible()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_first_load_is_small(browser: Browser, live_server: str, locale: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    sizes: dict[str, int] = {}  # by address: the worker takes its script from the browser's cache, yet it is told twice

    def count(response: Response) -> None:
        assert response.url.startswith(live_server), f"{response.url} is loaded from somewhere else"
        head = sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())
        sizes[response.url] = len(response.body()) + head

    page.on("response", count)
    page.goto(f"{live_server}/{locale}{FORM}", wait_until="networkidle")
    assert sum(sizes.values()) < WIRE_BYTES
    context.close()


@pytest.mark.parametrize("locale", LOCALES)
def test_each_question_is_a_group_with_its_name(page: Page, live_server: str, locale: str) -> None:
    page.goto(f"{live_server}/{locale}{FORM}")
    legends = page.locator("fieldset.question:has(input) legend bdi").all_inner_texts()
    assert len(legends) == 8
    for text, options in zip(legends, [6] * 7 + [4], strict=True):
        expect(page.get_by_role("group", name=text).get_by_role("radio")).to_have_count(options)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("path", PAGES)
def test_public_pages_fit_every_screen_and_break_no_accessibility_rule(
    page: Page,
    live_server: str,
    axe_violations: Callable[[Page], list[str]],
    assert_no_sideways_scroll: Callable[[Page, int], None],
    locale: str,
    path: str,
) -> None:
    page.goto(f"{live_server}/{locale}{path}")
    for width in (320, 360, 1280):
        assert_no_sideways_scroll(page, width)
    assert axe_violations(page) == []
