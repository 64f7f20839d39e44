"""Beside the method of a round: its consultation, what was left out of the count, findings, and every single weight."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES
from evalsys.models import Consultation, Exclusion, Finding, PollAnswer, RoundState
from evalsys.services.weights import read_scheme
from tests.factories import NOW
from tests.integration.acts_asking import add_consultation
from tests.integration.governing import World, make_world, scheme_mapping
from tests.integration.test_method import method_page
from tests.pages import get_page

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

URL = "/en/rounds/2025/method"


def add_exclusions(session: Session, world: World) -> None:
    facts = {"round_id": world.round.id, "selection": {}, "proposer_id": world.analyst.id, "proposed_at": NOW}
    session.add(Exclusion(**facts, rule="speed", reason="rule", state="in_force", number=3))
    decided = {"decider_id": world.first.id, "decided_at": NOW}
    session.add(Exclusion(**facts, **decided, rule="", reason="one <b>hand</b>", state="in_force", number=7))
    session.add(Exclusion(**facts, **decided, rule="", reason="not this", state="declined", number=9))
    session.commit()


def add_findings(session: Session, world: World) -> None:
    for unit, state in zip((*world.units, world.units[0]), ("in_force", "in_force", "declined"), strict=True):
        session.add(
            Finding(
                round_id=world.round.id,
                unit_id=unit.id,
                kind="bonus",
                points="1",
                reason="a prize",
                state=state,
                proposer_id=world.analyst.id,
                proposed_at=NOW,
                decider_id=world.first.id,
                decided_at=NOW,
            )
        )
    session.commit()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_published_round_says_what_was_left_out_and_found(client: FlaskClient, session: Session, locale: str) -> None:
    world = make_world(session, RoundState.PUBLISHED)
    add_exclusions(session, world)
    add_findings(session, world)
    page = get_page(client, URL.replace("/en/", f"/{locale}/"))
    assert "one <b>hand</b>" in page.text
    assert "not this" not in page.text
    if locale == "en":
        assert "3 answers are left out by the rule “Too fast”" in page.text
        assert "7 answers are left out by a decision of two people." in page.text
        assert "2 findings are in force. They concern 2 offices." in page.text


def test_a_round_without_any_says_so(client: FlaskClient, session: Session) -> None:
    make_world(session, RoundState.PUBLISHED)
    page = get_page(client, URL)
    assert "No answer was left out of the count of this round." in page.text
    assert "No finding changes a score of this round." in page.text
    assert not [link for link in page.links if link == "/en/consultations/2025"]


def test_before_publication_nothing_is_said_of_exclusions(client: FlaskClient, session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    add_exclusions(session, world)
    page = get_page(client, "/en/method")
    assert "left out of the count" not in page.text
    assert "one <b>hand</b>" not in page.text


def test_the_method_leads_to_the_consultation_of_its_draft(client: FlaskClient, session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    add_consultation(session, world)
    assert "/en/consultations/2025" in get_page(client, "/en/method").links


def test_the_poll_stands_beside_the_weights_in_force_from_ten_answers_on(client: FlaskClient, session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    number = add_consultation(session, world)
    body = {"n-experience": 1, "n-cooperation": 1, "n-leadership": 2, "g-citizens": 1, "g-peers": 1, "g-experts": 1}

    def answers(first: int, last: int) -> None:
        for one in range(first, last):
            session.add(PollAnswer(id=f"{one:032}", consultation_id=number, body=body, day=NOW.date()))
        session.commit()

    answers(0, 10)
    assert not get_page(client, "/en/method").select("#poll-parts")
    session.get_one(Consultation, number).closed_at = NOW
    session.delete(session.get_one(PollAnswer, f"{0:032}"))
    session.commit()
    assert not get_page(client, "/en/method").select("#poll-parts")
    answers(10, 11)
    rows = get_page(client, "/en/method").texts("#poll-parts tbody tr")
    assert [row.split()[-2:] for row in rows] == [["50.0", "25.0"], ["20.0", "25.0"], ["30.0", "50.0"]]


def test_every_weight_that_counts_is_listed(client: FlaskClient, session: Session) -> None:
    mapping = scheme_mapping()
    mapping["tree"]["children"][1]["groups"] = {"peers": "62.5", "experts": "37.5"}
    page = method_page(client, session, read_scheme(mapping))
    shared = next(row for row in page.texts("#weights tbody tr") if row.startswith("cooperation"))
    assert "Peers 62.5 % · Experts 37.5 %" in shared
    rows = page.texts("#weights tbody tr")
    assert [row.split()[-2:] for row in rows] == [
        ["50.0", "50.0"],
        ["60.0", "30.0"],
        ["40.0", "20.0"],
        ["20.0", "20.0"],
        ["30.0", "30.0"],
    ]
