"""A withdrawn card is told nowhere: every public address is fetched, and every file is unpacked."""

from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.errors import Conflict, Gone
from evalsys.models import PrintedFile, PublicationFile, PublishedScorecard, Role, RoundState, Run, Unit, WorkItem
from evalsys.models.work import DONE
from evalsys.services import handout_printing, results, work
from evalsys.services.access import Actor, actor_of
from evalsys.services.league.overview import read_overview
from evalsys.services.printing import MadeFile
from evalsys.services.publication.correcting import republish_round
from evalsys.services.publication.corrections import list_corrections
from evalsys.services.scorecards.files import find_file, missing_files
from evalsys.services.scorecards.publishing import reprint
from scoring.__main__ import main
from tests.factories import make_account, sign_in
from tests.integration.governing import add_answers
from tests.integration.test_decisions import AFTER, rescore, vote_for
from tests.integration.test_handouts import print_all
from tests.integration.test_withdrawals import REASON, published, withdraw
from tests.integration.walking import walk
from tests.opendata import download, read_rows
from tests.pages import get_page
from tests.published import CITY, make_published_round

pytestmark = pytest.mark.database("sqlite")  # the rule about withdrawn cards is tested on both in test_withdrawals

OWN = (
    "public.scorecard",
    "public.scorecard_pdf",
    "public.result_poster",
    "public.charts",
    "public.chart",
    "public.card_preview",
    "api.round_unit",
)
"""What is of one card alone."""


def two(session: Session) -> tuple[Actor, Actor]:
    analyst, board = make_account(session, Role.ANALYST), make_account(session, Role.BOARD)
    session.commit()
    return actor_of(analyst), actor_of(board)


def marks_of(session: Session, unit: str = "U01") -> set[str]:
    """Figures and words that stand on this card and on no other."""
    texts = {unit: card.canonical().decode() for unit in CITY for card in [results.read_card("2025", unit, "en").card]}
    card = results.read_card("2025", unit, "en").card
    told = [(card.score, card.low, card.high), *((one.score, one.low, one.high) for one in card.groups)]
    told += [(one.score, one.low, one.high) for one in card.indicators]
    told += [(one.score, one.low, one.high) for one in card.nodes]
    figures = {str(figure) for line in told for figure in line if figure is not None}
    figures |= {str(line.fine) for line in card.indicators if line.fine is not None}
    others = "".join(text for code, text in texts.items() if code != unit)
    return {figure for figure in figures if figure not in others and len(figure) >= len("12.34")}


def test_no_public_address_tells_a_figure_of_a_withdrawn_card(app: Flask, session: Session) -> None:
    make_published_round(session)
    analyst, board = two(session)
    marks, score = marks_of(session), str(results.read_card("2025", "U01", "en").card.score)
    assert len(marks) > 10
    assert score in marks
    before = {one.endpoint for one in walk(app).values() if score in one.text}
    assert before >= {"public.overview", "public.scorecard", "public.unit", "data.archive", "data.file", "api.unit"}
    withdraw(session, analyst, board)
    told = {address: marks & {mark for mark in marks if mark in one.text} for address, one in walk(app).items()}
    assert {address: found for address, found in told.items() if found} == {}
    gone = walk(app, code=("U01",), unit=("U01",))
    assert {one.status for one in gone.values() if one.endpoint in OWN} == {410}
    assert {one.endpoint for one in gone.values() if one.endpoint in OWN} == set(OWN)


def test_what_tells_of_a_round_tells_of_the_withdrawal(app: Flask, session: Session) -> None:
    make_published_round(session)
    withdraw(session, *two(session))
    found = walk(app, locale=("en", "ar"))
    for address in (
        "/en/rounds/2025", "/ar/rounds/2025/units/U01", "/en/corrections", "/ar/corrections", "/feeds/en.atom",
        "/feeds/ar.rss", "/api/v1/rounds/2025",
    ):  # fmt: skip
        assert REASON in found[address].text, address
    assert "/rounds/2025/units/U01<" not in found["/sitemap.xml"].text
    assert "/rounds/2025/units/U02<" in found["/sitemap.xml"].text


