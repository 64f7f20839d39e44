"""The whole job in each language: weights, approval, ratings, scores, publication, the PDF in somebody's hand."""

import re
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.browser import story as plot
from tests.browser.story import Story
from tests.conftest import make_app

JUDGED = ("en", "ar")  # one language of each direction


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


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_whole_job_from_weights_to_the_pdf(
    city: tuple[Flask, str], browser: Browser, inspect: Callable[[Page], None], locale: str, tmp_path: Path
) -> None:
    story = Story(*city, browser, locale, inspect)
    plot.make_round(story)
    plot.approve_and_open(story)
    receipt = plot.rate_as_citizen(story, invitation_to(story))
    assert re.fullmatch(r"[0-9A-Z]{2,}([- ][0-9A-Z]{2,})+", receipt)
    plot.rate_as_peer(story)
    plot.score_as_expert(story)
    plot.let_the_city_answer(story)
    plot.score_and_publish(story)
    own = plot.read_as_head(story, tmp_path)
    shown, public = plot.find_as_anybody(story, tmp_path)
    assert own.read_bytes() == public.read_bytes()
    score = re.search(r"\b\d\d\.\d\d\b", shown)
    assert score is not None
    assert score[0] in text_of_pdf(public)


def invitation_to(story: Story) -> str:
    """A fresh invitation, as the analyst hands it out: the path behind the locale."""
    arguments = ["credentials", "issue", plot.ROUND, "--stratum", "users", "--count", "1"]
    done = story.app.test_cli_runner().invoke(args=[*arguments, "--as", "analyst@rivergate.example"])
    found = re.search(r"/invitations/\S+", done.output)
    assert found is not None, done.output
    return found[0]


def text_of_pdf(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout
