"""The method page: whatever a scheme decides is said there in words, in every language."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES
from evalsys.models import RoundState
from evalsys.services.method_rules import Rule, group_rules, node_rules, ranking_rules, simulation_rules
from evalsys.services.presets import FOLDER, read_preset
from evalsys.services.weights import Labels, read_scheme
from scoring.scheme import Scheme
from tests.factories import NOW
from tests.integration.governing import add_proposal, make_world
from tests.integration.test_scheme_edits import outside_mapping, rich_mapping
from tests.pages import Page, get_page

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

PRESETS = sorted(path.stem for path in FOLDER.glob("*.toml") if not path.stem.endswith("_map"))


def method_page(client: FlaskClient, session: Session, scheme: Scheme, locale: str = "en") -> Page:
    """The page of an open round with this scheme."""
    world = make_world(session)
    decided = {"state": "approved", "approver": world.first, "decided_at": NOW}
    add_proposal(session, world, number=2, body=scheme.canonical(), digest=scheme.digest, **decided)
    world.round.state = RoundState.COLLECTING
    session.commit()
    return get_page(client, f"/{locale}/method")


def rules_of(scheme: Scheme, labels: Labels) -> list[tuple[Rule, str]]:
    """Every rule of a scheme, and of what it is one."""
    found = [(one, "group") for group in scheme.groups for one in group_rules(group)]
    for node in scheme.nodes():
        found += [(one, "branch" if node.children else "leaf") for one in node_rules(node, labels)]
    return found + [(one, "ranking") for one in (*ranking_rules(scheme), *simulation_rules(scheme))]


def unsaid(app: Flask, scheme: Scheme) -> list[str]:
    """Rules of which the page has no words."""
    with app.test_request_context("/en/"):
        words = vars(app.jinja_env.get_template("components/method_words.html").module)
        said = {one.code: str(words["rule"](one, of)).strip() for one, of in rules_of(scheme, Labels("en"))}
    return [code for code, text in said.items() if not re.search(r"[a-z] .*\.", text) or code in text.split()]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_rule_of_a_preset_has_words(app: Flask, session: Session, preset: str) -> None:
    assert unsaid(app, read_scheme(read_preset(preset).scheme)) == []


def test_every_rule_of_a_rich_scheme_has_words(app: Flask, session: Session) -> None:
    assert unsaid(app, read_scheme(rich_mapping())) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_of_a_rich_scheme_is_sound(client: FlaskClient, session: Session, locale: str) -> None:
    assert method_page(client, session, read_scheme(rich_mapping()), locale).select("#weights")


def test_a_rich_scheme_is_told_in_plain_words(client: FlaskClient, session: Session) -> None:
    text = method_page(client, session, read_scheme(rich_mapping())).text
    for said in (
        "age: old 60.0 % · young 40.0 %",
        "the lowest and the highest 5 % of the answers are left out",
        "moved towards the mean of all offices",
        "cautiously where a rater gave few ratings",
        "but this: weighted geometric mean.",
        "weighted power mean with the exponent 0.5",
        "parts with less than 66 % of the weight",
        "fewer than 2 of its parts",
        "While “Experience” is below 40, its score is at most 60.",
        "A part that is missing counts as the lowest value it can take.",
        "level 4 or better",
        "Less is better",
        "Its values run from 1 to 100.",
        "It counts for 1 office only.",
        "worth 1, 10, 30, 60, 100 points",
        "A value below 5 counts as 5.",
        "rounded half up to 1 decimals",
        "Bonuses add at most 3 points.",
        "Deductions take at most 5 points.",
        "What an office reports of itself is not deducted.",
        "After the finding “fraud” no band better than B is given, and no rank.",
        "1, 2, 2, 3",
        "within 0.5 points",
        "Bands are published, scores are not.",
        "drawn 200 times",
        "up to 25 % larger or smaller",
    ):
        assert said in text, said
    assert "On a five-point question" not in text


def test_a_plain_scheme_has_nothing_that_is_done_differently(client: FlaskClient, session: Session) -> None:
    make_world(session, RoundState.COLLECTING)
    text = get_page(client, "/en/method").text
    assert "What is done differently" not in text
    assert "On a five-point question" in text


def test_indices_of_groups_are_told(client: FlaskClient, session: Session) -> None:
    page = method_page(client, session, read_scheme(outside_mapping()))
    assert "Each group has an index of its own" in page.text
    rows = {row.split()[0]: row for row in page.texts("#weights tbody tr")}
    assert rows["leadership"].endswith("30.0 11.2")


@pytest.mark.parametrize(
    ("method", "facts", "said"),
    [
        ("goalposts", {"low": "5", "high": "60", "transform": "log"}, "equal factors count alike"),
        ("minmax", {"low": "5", "high": "60"}, "from the figure 5 to the figure 60"),
        ("minmax", {}, "from the worst to the best figure"),
        ("leader", {}, "from the worst to the best figure"),
        ("target", {"target": "90", "low": "10"}, "from the figure 10 to the target 90"),
        ("target", {"target": "90"}, "up to the target 90"),
        ("reference", {"value": "7"}, "the reference figure 7"),
        ("reference", {"unit": "U01"}, "the figure of the office U01"),
        ("zscore", {}, "standard deviations"),
        ("borda", {"ties": "average"}, "not its size"),
        ("optimum", {"zero_low": "1", "full_low": "2", "full_high": "3", "zero_high": "4"}, "from 2 to 3"),
    ],
)
def test_every_normaliser_has_words(app: Flask, method: str, facts: dict[str, str], said: str) -> None:
    with app.test_request_context("/en/"):
        words = vars(app.jinja_env.get_template("components/method_words.html").module)
        assert said in str(words["rule"](Rule(f"normaliser-{method}", facts), "leaf"))
        assert str(words["normaliser_name"](method)) != method
