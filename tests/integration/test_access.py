"""Who may call what: every endpoint and method of the application against every kind of person.

An endpoint that is missing here fails the first test: whoever adds a page says who may see it.
"""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Assignment, Questionnaire, Role, Round, RoundState
from evalsys.services import rounds, runs, schemes
from evalsys.services.evidence import keeping as evidence
from tests.factories import NOW, make_account, make_assignment, make_service, make_unit, sign_in
from tests.integration import (
    access_accounts,
    access_adopting,
    access_asking,
    access_auditing,
    access_batch,
    access_collecting,
    access_design,
    access_downloads,
    access_explorer,
    access_findings,
    access_league,
    access_open,
    access_plan,
    access_poster,
    access_results,
    access_sign,
    access_table,
    access_units,
    access_weights,
)
from tests.integration.access import PEOPLE
from tests.integration.governing import add_answers, make_world
from tests.published import adopt

pytestmark = pytest.mark.database("postgresql")  # the pages' own tests run on the other one

PARTS = (
    access_accounts,
    access_adopting,
    access_asking,
    access_auditing,
    access_batch,
    access_collecting,
    access_design,
    access_downloads,
    access_explorer,
    access_findings,
    access_league,
    access_plan,
    access_poster,
    access_open,
    access_results,
    access_sign,
    access_table,
    access_units,
    access_weights,
)
CASES = tuple(case for part in PARTS for case in part.CASES)
LATER = NOW + timedelta(days=60)


def test_every_endpoint_and_method_is_in_the_table(app: Flask) -> None:
    there = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert there == {(case.endpoint, case.method) for case in CASES}


def test_every_call_answers_each_person_as_the_table_says(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, places = _make_city(session)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    wrong: list[str] = []
    clients: dict[str, FlaskClient] = {}
    for case in CASES:
        for name in PEOPLE:
            client = clients.get(name) or _client(app, session, people.get(name))
            # What somebody did may sign out, or stop the browser for a while.
            if case.method == "GET":
                clients[name] = client
            else:
                clients.pop(name, None)
            answer = client.open(case.path.format(**places), method=case.method, data=dict(case.data))
            answer.close()
            if answer.status_code != case.expected[name]:
                wrong.append(f"{case.method} {case.path} as {name}: {answer.status_code}, not {case.expected[name]}")
    assert wrong == []


def _client(app: Flask, session: Session, account: Account | None) -> FlaskClient:
    client = app.test_client()
    if account is not None:
        sign_in(client, session, account)
    return client


@pytest.mark.parametrize(
    "path",
    [
        "/en/nothing",
        "/fr/",
        "/en/oversight/nothing",
        "/en/units/U01%00",
        "/en/oversight/rounds/%00",
        "/en/oversight/runs/2147483648",
    ],
)
def test_what_does_not_exist_is_a_404_for_everybody(app: Flask, session: Session, path: str) -> None:
    client = app.test_client()
    sign_in(client, session, make_account(session, Role.ANALYST))
    assert client.get(path).status_code == 404


def _make_city(session: Session) -> tuple[dict[str, Account], dict[str, int]]:
    """A published round, an open one made from it, and one person of each kind."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    make_service(session, world.units)
    world.forms["citizens"].code = "asked"
    add_answers(session, world.forms["citizens"], world.units[0], [[5, 4]] * 4)
    analyst, board = world.actor(world.analyst), world.actor(world.first)
    run_id = runs.score_round(analyst, "2025", now=NOW)
    world.round.reply_until = NOW.date()
    adopt(session, "2025")
    runs.publish_round(board, "2025", now=NOW)
    period = world.round.period_start, world.round.period_end
    rounds.create_round(analyst, rounds.NewRound("2026", "round:2025", *period, {"en": "Next"}), now=LATER)
    schemes.decide_proposal(board, schemes.Decision("2026", 1, is_approved=True, reason=""), now=LATER)
    rounds.open_round(analyst, "2026", now=LATER)
    stranger = make_unit(session, code="U03")
    people = {
        "peer": make_account(session, Role.PEER, unit=world.units[1]),
        "other_peer": make_account(session, Role.PEER, unit=stranger),
        "expert": make_account(session, Role.EXPERT),
        "head": make_account(session, Role.HEAD, unit=world.units[0]),
        "other_head": make_account(session, Role.HEAD, unit=stranger),
        "analyst": world.analyst,
        "board": world.first,
        "administrator": make_account(session, Role.ADMINISTRATOR),
        "auditor": make_account(session, Role.AUDITOR),
        "operator": make_account(session, Role.OPERATOR),
        "supervisor": make_account(session, Role.SUPERVISOR),
    }
    form = session.scalars(
        select(Questionnaire).join(Round).where(Round.code == "2026", Questionnaire.group == "peers")
    ).one()
    task: Assignment = make_assignment(session, form, people["peer"], world.units[0])
    colleague = make_account(session, Role.PEER, unit=world.units[0])
    waiting = make_assignment(session, form, colleague, world.units[1])
    waiting.state, waiting.draft = "waiting", {"packed": {"answers": "4", "comment": "", "texts": {}}}
    session.commit()
    upload = evidence.Upload("U01", "", "report.pdf", b"%PDF-1.7 of the table")
    document = evidence.add_document(analyst, "2026", upload, now=LATER)
    numbers = {"run": run_id, "task": task.id, "waiting": waiting.id, "document": document}
    return people, {**numbers, "expert": people["expert"].id}
