"""Loading the demo city: once, in development only, beside nothing else, and to the end after an interruption."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import (
    Account,
    AuditEntry,
    Credential,
    Document,
    Exclusion,
    Flag,
    Objection,
    PaperEntry,
    Place,
    Questionnaire,
    RaterGroup,
    Response,
    ResultReply,
    RollEntry,
    Round,
    Run,
    SchemeVersion,
    Target,
    Term,
    Unit,
)
from evalsys.services.demo import load_city, load_staff, rounds
from evalsys.services.demo.panels import peer_tasks
from evalsys.services.quality.rules import BURSTS
from tests.factories import make_unit

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.database("postgresql")  # golden and browser tests have it on SQLite; the stricter one is interrupted
def test_the_city_is_loaded_once_even_after_an_interruption(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise ConnectionError("the machine stopped")

    with monkeypatch.context() as broken:
        broken.setattr(rounds, "add_answers", fail)
        with pytest.raises(ConnectionError):
            load_city(is_production=False, now=NOW)
    steps: list[str] = []
    report = load_city(is_production=False, now=NOW, progress=steps.append)
    assert report.is_new
    assert steps[0] == "round 2023: answers"
    assert session.scalar(select(func.count()).select_from(Unit)) == 20
    assert session.scalars(select(Round.state).order_by(Round.code)).all() == ["published"] * 3 + ["collecting"]
    before = session.scalar(select(func.count()).select_from(Response))
    assert not load_city(is_production=False, now=NOW).is_new
    assert session.scalar(select(func.count()).select_from(Response)) == before
    assert_two_people_decided(session)
    assert_every_way_of_collecting_is_shown(session)
    assert_the_burst_is_on_the_desk(session)
    assert_an_objection_led_to_a_second_run(session)


def assert_two_people_decided(session: Session) -> None:
    versions = session.scalars(select(SchemeVersion).order_by(SchemeVersion.id)).all()
    in_force = [version for version in versions if version.state == "approved"]
    assert [version.round.code for version in in_force] == ["2023", "2024", "2025", "2026"]
    assert {version.round.code for version in versions if version not in in_force} == {"2026"}
    assert all(version.proposer_id != version.approver_id for version in in_force)
    acts = dict(session.execute(select(AuditEntry.act, func.count()).group_by(AuditEntry.act)).all())
    assert acts["round.create"] == acts["scheme.decide"] == acts["round.open"] == 4
    assert acts["round.close"] == acts["round.publish"] == 3
    assert acts["round.score"] == 4


def assert_every_way_of_collecting_is_shown(session: Session) -> None:
    codes = session.scalars(select(Place.code).order_by(Place.code)).all()
    assert codes == ["BUS", "LIBRARY", "WATER"]
    assert session.scalars(select(Place.code).where(Place.kiosk_digest != "")).all() == ["LIBRARY"]
    assert [(term.account.login, len(term.units)) for term in session.scalars(select(Term))] == [
        ("supervisor1@rivergate.example", 4)
    ]
    assert session.scalar(select(func.count()).select_from(Target)) == 11
    assert session.scalars(select(RollEntry.state)).all() == ["new"] * 6
    assert session.scalars(select(PaperEntry.state)).all() == ["once"]
    assert sorted(session.scalars(select(Document.kind))) == ["application/pdf", "text/csv", "text/csv"]
    options = {row.code: row for row in session.scalars(select(RaterGroup).join(Round).where(Round.code == "2026"))}
    assert options["experts"].needs_calibration
    assert options["experts"].has_two_rounds
    assert options["peers"].needs_release
    assert options["visits"].mode == "visit"
    versions = session.scalars(select(Questionnaire.version).join(Round).where(Round.code == "2026"))
    assert sorted(versions) == [1, 1, 2, 2]
    assert session.scalars(select(AuditEntry).where(AuditEntry.outcome != "done")).all() == []


def assert_the_burst_is_on_the_desk(session: Session) -> None:
    found = (
        select(func.count())
        .select_from(Flag)
        .join(Response, Response.id == Flag.response_id)
        .where(Flag.rule == BURSTS, Response.unit_id == select(Unit.id).where(Unit.code == "U14").scalar_subquery())
    )
    assert (session.scalar(found) or 0) >= 300


def assert_an_objection_led_to_a_second_run(session: Session) -> None:
    (raised,) = session.scalars(select(Objection)).all()
    assert (raised.unit.code, raised.state, raised.run.number) == ("U07", "upheld", 1)
    first, second = session.scalars(select(Run).join(Round).where(Round.code == "2025").order_by(Run.number)).all()
    assert second.reason.startswith("Upheld objection")
    assert first.result_digest != second.result_digest
    assert session.scalar(select(func.sum(Exclusion.number))) == 14
    assert sorted(session.scalars(select(ResultReply.locale))) == ["ar", "en", "zh"]


def test_production_gets_no_account_with_a_known_password(session: Session) -> None:
    for load in (load_city, load_staff):
        with pytest.raises(Conflict):
            load(is_production=True, now=NOW)
    assert session.scalars(select(Account)).all() == []


def test_a_database_with_units_of_its_own_is_left_alone(app: Flask, session: Session) -> None:
    make_unit(session)
    assert not load_city(is_production=False, now=NOW).is_new
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert (done.exit_code, done.output) == (0, "Demo city: nothing to load, data exists.\n")
    assert session.scalars(select(Account)).all() == []


def test_staff_can_be_added_alone_and_twice(session: Session) -> None:
    load_staff(is_production=False, now=NOW)
    load_staff(is_production=False, now=NOW)
    logins = session.scalars(select(Account.login).order_by(Account.login)).all()
    assert [login.partition("@")[0] for login in logins] == [
        "admin2",
        "admin",
        "analyst",
        "auditor",
        "board1",
        "board2",
    ]


def test_nobody_rates_more_than_four_offices_for_her_own() -> None:
    tasks = peer_tasks()
    load = {task.rater: sum(other.rater == task.rater for other in tasks) for task in tasks}
    assert len(load) == 40
    assert max(load.values()) <= 4


def test_issued_invitations_are_printed_as_links(app: Flask, session: Session) -> None:
    load_staff(is_production=False, now=NOW)
    session.add(Round(code="R", state="approved", period_start=NOW.date(), period_end=NOW.date(), created_at=NOW))
    session.commit()
    arguments = ["credentials", "issue", "R", "--stratum", "users", "--count", "3", "--as", "analyst@rivergate.example"]
    done = app.test_cli_runner().invoke(args=[*arguments, "--locale", "ar"])
    assert done.exit_code == 0, done.output
    links = done.output.split()
    assert len(set(links)) == 3
    assert all("/ar/invitations/" in link for link in links)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Credential)) == 3
