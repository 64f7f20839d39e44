"""The commands that move a round on, and two people who act at the same moment."""

import threading
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Round, RoundState, Run, SchemeVersion
from evalsys.services import schemes
from evalsys.services.access import Actor
from evalsys.services.schemes import Decision
from tests.factories import NOW
from tests.integration.governing import audit_of, make_world


def test_a_round_is_taken_from_a_preset_to_a_run_by_commands(app: Flask, session: Session, tmp_path: Path) -> None:
    world = make_world(session)
    document = tmp_path / "rules.txt"
    document.write_text("As agreed.")
    analyst, board = world.analyst.login, world.first.login
    run = app.test_cli_runner().invoke
    begin = ["--from", "preset:rivergate", "--start", "2026-01-01", "--end", "2026-12-31", "--as", analyst]
    steps = (
        ["create", "2026", *begin],
        ["approve", "2026", "--as", board],
        ["rules", "2026", str(document), "--as", analyst],
        ["open", "2026", "--as", analyst],
        ["close", "2026", "--as", analyst],
        ["move", "2026", "check", "--as", analyst],
        ["score", "2026", "--as", analyst],
    )
    outputs = []
    for step in steps:
        done = run(args=["rounds", *step])
        assert done.exit_code == 0, done.output
        outputs.append(done.output)
    session.expire_all()
    assert session.scalars(select(Round.state).where(Round.code == "2026")).one() == RoundState.DRAFT_RESULTS
    assert session.scalars(select(Run.result_digest)).one() in outputs[-1]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (["open", "2025"], "the round is a draft"),
        (["close", "1999"], "This round does not exist."),
        (["approve", "2025"], "Another member of the board"),
    ],
)
def test_a_refused_command_says_why_and_fails(app: Flask, session: Session, step: list[str], said: str) -> None:
    world = make_world(session)
    version = schemes.propose_weights(world.actor(world.first), "2025", {}, "mine", now=NOW)
    assert version == 2
    who = world.first if step[0] == "approve" else world.analyst
    done = app.test_cli_runner().invoke(args=["rounds", *step, "--as", who.login])
    assert done.exit_code == 1
    assert said in done.output


def test_the_command_takes_the_public_reason_of_weights_that_move_far(app: Flask, session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    parts = {"experience": Decimal(40), "cooperation": Decimal(30), "leadership": Decimal(30)}
    schemes.propose_weights(world.actor(world.analyst), "2025", {"n-score": parts}, "peers know best", now=NOW)
    run = app.test_cli_runner().invoke
    command = ["rounds", "approve", "2025", "--as", world.first.login]
    refused = run(args=command)
    assert refused.exit_code == 1
    assert "more than 5 points" in refused.output
    done = run(args=[*command, "--public-reason", "同行更了解协作。", "--language", "zh"])
    assert done.exit_code == 0, done.output
    version = session.scalars(select(SchemeVersion).where(SchemeVersion.number == 2)).one()
    assert (version.state, version.public_reason_locale) == ("approved", "zh")


def test_an_unknown_login_cannot_act(app: Flask, session: Session) -> None:
    make_world(session, RoundState.APPROVED)
    done = app.test_cli_runner().invoke(args=["rounds", "open", "2025", "--as", "nobody@example.org"])
    assert done.exit_code == 1
    assert audit_of(session) == []


def test_of_two_board_members_who_decide_at_the_same_moment_one_wins(app: Flask, session: Session) -> None:
    world = make_world(session)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def decide(actor: Actor, is_approved: bool) -> None:
        with app.app_context():
            start.wait()
            try:
                schemes.decide_proposal(actor, Decision("2025", 1, is_approved, "now"), now=NOW)
                outcomes.append("done")
            except Conflict:
                outcomes.append("refused")

    people = ((world.actor(world.first), True), (world.actor(world.second), False))
    session.rollback()
    threads = [threading.Thread(target=decide, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert session.scalars(select(SchemeVersion.state)).one() in ("approved", "rejected")
    assert sorted(audit_of(session)) == [("scheme.decide", "done"), ("scheme.decide", "refused")]
