"""Result posters and booklets are known to the register by their bytes, also when they were made again since."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.models import PublicationFile, Role, RoundState, Run
from evalsys.reports.conformance import require_conforming
from evalsys.services import handout_printing, printing, work
from evalsys.services.publication.correcting import republish_round
from evalsys.services.verification import files
from evalsys.services.work import Claimed
from tests.factories import NOW
from tests.integration import verifying
from tests.integration.governing import add_answers
from tests.integration.test_decisions import AFTER, publish, rescore, shared, vote_for
from tests.integration.test_verification_pages import send
from tests.integration.test_withdrawals import REASON, withdraw
from tests.integration.test_withdrawn_everywhere import two
from tests.pages import check_page
from tests.published import make_published_round

pytestmark = pytest.mark.database("sqlite")


def checked(data: bytes) -> files.FileAnswer:
    return files.check_file(data, verifying.ADDRESS, secret="s", now=utc_now())


def made(session: Session, kind: str, run: int = 1) -> bytes:
    """The signed poster of U01, or the booklet, in English, on record as a worker leaves it."""
    run_id = session.scalars(select(Run.id).where(Run.number == run)).one()
    payload = {"card": verifying.card_row(session).id} if kind == "poster" else {"run": run_id, "locale": "en"}
    effect = getattr(handout_printing, f"print_{kind}")(Claimed(0, "batch", "key", kind, payload, 1))
    effect(session)
    session.commit()
    own = PublicationFile.kind == kind, PublicationFile.run_id == run_id
    return (printing.folder() / session.scalars(select(PublicationFile).where(*own)).one().name).read_bytes()


@pytest.fixture(autouse=True)
def no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is at work here, and files are made before anything is withdrawn."""
    monkeypatch.setattr(work, "prolong", lambda *_item: None)
    monkeypatch.setattr(handout_printing, "utc_now", lambda: NOW)


def test_a_poster_counts_until_its_card_is_withdrawn(session: Session, client: FlaskClient) -> None:
    make_published_round(session)
    data = made(session, "poster")
    require_conforming(data)
    answer = checked(data)
    assert (answer.is_genuine, answer.reason) == (True, "")
    assert {check.state for check in answer.checks} == {"yes"}
    assert answer.found is not None
    assert answer.answer is not None
    assert (answer.found.kind, answer.answer.status, answer.answer.unit_code) == ("poster", "current", "U01")
    assert "It is the result poster of this scorecard." in _page(client, data)
    assert checked(data + b"\n%%EOF\n").reason == "appended"
    withdraw(session, *two(session))
    answer = checked(data)
    assert answer.is_genuine
    assert answer.answer is not None
    assert (answer.answer.status, answer.answer.card) == ("withdrawn", None)
    assert REASON in _page(client, data)


def test_a_booklet_counts_until_a_card_in_it_is_withdrawn_or_corrected(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    first = made(session, "booklet")
    require_conforming(first)
    answer = checked(first)
    assert answer.is_genuine
    assert answer.answer is not None
    assert (answer.answer.kind, answer.answer.status, answer.answer.reference) == ("booklet", "current", "2025-1-en")
    assert "It is the booklet of this round" in _page(client, first)
    withdraw(session, world.actor(world.analyst), world.actor(world.first), "U02")
    monkeypatch.setattr(handout_printing, "utc_now", lambda: AFTER)
    again = made(session, "booklet")
    assert again != first
    answer = checked(first)
    assert answer.is_genuine
    assert answer.answer is not None
    assert (answer.answer.status, answer.answer.reason) == ("superseded", REASON)
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers more")
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)
    answer = checked(again)
    assert answer.is_genuine
    assert answer.answer is not None
    assert (answer.answer.status, answer.answer.reason) == ("superseded", "six answers more")
    for locale in ("en", "ar"):
        assert "six answers more" in _page(client, again, locale)
    assert world.analyst.role == Role.ANALYST


def _page(client: FlaskClient, data: bytes, locale: str = "en") -> str:
    return check_page(send(client, data, locale)).text
