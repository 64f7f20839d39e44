"""Planned publications: nothing leaks before the moment, and only what is whole becomes public at it."""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from evalsys.config import Config
from evalsys.errors import Conflict, Invalid
from evalsys.models import AuditEntry, PreparedScorecard, PublishedScorecard, Release, Round, RoundState, WorkItem
from evalsys.models.work import DONE, FAILED
from evalsys.services import results, rounds, runs
from evalsys.services.publication.corrections import list_corrections
from evalsys.services.publication.planning import Plan, call_off_release, plan_release, print_again
from evalsys.services.publication.record import round_record
from evalsys.services.publication.release_page import release_page
from evalsys.services.publication.releasing import release_due
from evalsys.services.verification.published import find_file
from evalsys.services.zone import moment_of
from tests.factories import NOW, sign_in
from tests.integration.governing import World, add_answers
from tests.integration.test_decisions import AFTER, publish, rescore, shared, vote_for
from tests.integration.test_twice_at_once import TIMES, at_once
from tests.pages import get_page

DAY = Plan(date(2025, 12, 1), time(10, 0))
MOMENT = datetime.fromisoformat("2025-12-01T10:00:00+00:00")
CARDS = 6  # two offices in three languages
ON_ONE = pytest.mark.database("sqlite")  # their SQL is that of the tests beside them
EVERY_PAGE = ("/en/rounds/2025", "/en/rounds/2025/units/U01", "/ar/rounds/2025/units/U01.pdf")


def count(session: Session, table: type) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(table)) or 0


def plan(world: World, wanted: Plan = DAY, now: datetime = NOW) -> None:
    plan_release(world.actor(world.first), "2025", wanted, now=now)


def print_all(session: Session, folder: Path) -> None:
    """As if the printers had made every PDF; the slow part has tests of its own."""
    for row in session.scalars(select(PreparedScorecard)):
        print_one(row, folder)
    session.execute(update(WorkItem).where(WorkItem.kind == "planned").values(state=DONE))
    session.commit()


def print_one(row: PreparedScorecard, folder: Path) -> None:
    data = f"%PDF {row.digest}".encode()
    path = folder / "scorecards" / f"{row.digest}.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    row.pdf_name, row.pdf_digest = path.name, sha256(data).hexdigest()


@pytest.fixture
def folder(app: Flask) -> Path:
    return Path(app.instance_path)


def held(session: Session) -> list[str]:
    session.expire_all()
    return [text % values for text, values in session.scalars(select(Release)).one().problems]


def test_before_the_moment_nothing_is_public_and_at_it_everything_is(
    app: Flask, session: Session, folder: Path
) -> None:
    world = shared(session, RoundState.FINAL)
    plan(world)
    print_all(session, folder)
    assert (count(session, PreparedScorecard), count(session, PublishedScorecard)) == (CARDS, 0)
    assert release_due(now=MOMENT - timedelta(seconds=1)) == 0
    client = app.test_client()
    assert [client.get(path).status_code for path in EVERY_PAGE] == [404, 404, 404]
    assert "/rounds/2025" not in client.get("/en/").text + client.get("/en/units/U01").text
    assert release_due(now=MOMENT) == 1
    assert (count(session, PreparedScorecard), count(session, Release), count(session, PublishedScorecard)) == (0, 0, 6)
    assert [client.get(path).status_code for path in EVERY_PAGE] == [200, 200, 200]
    round_ = session.scalars(select(Round)).one()
    assert (round_.state, round_.published_at) == (RoundState.PUBLISHED, MOMENT)
    assert results.read_card("2025", "U01", "en").card.published_on == DAY.day
    assert release_due(now=MOMENT) == 0
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "round.publish")).one()
    assert (entry.actor, entry.detail["planned_by"]) == ("system", world.first.login)


def test_the_register_knows_every_file_from_the_moment_on(session: Session, folder: Path) -> None:
    plan(shared(session, RoundState.FINAL))
    print_all(session, folder)
    files = session.scalars(select(PreparedScorecard.pdf_digest)).all()
    assert not any(find_file(session, digest) for digest in files)
    release_due(now=MOMENT)
    known = [found.reference for digest in files if (found := find_file(session, digest))]
    assert sorted(known) == sorted(session.scalars(select(PublishedScorecard.reference)))


