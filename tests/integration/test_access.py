"""Who may call what: every endpoint and method of the application against every kind of person.

An endpoint that is missing here fails the first test: whoever adds a page says who may see it.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Assignment, Questionnaire, Role, Round, RoundState
from evalsys.services import rounds, runs, schemes
from tests.factories import NOW, make_account, make_assignment, make_service, make_unit, sign_in
from tests.integration.governing import add_answers, make_world

PEOPLE = (
    "guest",
    "peer",
    "other_peer",
    "expert",
    "head",
    "other_head",
    "analyst",
    "board",
    "administrator",
    "auditor",
    "operator",
)
LATER = NOW + timedelta(days=60)


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(PEOPLE, status)


def only(guest: int = 302, **allowed: int) -> dict[str, int]:
    """Refused to all but those named; a guest is led to the sign-in page, or refused when she sends something."""
    return {**everybody(403), "guest": guest, **allowed}


def oversight(status: int = 200, guest: int = 302, **other: int) -> dict[str, int]:
    return only(guest, **dict.fromkeys(("analyst", "board", "administrator", "auditor"), status), **other)


@dataclass(frozen=True)
class Case:
    """A call and what it answers to each kind of person."""

    endpoint: str
    path: str
    expected: dict[str, int]
    method: str = "GET"
    data: tuple[tuple[str, str], ...] = ()


WEIGHTS = tuple(
    {
        "w-n-score-experience": "40",
        "w-n-score-cooperation": "30",
        "w-n-score-leadership": "30",
        "w-n-experience-satisfaction": "60",
        "w-n-experience-trust": "40",
        "w-s-citizens-users": "100",
        "w-s-citizens-open": "0",
        "reason": "why not",
    }.items()
)
SEND = (("act", "submit"),)
CASES = (
    Case("static", "/static/css/site.css", everybody(200)),
    Case("root.negotiate", "/", everybody(302)),
    Case("root.short_link", "/r/U01", everybody(302)),
    Case("public.home", "/en/", everybody(200)),
    Case("public.units", "/en/units?q=books", everybody(200)),
    Case("public.unit", "/en/units/U01", everybody(200)),
    Case("public.unit_qr", "/en/units/U01/qr.svg", everybody(200)),
    Case("public.rating", "/en/units/U01/rating", everybody(200)),
    Case("public.send_rating", "/en/units/U01/rating", everybody(422), "POST"),
    Case("public.receipt", "/en/receipts/unknown", everybody(404)),
    Case("public.invitation", "/en/invitations/unknown", everybody(404)),
    Case("public.accept_invitation", "/en/invitations/unknown", everybody(404), "POST"),
    Case("public.overview", "/en/rounds/2025", everybody(200)),
    Case("public.overview", "/en/rounds/2026", everybody(404)),
    Case("public.scorecard", "/en/rounds/2025/units/U01", everybody(200)),
    Case("public.scorecard_pdf", "/en/rounds/2025/units/U01.pdf", everybody(503)),
    Case("public.round_method", "/en/rounds/2025/method", everybody(200)),
    Case("public.method", "/en/method", everybody(200)),
    Case("public.privacy", "/en/privacy", everybody(200)),
    Case("public.accessibility", "/en/accessibility", everybody(200)),
    Case("account.sign_in", "/en/account/sign-in", everybody(200)),
    Case("account.sign_in", "/en/account/sign-in", everybody(422), "POST"),
    Case("account.sign_out", "/en/account/sign-out", everybody(302), "POST"),
    Case("account.password", "/en/account/password", {**everybody(200), "guest": 302}),
    Case("account.password", "/en/account/password", {**everybody(422), "guest": 302}, "POST"),
    Case("rater.assignments", "/en/assignments", only(peer=200, other_peer=200, expert=200)),
    Case("rater.assignment", "/en/assignments/{task}", only(peer=200, other_peer=404, expert=404)),
    Case("rater.answer", "/en/assignments/{task}", only(401, peer=422, other_peer=404, expert=404), "POST", SEND),
    Case("rater.conflict", "/en/assignments/{task}/conflict", only(401, peer=422, other_peer=404, expert=404), "POST"),
    Case("head.home", "/en/head", only(head=200, other_head=200)),
    Case("head.scorecard", "/en/head/rounds/2025", only(head=200, other_head=404)),
    Case("head.scorecard_pdf", "/en/head/rounds/2025/scorecard.pdf", only(head=503, other_head=404)),
    Case("oversight.home", "/en/oversight", oversight()),
    Case("oversight.job", "/en/oversight/jobs/cards-2025-1", oversight()),
    Case("oversight.audit", "/en/oversight/audit", only(board=200, administrator=200, auditor=200)),
    Case("oversight.accounts", "/en/oversight/accounts", only(administrator=200, auditor=200)),
    Case("oversight_rounds.new", "/en/oversight/rounds/new", only(analyst=200)),
    Case("oversight_rounds.new", "/en/oversight/rounds/new", only(401, analyst=422), "POST"),
    Case("oversight_rounds.show", "/en/oversight/rounds/2025", oversight()),
    Case("oversight_rounds.act", "/en/oversight/rounds/2025/acts", only(401, analyst=409), "POST", (("act", "score"),)),
    Case("oversight_rounds.act", "/en/oversight/rounds/2025/acts", only(401, board=409), "POST", (("act", "publish"),)),
    Case("oversight_weights.show", "/en/oversight/rounds/2025/weights", oversight()),
    Case(
        "oversight_weights.propose",
        "/en/oversight/rounds/2025/weights",
        only(401, analyst=409, board=409),
        "POST",
        WEIGHTS,
    ),
    Case("oversight_weights.proposal", "/en/oversight/rounds/2025/proposals/1", oversight()),
    Case(
        "oversight_weights.decide",
        "/en/oversight/rounds/2025/proposals/1/decision",
        only(401, board=409),
        "POST",
        (("decision", "approve"),),
    ),
    Case("oversight_runs.show", "/en/oversight/runs/{run}", oversight()),
    Case("oversight_runs.audit", "/en/oversight/runs/{run}/audit", oversight()),
    Case("oversight_runs.calculation", "/en/oversight/runs/{run}/units/U01", oversight()),
    Case("oversight_runs.calculation", "/en/oversight/runs/{run}/units/U99", oversight(404)),
    Case("oversight_runs.table", "/en/oversight/runs/{run}/tables/scores.csv", oversight()),
    Case("oversight_runs.repeat", "/en/oversight/runs/{run}/repeat", oversight(guest=401), "POST"),
    Case("public.drafts", "/en/drafts", everybody(200)),
    Case("public.draft", "/en/drafts/AAA-BBB", everybody(404)),
    Case("public.saved_draft", "/en/drafts/AAA-BBB/saved", everybody(404)),
    Case("kiosk.start", "/k/unknown", everybody(404)),
    Case("kiosk.welcome", "/kiosk", everybody(302)),
    Case("oversight_kiosks.kiosk_list", "/en/oversight/kiosks", only(analyst=200)),
    Case("oversight_kiosks.turn", "/en/oversight/kiosks/P99", only(401, analyst=404), "POST", (("act", "on"),)),
    Case("entry.home", "/en/entry", only(operator=200)),
    Case("entry.assisted", "/en/entry/units/U01/assisted", only(operator=200)),
    Case("entry.assisted", "/en/entry/units/U01/assisted", only(401, operator=422), "POST"),
    Case("entry.paper", "/en/entry/units/U01/paper", only(operator=200)),
    Case("entry.paper", "/en/entry/units/U01/paper", only(401, operator=422), "POST"),
    Case("entry.differences", "/en/entry/papers/1", only(operator=404)),
    Case("entry.differences", "/en/entry/papers/1", only(401, operator=404), "POST"),
    Case("entry.paper_form", "/en/entry/units/U01/print", only(operator=200)),
)


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
    wrong = []
    for case in CASES:
        for name in PEOPLE:
            client = app.test_client()
            if name != "guest":
                sign_in(client, session, people[name])
            answer = client.open(case.path.format(**places), method=case.method, data=dict(case.data))
            answer.close()
            if answer.status_code != case.expected[name]:
                wrong.append(f"{case.method} {case.path} as {name}: {answer.status_code}, not {case.expected[name]}")
    assert wrong == []


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
    world = make_world(session, RoundState.CLOSED)
    make_service(session, world.units)
    add_answers(session, world.forms["citizens"], world.units[0], [[5, 4]] * 4)
    analyst, board = world.actor(world.analyst), world.actor(world.first)
    run_id = runs.score_round(analyst, "2025", now=NOW)
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
    }
    form = session.scalars(
        select(Questionnaire).join(Round).where(Round.code == "2026", Questionnaire.group == "peers")
    ).one()
    task: Assignment = make_assignment(session, form, people["peer"], world.units[0])
    return people, {"run": run_id, "task": task.id}