def test_the_files_of_open_data_are_made_anew_and_can_still_be_scored(
    client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    make_published_round(session)
    former = client.get("/data/2025.zip").headers["ETag"]
    withdraw(session, *two(session))
    assert client.get("/data/2025.zip").headers["ETag"] != former
    folder = download(client, tmp_path)
    assert {row["unit"] for row in read_rows(folder / "scores.csv")} == CITY.keys() - {"U01"}
    assert main(["published", str(folder)]) == 0
    assert client.get("/api/v1/rounds").get_json()["items"][0]["units"] == len(CITY) - 1


def test_neither_a_head_nor_oversight_takes_a_withdrawn_card_along(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    withdraw(session, *two(session))
    own = session.scalars(select(Unit).where(Unit.code == "U01")).one()
    sign_in(client, session, make_account(session, Role.HEAD, unit=own))
    for place in ("charts", "charts/result.svg", "results.xlsx"):
        assert client.get(f"/en/head/rounds/2025/{place}").status_code == 410
    assert get_page(client, "/en/head/rounds/2025", status=410).text.count(REASON) == 1
    sign_in(client, session, make_account(session, Role.ANALYST))
    for place in ("units/U01", "units/U01/result.svg", "units/U01/results.xlsx"):
        assert client.get(f"/en/oversight/rounds/2025/downloads/{place}").status_code == 410
    assert "/units/U01" not in get_page(client, "/en/oversight/rounds/2025/downloads").text


def test_others_are_not_said_to_stand_beside_a_withdrawn_card(session: Session) -> None:
    make_published_round(session)
    names = {row.code: row.name for one in read_overview("2025", "en").categories for row in one.rows}
    withdraw(session, *two(session))
    rows = [row for one in read_overview("2025", "en").categories for row in one.rows]
    assert all(names["U01"] not in row.tied for row in rows)


def test_a_round_without_any_card_left_says_so_everywhere(app: Flask, session: Session) -> None:
    make_published_round(session)
    gone = {"withdrawn_at": AFTER, "withdrawn_reason": REASON}
    session.execute(update(PublishedScorecard).values(**gone))
    session.commit()
    found = walk(app)
    others = ("public.poster", "public.rules")  # their files are not there in this round
    wrong = {place: one.status for place, one in found.items() if one.endpoint not in others and one.status >= 500}
    assert wrong == {}
    for place in ("compare", "improved", "preview.png", "booklet.pdf"):
        assert found[f"/en/rounds/2025/{place}"].status == 410
    with pytest.raises(Gone):
        results.read_cards("2025", "en")


def test_booklets_are_made_again_without_the_card_and_its_poster_is_refused(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_published_round(session)
    print_all(monkeypatch, "poster/U01/en/1", "booklet/en/1")
    score = str(results.read_card("2025", "U01", "en").card.score)
    (row,) = session.scalars(select(PublicationFile).where(PublicationFile.unit_id.is_(None)))
    former = row.digest
    session.rollback()
    withdraw(session, *two(session))
    assert client.get("/en/rounds/2025/booklet.pdf").status_code == 503
    seen: list[str] = []

    def render(_book: object, html: str) -> bytes:
        seen.append(html)
        return b"%PDF new"

    monkeypatch.setattr(handout_printing, "render_booklet", render)
    session.execute(update(WorkItem).where(WorkItem.kind == "scorecard").values(state=DONE))
    session.commit()
    print_all(monkeypatch, "booklet/en/1", "poster/U01/en/1")
    assert client.get("/en/rounds/2025/booklet.pdf").status_code == 200
    assert score not in seen[0]
    assert REASON in seen[0]
    assert session.get(PrintedFile, former) is not None
    run = session.scalars(select(Run)).one()
    own = session.scalars(select(Unit.id).where(Unit.code == "U01")).one()
    assert find_file(session, run.id, own, "en") is None
    assert not [key for key in missing_files(session, run) if "/U01/" in key]
    reprint(actor_of(make_account(session, Role.BOARD)), "2025", now=utc_now())


def test_a_booklet_that_was_being_made_meanwhile_is_not_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published_round(session)
    monkeypatch.setattr(handout_printing, "make_file", lambda stem, _draw: MadeFile(stem, "d" * 64))
    session.execute(update(WorkItem).where(WorkItem.key != "booklet/en/1").values(state=DONE))
    session.commit()
    (item,) = work.claim("printer", utc_now())
    effect = handout_printing.print_booklet(item)
    withdraw(session, *two(session))
    with pytest.raises(Conflict, match="withdrawn while"):
        work.finish(item, "printer", utc_now(), effect)
    assert session.scalars(select(PublicationFile)).all() == []


def test_the_list_of_corrections_tells_nothing_of_a_withdrawn_card(client: FlaskClient, session: Session) -> None:
    world = published(session)
    score = results.read_card("2025", "U01", "en").card.score
    assert isinstance(score, Decimal)
    withdraw(session, world.actor(world.analyst), world.actor(world.first))
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers more")
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)
    (entry,) = list_corrections("en")
    (change,) = [one for one in entry.changes if one.unit_code == "U01"]
    assert (change.score_before, change.band_before, change.has_former) == (None, "", False)
    page = get_page(client, "/en/corrections")
    assert REASON in page.text
    assert str(score) not in page.text
    assert world.round.state == RoundState.PUBLISHED
