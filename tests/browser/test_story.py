"""The whole job: weights, approval, ratings, scores, publication, the PDF in somebody's hand."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser import story as plot
from tests.browser.story import Story


@pytest.mark.parametrize("locale", ["zh"])  # the guided set-up is played in Arabic, the pages of each part in all
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