def test_a_publication_is_held_until_every_pdf_is_there_as_it_was_made(session: Session, folder: Path) -> None:
    world = shared(session, RoundState.FINAL)
    plan(world)
    assert release_due(now=MOMENT) == 0
    assert held(session) == ["PDFs that are not made yet: 6 (U01/ar, U01/en, U01/zh, U02/ar, U02/en, U02/zh)."]
    print_all(session, folder)
    broken, lost, *_rest = session.scalars(select(PreparedScorecard).order_by(PreparedScorecard.id)).all()
    (folder / "scorecards" / broken.pdf_name).write_bytes(b"another file")
    failed = update(WorkItem).where(WorkItem.kind == "planned", WorkItem.key == f"{broken.unit.code}/{broken.locale}")
    session.execute(failed.values(state=FAILED, error="NotConforming: no title"))
    (folder / "scorecards" / lost.pdf_name).unlink()
    session.commit()
    assert release_due(now=MOMENT) == 0
    assert held(session) == [
        "The PDF of U01/en could not be made: NotConforming: no title",
        "PDFs that are not made yet: 1 (U02/en).",
    ]
    assert count(session, PublishedScorecard) == 0
    said = session.scalars(select(AuditEntry.detail).where(AuditEntry.act == "release.hold").order_by(AuditEntry.id))
    assert [len(detail["problems"]) for detail in said] == [1, 2]
    assert print_again(world.actor(world.second), "2025", now=MOMENT) == 2
    print_all(session, folder)
    assert release_due(now=MOMENT) == 1


