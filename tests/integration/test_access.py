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
from evalsys.services.evidence import keeping as evidence
from tests.factories import NOW, make_account, make_assignment, make_service, make_unit, sign_in
from tests.integration.governing import add_answers, make_world

PEOPLE = (
    "guest", "peer", "other_peer", "expert", "head", "other_head", "analyst", "board", "administrator", "auditor",
    "operator", "supervisor",
)  # fmt: skip
LATER = NOW + timedelta(days=60)


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(PEOPLE, status)


def only(guest: int = 302, **allowed: int) -> dict[str, int]:
    """Refused to all but those named; a guest is led to the sign-in page, or refused when she sends something."""
    return {**everybody(403), "guest": guest, **allowed}


def oversight(status: int = 200, guest: int = 302, **other: int) -> dict[str, int]:
    return only(guest, **dict.fromkeys(("analyst", "board", "administrator", "auditor"), status), **other)


def quality(status: int = 200, guest: int = 302) -> dict[str, int]:
    return only(guest, **dict.fromkeys(("analyst", "board", "auditor"), status))


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
FILES = "/en/oversight/rounds/2026/transfers"
ROUND = "/en/oversight/rounds/2025"
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
    Case("oversight_figures.show", "/en/oversight/rounds/2026/figures", oversight()),
    Case("oversight_figures.upload", "/en/oversight/rounds/2026/figures", only(401, analyst=422), "POST"),
    Case("oversight_figures.template", "/en/oversight/rounds/2026/figures/template.csv", oversight()),
    Case("oversight_figures.preview", "/en/oversight/rounds/2026/figures/uploads/none", only(analyst=404)),
    Case(
        "oversight_figures.rejected", "/en/oversight/rounds/2026/figures/uploads/none/rejected.csv", only(analyst=404)
    ),
    Case(
        "oversight_figures.load",
        "/en/oversight/rounds/2026/figures/uploads/none",
        only(401, analyst=404),
        "POST",
        (("plan", "0" * 64),),
    ),
    Case("oversight_figures.history", "/en/oversight/rounds/2026/figures/none/units/U01", oversight(404)),
    Case("oversight_transfers.index", FILES, only(analyst=200, auditor=200)),
    Case("oversight_transfers.upload", f"{FILES}/imports", only(401, analyst=422), "POST"),
    Case("oversight_transfers.export", f"{FILES}/exports", only(401, analyst=422, auditor=422), "POST"),
    Case("oversight_transfers.show", f"{FILES}/999", only(analyst=404, auditor=404)),
    Case("oversight_transfers.act", f"{FILES}/999/acts", only(401, analyst=404), "POST", (("act", "cancel"),)),
    Case("oversight_transfers.rejected", f"{FILES}/999/rejected.csv", only(analyst=404)),
    Case("oversight_transfers.download", f"{FILES}/999/file", only(401, analyst=404, auditor=404), "POST"),
    Case("oversight_groups.show", f"{ROUND}/groups", oversight()),
    Case("oversight_groups.new", f"{ROUND}/groups/new", only(analyst=200)),
    Case("oversight_groups.new", f"{ROUND}/groups/new", only(401, analyst=422), "POST"),
    Case("oversight_groups.edit", f"{ROUND}/groups/peers", oversight()),
    Case("oversight_groups.edit", f"{ROUND}/groups/nobody", oversight(404)),
    Case(
        "oversight_groups.set_options", f"{ROUND}/groups/peers", only(401, analyst=409), "POST", (("mode", "assigned"),)
    ),
    Case("oversight_groups.propose", f"{ROUND}/groups/peers/weight", only(401, analyst=422), "POST"),
    Case("oversight_questionnaires.show", f"{ROUND}/questionnaires/asked", oversight()),
    Case("oversight_questionnaires.show", f"{ROUND}/questionnaires/unknown", oversight(404)),
    Case(
        "oversight_questionnaires.change",
        f"{ROUND}/questionnaires/asked",
        only(401, analyst=409),
        "POST",
        (("act", "remove:0:0"), ("version", "1")),
    ),
    Case("oversight_questionnaires.preview", f"{ROUND}/questionnaires/asked/preview", oversight()),
    Case("oversight_questionnaires.export", f"{ROUND}/questionnaires/asked/file.json", oversight()),
    Case("oversight_questionnaires.bring", f"{ROUND}/questionnaires/asked/import", only(analyst=200)),
    Case("oversight_questionnaires.bring", f"{ROUND}/questionnaires/asked/import", only(401, analyst=422), "POST"),
    Case("oversight_questionnaires.section", f"{ROUND}/questionnaires/asked/sections/0", only(analyst=200)),
    Case(
        "oversight_questionnaires.section", f"{ROUND}/questionnaires/asked/sections/0", only(401, analyst=409), "POST"
    ),
    Case("oversight_questionnaires.item", f"{ROUND}/questionnaires/asked/sections/0/items/0", only(analyst=200)),
    Case(
        "oversight_questionnaires.item",
        f"{ROUND}/questionnaires/asked/sections/0/items/0",
        only(401, analyst=409),
        "POST",
    ),
    Case("oversight_quality.show", "/en/oversight/rounds/2025/quality", quality()),
    Case("oversight_quality.look", "/en/oversight/rounds/2025/quality/checks", only(401, analyst=302), "POST"),
    Case("oversight_quality.flagged", "/en/oversight/rounds/2025/quality/flags", quality()),
    Case("oversight_quality.settings", "/en/oversight/rounds/2025/quality/rules", quality()),
    Case(
        "oversight_quality.set_rule",
        "/en/oversight/rounds/2026/quality/rules/speed",
        only(401, analyst=302),
        "POST",
        (("speed-slowest", "1"), ("speed-is_on", "yes")),
    ),
    Case("oversight_quality.propose", "/en/oversight/rounds/2025/quality/exclusions/new", only(analyst=200)),
    Case(
        "oversight_quality.propose", "/en/oversight/rounds/2025/quality/exclusions/new", only(401, analyst=422), "POST"
    ),
    Case(
        "oversight_quality.apply_rules",
        "/en/oversight/rounds/2025/quality/exclusions/rules",
        only(401, analyst=409),
        "POST",
    ),
    Case("oversight_quality.exclusion", "/en/oversight/rounds/2025/quality/exclusions/1", quality(404)),
    Case(
        "oversight_quality.decide",
        "/en/oversight/rounds/2026/quality/exclusions/1/decision",
        only(401, analyst=404, board=404),
        "POST",
        (("decision", "confirm"),),
    ),
    Case(
        "oversight_quality.lift",
        "/en/oversight/rounds/2026/quality/exclusions/1/lift",
        only(401, analyst=404, board=404),
        "POST",
        (("reason", "a mistake"),),
    ),
    Case(
        "oversight_quality.show_effect",
        "/en/oversight/rounds/2025/quality/exclusions/1/effect",
        quality(404, guest=401),
        "POST",
    ),
    Case("oversight_quality.rater_table", "/en/oversight/rounds/2025/quality/raters", quality()),
    Case("oversight_fieldwork.show", "/en/oversight/rounds/2026/field-work", oversight()),
    Case("oversight_fieldwork.counts", "/en/oversight/rounds/2026/field-work/counts.csv", oversight()),
    Case("oversight_fieldwork.aims", "/en/oversight/rounds/2026/field-work/targets", oversight()),
    Case(
        "oversight_fieldwork.set_target",
        "/en/oversight/rounds/2026/field-work/targets",
        only(401, analyst=302),
        "POST",
        (("group", "citizens"), ("number", "100")),
    ),
    Case(
        "oversight_fieldwork.load_targets",
        "/en/oversight/rounds/2026/field-work/targets/file",
        only(401, analyst=422),
        "POST",
    ),
    Case("oversight_pairs.show", "/en/oversight/rounds/2026/assignments", oversight()),
    Case("oversight_pairs.show", "/en/oversight/rounds/2026/assignments/citizens", oversight(404)),
    Case("oversight_pairs.upload", "/en/oversight/rounds/2026/assignments/peers/list", only(401, analyst=422), "POST"),
    Case("oversight_pairs.draw", "/en/oversight/rounds/2026/assignments/peers/draw", only(401, analyst=422), "POST"),
    Case(
        "oversight_pairs.withdraw",
        "/en/oversight/rounds/2026/assignments/peers/withdrawals",
        only(401, analyst=422),
        "POST",
    ),
    Case(
        "oversight_pairs.set_release",
        "/en/oversight/rounds/2026/assignments/peers/release",
        only(401, analyst=409),
        "POST",
    ),
    Case(
        "oversight_pairs.remind",
        "/en/oversight/rounds/2025/assignments/peers/reminders",
        only(401, analyst=409),
        "POST",
    ),
    Case("oversight_visits.terms", "/en/oversight/terms", oversight()),
    Case("oversight_visits.give", "/en/oversight/terms", only(401, analyst=422), "POST"),
    Case("oversight_visits.upload", "/en/oversight/terms/list", only(401, analyst=422), "POST"),
    Case("oversight_visits.evidence", "/en/oversight/rounds/2026/visits", oversight()),
    Case("head_release.waiting", "/en/head/release", only(head=200, other_head=200)),
    Case("head_release.show", "/en/head/release/{waiting}", only(head=200, other_head=404)),
    Case("head_release.decide", "/en/head/release/{waiting}", only(401, head=422, other_head=404), "POST"),
    Case("head_release.evidence", "/en/head/rounds/2025/visits", only(head=200, other_head=404)),
    Case("supervisor.home", "/en/visits", only(supervisor=200)),
    Case("supervisor.visit", "/en/visits/units/U01", only(supervisor=409)),
    Case("supervisor.send", "/en/visits/units/U01", only(401, supervisor=409), "POST"),
    Case("supervisor.conflict", "/en/visits/units/U01/conflict", only(401, supervisor=409), "POST"),
    Case("panels.show", "/en/oversight/rounds/2026/panels", oversight()),
    Case("panels.draw", "/en/oversight/rounds/2026/panels/draw", only(401, analyst=422), "POST"),
    Case("panels.upload_competences", "/en/oversight/rounds/2026/panels/competences", oversight(422, 401), "POST"),
    Case("panels.upload_assignments", "/en/oversight/rounds/2026/panels/assignments", oversight(422, 401), "POST"),
    Case(
        "panels.replace", "/en/oversight/rounds/2026/panels/assignments/0/replacement", only(401, analyst=404), "POST"
    ),
    Case("panels.set_rules", "/en/oversight/rounds/2026/panels/rules", only(401, analyst=409), "POST"),
    Case("panels.show_spread", "/en/oversight/rounds/2026/panels/spread", only(401, analyst=409), "POST"),
    Case("panels.expert", "/en/oversight/rounds/2026/panels/experts/{expert}", oversight()),
    Case(
        "panels.set_competences",
        "/en/oversight/rounds/2026/panels/experts/{expert}/competences",
        only(401, analyst=302),
        "POST",
    ),
    Case(
        "panels.add_conflict",
        "/en/oversight/rounds/2026/panels/experts/{expert}/conflicts",
        only(401, analyst=422),
        "POST",
    ),
    Case("panels.calibration", "/en/oversight/rounds/2026/panels/cases", oversight()),
    Case("panels.write_case", "/en/oversight/rounds/2026/panels/cases", only(401, analyst=422), "POST"),
    Case("experts.cases", "/en/panel/cases", only(expert=200)),
    Case("experts.case", "/en/panel/cases/0", only(expert=404)),
    Case("experts.try_case", "/en/panel/cases/0", only(401, expert=404), "POST"),
    Case("experts.second", "/en/panel/assignments/0/second", only(expert=404)),
    Case("experts.send_second", "/en/panel/assignments/0/second", only(401, expert=404), "POST"),
    Case("evidence.home", "/en/evidence", oversight(head=200, other_head=200, expert=200)),
    Case("evidence.show", "/en/evidence/rounds/2026", oversight(head=200, other_head=404, expert=404)),
    Case("evidence.add", "/en/evidence/rounds/2026", only(401, analyst=422, head=422, other_head=404), "POST"),
    Case(
        "evidence.reuse",
        "/en/evidence/rounds/2026/reuse",
        only(401, analyst=404, head=404, other_head=404),
        "POST",
        (("document", "0"),),
    ),
    Case(
        "evidence.withdraw",
        "/en/evidence/documents/0/withdrawal",
        only(401, analyst=404, head=404, other_head=404),
        "POST",
    ),
    Case("evidence.document", "/en/evidence/documents/{document}", oversight(head=200, other_head=404, expert=404)),
    Case("root.short_invitation", "/i", everybody(302)),
    Case("invitations.type_code", "/en/invitations", everybody(200)),
    Case("invitations.take_code", "/en/invitations", everybody(422), "POST"),
    Case("public.poster", "/en/posters/U01.pdf", everybody(503)),
    Case("public.poster", "/en/posters/U99.pdf", everybody(404)),
    Case("oversight_roll.show", "/en/oversight/rounds/2026/list", oversight()),
    Case("oversight_roll.show", "/en/oversight/rounds/1999/list", oversight(404)),
    Case("oversight_roll.new", "/en/oversight/rounds/2026/list/new", only(analyst=200)),
    Case("oversight_roll.load", "/en/oversight/rounds/2026/list/new", only(401, analyst=422), "POST"),
    Case("oversight_roll.progress", "/en/oversight/rounds/2026/list/loads/9", only(analyst=404, auditor=404)),
    Case("oversight_roll.rejected", "/en/oversight/rounds/2026/list/loads/9/rejected.csv", only(analyst=404)),
    Case("oversight_roll.invite", "/en/oversight/rounds/2026/list/invitations", only(401, analyst=422), "POST"),
    Case("oversight_roll.remind", "/en/oversight/rounds/2026/list/reminders", only(401, analyst=422), "POST"),
    Case("oversight_roll.batch", "/en/oversight/rounds/2026/list/batches/9", only(analyst=404)),
    Case("oversight_roll.decide", "/en/oversight/rounds/2026/list/batches/9", only(401, analyst=404), "POST"),
    Case("oversight_roll.file", "/en/oversight/rounds/2026/list/files/9", only(analyst=404)),
    Case("oversight_roll.delete_file", "/en/oversight/rounds/2026/list/files/9", only(401, analyst=404), "POST"),
    Case("oversight_places.show", "/en/oversight/places", oversight()),
    Case("oversight_places.add_many", "/en/oversight/places", only(401, analyst=422), "POST"),
    Case("oversight_places.new", "/en/oversight/places/new", only(analyst=200)),
    Case("oversight_places.new", "/en/oversight/places/new", only(401, analyst=422), "POST"),
    Case("oversight_places.edit", "/en/oversight/places/entries/none", only(analyst=404)),
    Case("oversight_places.change", "/en/oversight/places/entries/none", only(401, analyst=422), "POST"),
    Case("oversight_places.all_posters", "/en/oversight/places/posters.pdf", oversight(503)),
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
    world.forms["citizens"].code = "asked"
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
        "supervisor": make_account(session, Role.SUPERVISOR),
    }
    form = session.scalars(
        select(Questionnaire).join(Round).where(Round.code == "2026", Questionnaire.group == "peers")
    ).one()
    task: Assignment = make_assignment(session, form, people["peer"], world.units[0])
    colleague = make_account(session, Role.PEER, unit=world.units[0])
    waiting = make_assignment(session, form, colleague, world.units[1])
    waiting.state, waiting.draft = "waiting", {"packed": "4"}
    session.commit()
    return people, {"run": run_id, "task": task.id, "waiting": waiting.id}
    upload = evidence.Upload("U01", "", "report.pdf", b"%PDF-1.7 of the table")
    document = evidence.add_document(analyst, "2026", upload, now=LATER)
    return people, {"run": run_id, "task": task.id, "expert": people["expert"].id, "document": document}
