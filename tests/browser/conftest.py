"""Pages in a real browser: the demo city behind a live server, Debian's chromium, and what every page must pass."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from werkzeug.serving import make_server

from evalsys.clock import utc_now
from tests.cities import copy_city
from tests.conftest import make_app

TIMEOUT_MS = 5000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
JUDGED = ("en", "ar")  # one language of each direction
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("chromium is missing; `make test` installs it, or run: apt-get install chromium")
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(TIMEOUT_MS)
    return context


@pytest.fixture(scope="session")
def live_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application of its own with the demo city loaded, shared by all browser tests."""
    return copy_city(tmp_path_factory, "live", utc_now())


@pytest.fixture(scope="session")
def live_server(live_app: Flask) -> Iterator[str]:
    """The address of the running application, without a slash at its end."""
    server = make_server("127.0.0.1", 0, live_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def axe_violations() -> Callable[[Page], list[str]]:
    """Broken accessibility rules of a page, one line each: rule, element, advice."""
    axe = Axe()

    def violations(page: Page) -> list[str]:
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": AXE_RULES}}
        found = axe.run(page, options=options).response["violations"]
        return [f"{rule['id']}: {node['html'][:160]} ({rule['help']})" for rule in found for node in rule["nodes"]]

    return violations


@pytest.fixture
def assert_no_sideways_scroll() -> Callable[[Page, int], None]:
    """Check that a page fits a screen of the given width; the page keeps its former size."""

    def check(page: Page, width: int = 320) -> None:
        before = page.viewport_size
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{page.url} is {wide} px wide on a screen of {width} px"
        if before:
            page.set_viewport_size(before)

    return check


@pytest.fixture
def city(live_app: Flask, tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """A copy of the demo city that the story may change, and its address."""
    source = str(live_app.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///")
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(tmp_path / "evalsys.sqlite")) as there:
        here.backup(there)
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'evalsys.sqlite'}")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def inspect(
    locale: str, axe_violations: Callable[[Page], list[str]], assert_no_sideways_scroll: Callable[[Page, int], None]
) -> Callable[[Page], None]:
    """What every page of the story must pass; a page that comes again unchanged is not measured again.

    The rules of accessibility, half of the time, are not asked again in a language that only has other words.
    """
    seen: set[int] = set()

    def check(page: Page) -> None:
        shown = hash((page.url, page.inner_text("body")))
        if shown not in seen:
            assert_no_sideways_scroll(page, 320)
            assert locale not in JUDGED or axe_violations(page) == []
        seen.add(shown)

    return check