@ON_ONE
def test_a_held_publication_is_not_said_again_and_again(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    plan(world)
    for minute in range(3):
        release_due(now=MOMENT + timedelta(minutes=minute))
    assert session.scalar(select(func.count()).where(AuditEntry.act == "release.hold")) == 1
    page = release_page(world.actor(world.second), "2025", "en")
    assert page.plan is not None
    assert (page.plan.held_at, page.plan.printed, page.plan.cards) == (MOMENT, 0, CARDS)


@ON_ONE
def test_what_goes_out_later_than_planned_names_the_day_on_which_it_goes_out(session: Session, folder: Path) -> None:
    plan(shared(session, RoundState.FINAL))
    next_day = MOMENT + timedelta(days=1)
    print_all(session, folder)
    assert release_due(now=next_day) == 0, "the cards are dated anew, and printed again"
    print_all(session, folder)
    assert release_due(now=next_day) == 1
    assert results.read_card("2025", "U01", "zh").card.published_on == next_day.date()


@ON_ONE
def test_the_gate_is_asked_again_at_the_moment(session: Session, folder: Path) -> None:
    world = shared(session, RoundState.FINAL)
    plan(world)
    print_all(session, folder)
    add_answers(session, world.forms["peers"], world.units[0], [[1]])
    assert release_due(now=MOMENT) == 0
    assert held(session) == ["Answers, figures or findings have changed since run 1. Score again first."]
    assert session.scalars(select(Round.state)).one() == RoundState.FINAL


@ON_ONE
def test_a_suspended_round_publishes_nothing_by_itself(session: Session, folder: Path) -> None:
    world = shared(session, RoundState.FINAL)
    plan(world)
    print_all(session, folder)
    rounds.suspend_round(world.actor(world.first), "2025", "a court has said so", now=NOW)
    assert release_due(now=MOMENT) == 0
    assert held(session)[0].startswith("The round is suspended")
    rounds.resume_round(world.actor(world.first), "2025", "the court is content", now=MOMENT)
    assert release_due(now=MOMENT) == 1


@ON_ONE
@pytest.mark.parametrize("what", ["called off", "reopened", "published now"])
def test_a_plan_that_is_overtaken_is_forgotten_with_its_cards(session: Session, folder: Path, what: str) -> None:
    world = shared(session, RoundState.FINAL)
    plan(world)
    print_all(session, folder)
    if what == "called off":
        call_off_release(world.actor(world.second), "2025", "the mayor is away", now=NOW)
    elif what == "reopened":
        rounds.reopen_round(world.actor(world.second), "2025", "a figure is wrong", now=NOW)
    else:
        publish(world)
    assert (count(session, PreparedScorecard), count(session, Release)) == (0, 0)
    assert session.scalar(select(func.count()).where(WorkItem.kind == "planned")) == 0
    assert release_due(now=MOMENT) == 0


@ON_ONE
def test_a_plan_is_moved_with_a_reason_and_only_to_a_moment_ahead(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    for wrong, said in ((date(2025, 11, 2), "lies ahead"), (date(2027, 1, 1), "within one year")):
        with pytest.raises(Invalid, match=said):
            plan(world, Plan(wrong, time(10, 0)))
    with pytest.raises(Conflict, match="No publication of this round is planned"):
        call_off_release(world.actor(world.first), "2025", "not yet", now=NOW)
    plan(world)
    with pytest.raises(Invalid, match="why the publication is moved"):
        plan(world, Plan(date(2025, 12, 3), time(9, 30)))
    plan(world, Plan(date(2025, 12, 3), time(9, 30), "the council meets then"))
    release = session.scalars(select(Release)).one()
    assert (release.at.isoformat(), release.day) == ("2025-12-03T09:30:00+00:00", date(2025, 12, 3))
    assert count(session, PreparedScorecard) == CARDS
    with pytest.raises(Invalid, match="called off"):
        call_off_release(world.actor(world.first), "2025", " ", now=NOW)


def test_of_a_planned_correction_the_former_cards_stay_public_until_the_moment(session: Session, folder: Path) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    first = results.read_card("2025", "U01", "en").card
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers were found")
    with pytest.raises(Conflict):
        plan(world)
    vote_for(world)
    plan(world)
    print_all(session, folder)
    assert results.read_card("2025", "U01", "en").card == first
    assert round_record("2025", "en").corrections == ()
    assert list_corrections("en") == ()
    assert release_due(now=MOMENT) == 1
    second = results.read_card("2025", "U01", "en").card
    assert (second.score != first.score, second.published_on) == (True, DAY.day)
    (told,) = list_corrections("en")
    assert (told.on, told.reason, told.former_number, told.run_number) == (DAY.day, "six answers were found", 1, 2)
    (change,) = told.changes
    assert (change.unit_code, change.score_before, change.score) == ("U01", first.score, second.score)
    assert told.others == 1, "the mean of the category moved as well"


@ON_ONE
def test_a_planned_correction_that_a_newer_run_has_overtaken_is_held(session: Session, folder: Path) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers were found")
    vote_for(world)
    plan(world)
    print_all(session, folder)
    runs.score_round(world.actor(world.analyst), "2025", now=AFTER, reason="looked at again")
    assert release_due(now=AFTER) == 0
    print_all(session, folder)
    assert release_due(now=AFTER) == 0
    assert held(session)[0].startswith("A newer run has been made since")


@pytest.mark.database("postgresql")
def test_of_several_workers_at_the_moment_one_publishes(app: Flask, session: Session, folder: Path) -> None:
    plan(shared(session, RoundState.FINAL))
    print_all(session, folder)
    session.close()
    released: list[int] = []
    assert at_once(app, lambda: released.append(release_due(now=MOMENT))) == (TIMES, 0)
    assert sum(released) == 1
    assert count(session, PublishedScorecard) == CARDS


@ON_ONE
def test_moments_are_those_of_the_clocks_of_the_body(app: Flask, session: Session) -> None:
    config: Config = app.config["EVALSYS"]
    object.__setattr__(config, "time_zone", "Europe/Berlin")
    try:
        assert moment_of(date(2025, 7, 1), time(0, 30)).isoformat() == "2025-06-30T22:30:00+00:00"
        with pytest.raises(Invalid, match="put forward"):
            moment_of(date(2026, 3, 29), time(2, 30))
        assert moment_of(date(2025, 10, 26), time(2, 30)).isoformat() == "2025-10-26T00:30:00+00:00"
        world = shared(session, RoundState.FINAL)
        plan(world, Plan(date(2025, 12, 1), time(0, 15)))
        release = session.scalars(select(Release)).one()
        assert (release.at.isoformat(), release.day) == ("2025-11-30T23:15:00+00:00", date(2025, 12, 1))
    finally:
        object.__setattr__(config, "time_zone", "UTC")


@ON_ONE
def test_wrong_moments_are_named_at_their_fields_and_kept(app: Flask, session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    client = app.test_client()
    sign_in(client, session, world.first)
    address = "/en/oversight/rounds/2025/release"
    fields = get_page(client, address).fields("form[action$=release]")
    sent = client.post(address, data={**fields, "plan-day": "tomorrow", "plan-clock": "25:00"})
    assert sent.status_code == 422
    for words in ("Enter a real date", "Enter a time of the day", 'value="tomorrow"', 'value="25:00"'):
        assert words in sent.text
    past = client.post(address, data={**fields, "plan-day": "2025-01-01", "plan-clock": "10:00"})
    assert (past.status_code, "Choose a moment that lies ahead." in past.text) == (422, True)
    none = client.post(f"{address}/cancellation", data=fields)
    assert (none.status_code, "No publication of this round is planned." in none.text) == (409, True)
    ahead = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    assert client.post(address, data={**fields, "plan-day": ahead, "plan-clock": "10:00"}).status_code == 302
    page = get_page(client, address)
    assert "0 of 6" in page.text
    assert "Planned publication" in get_page(client, "/en/oversight/rounds/2025/publication").text
