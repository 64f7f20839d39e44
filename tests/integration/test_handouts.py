"""Result posters and booklets: queued with the cards, made once, recorded with their run, sent to everybody."""

import io

import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.clock import utc_now
from evalsys.db import transaction
from evalsys.models import Account, PublicationFile, Role, RoundState, Run, Unit, WorkItem
from evalsys.models.work import DONE, WAITING
from evalsys.reports import pdf
from evalsys.services import handout_printing, printing, scorecards, work
from evalsys.services.access import actor_of
from evalsys.services.publication.correcting import republish_round
from evalsys.services.scorecards.files import find_file
from tests.factories import NOW, sign_in
from tests.integration.governing import add_answers
from tests.integration.test_decisions import AFTER, publish, rescore, shared, vote_for
from tests.integration.test_work_scorecards import keep_only
from tests.pages import check_page, get_page
from tests.published import CITY, make_published_round

POSTER, BOOKLET = "/en/rounds/2025/units/U01/poster.pdf", "/en/rounds/2025/booklet.pdf"
SMALL = b"%PDF-1.7 small"


def print_all(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    """Do these items as a worker would, with a stand-in for the renderer."""
    monkeypatch.setattr(printing, "require_conforming", lambda _data: None)
    monkeypatch.setattr(printing, "sign_pdf", lambda data, *_seal, **_when: data)
    monkeypatch.setattr(pdf, "render", lambda html, *_more, **_known: SMALL + html[-60:].encode())
    while chunk := work.claim("printer", utc_now()):
        for item in chunk:
            if item.key in keys:
                handler = getattr(handout_printing, f"print_{item.kind}")
                assert work.finish(item, "printer", utc_now(), handler(item))


def files(session: Session) -> list[PublicationFile]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(PublicationFile).order_by(PublicationFile.id)))


def test_every_card_has_a_poster_and_every_language_a_booklet_in_the_batch(session: Session) -> None:
    make_published_round(session)
    kinds = session.scalars(select(WorkItem.kind).order_by(WorkItem.id)).all()
    cards = 3 * len(CITY)
    assert kinds == ["scorecard"] * cards + ["poster"] * cards + ["booklet"] * 3
    assert set(kinds) <= set(tasks.HANDLERS)


def test_poster_and_booklet_are_made_recorded_and_sent_for_saving(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_published_round(session)
    for url in (POSTER, BOOKLET):
        response = client.get(url)
        check_page(response, 503)
        assert response.headers["Cache-Control"] == "no-store"
    print_all(monkeypatch, "poster/U01/en/1", "booklet/en/1")
    assert {(row.kind, row.locale, row.unit_id is None) for row in files(session)} == {
        ("poster", "en", False),
        ("booklet", "en", True),
    }
    for url, start in ((POSTER, "poster-RCC-2025-U01-"), (BOOKLET, "booklet-2025-en")):
        response = client.get(url)
        assert response.data.startswith(SMALL)
        assert response.headers["Cache-Control"] == "public, max-age=60"
        assert f"attachment; filename={start}" in response.headers["Content-Disposition"]
        assert client.get(url, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    check_page(client.get("/zh/rounds/2025/booklet.pdf"), 503)


@pytest.mark.database("sqlite")
def test_the_pages_of_a_published_round_lead_to_both(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    assert POSTER in get_page(client, "/en/rounds/2025/units/U01").links
    assert BOOKLET in get_page(client, "/en/rounds/2025").links
    sign_in(client, session, session.scalars(select(Account).where(Account.role == Role.BOARD)).one())
    assert BOOKLET in get_page(client, "/en/oversight/rounds/2025").links


@pytest.mark.database("sqlite")  # the real renderer, once
def test_the_booklet_of_a_small_city_holds_every_office_and_hides_what_the_cards_hide(session: Session) -> None:
    make_published_round(session)
    keep_only(session, "booklet/en/1", "poster/U21/ar/1")
    for item in work.claim("printer", utc_now()):
        handler = getattr(handout_printing, f"print_{item.kind}")
        assert work.finish(item, "printer", utc_now(), handler(item))
    booklet, poster = sorted(files(session), key=lambda row: row.kind)
    text = _text(booklet)
    assert "75.69" in text
    assert text.count("Not graded") >= 2
    assert len(pypdf.PdfReader(printing.folder() / poster.name).pages) == 1


def test_what_is_gone_is_made_again_and_the_rest_is_left_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_published_round(session)
    print_all(monkeypatch, "poster/U01/en/1", "poster/U02/en/1", "booklet/en/1")
    (printing.folder() / files(session)[0].name).unlink()
    board = actor_of(session.scalars(select(Account).where(Account.role == Role.BOARD)).one())
    session.rollback()
    with transaction() as writing:
        writing.query(WorkItem).where(WorkItem.state != DONE).delete()
    scorecards.reprint(board, "2025", now=utc_now())
    states = dict(session.execute(select(WorkItem.key, WorkItem.state)).all())
    assert states["poster/U01/en/1"] == WAITING
    assert states["poster/U02/en/1"] == states["booklet/en/1"] == DONE
    assert states["booklet/ar/1"] == WAITING


def test_a_corrected_round_gets_files_of_its_own(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    print_all(monkeypatch, "poster/U01/en/1", "booklet/en/1")
    assert client.get(POSTER).status_code == 200
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers were found")
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)
    assert (client.get(POSTER).status_code, client.get(BOOKLET).status_code) == (503, 503)
    print_all(monkeypatch, "poster/U01/en/2", "booklet/en/2")
    assert (client.get(POSTER).status_code, client.get(BOOKLET).status_code) == (200, 200)
    assert len({(row.run_id, row.kind) for row in files(session)}) == 4


@pytest.mark.parametrize(("kind", "has_unit"), [("poster", True), ("booklet", False)])
def test_a_run_has_one_file_of_a_kind(session: Session, kind: str, has_unit: bool) -> None:
    make_published_round(session)
    run, unit = session.scalars(select(Run)).one(), session.scalars(select(Unit).order_by(Unit.code)).first()
    assert unit is not None
    facts = {"run_id": run.id, "kind": kind, "unit_id": unit.id if has_unit else None, "locale": "en"}
    for digest in "ab":
        session.add(PublicationFile(**facts, name=digest, digest=digest * 64, created_at=NOW))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    assert find_file(session, run.id, unit.id if has_unit else None, "en") is None


def _text(row: PublicationFile) -> str:
    document = pypdf.PdfReader(io.BytesIO((printing.folder() / row.name).read_bytes()))
    return " ".join(page.extract_text() for page in document.pages)
