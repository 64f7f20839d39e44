"""Commitments: written with the reply, fixed on the card, reported on in public, and carried to the next round."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Account, AuditEntry, Commitment, Role, RoundState
from evalsys.services import results
from evalsys.services.access import actor_of
from evalsys.services.commitments.lines import former_lines
from evalsys.services.commitments.making import NewCommitment, last_day, write_commitments
from evalsys.services.commitments.pages import own_promises, promises_of
from evalsys.services.commitments.reporting import NewReport, report_commitment
from evalsys.services.replies.drafts import draft_page
from tests.factories import NOW, make_account, make_round, sign_in
from tests.integration.acts_plan import DUE, PROMISED, make_commitment
from tests.integration.acts_results import LATER, end_reply
from tests.integration.governing import World
from tests.integration.test_decisions import publish, shared
from tests.pages import get_page

DRAFT = "/en/head/draft/2025"
REPORTS = "/en/head/commitments"
FIRST = {"commitment1-text": "two more counters", "commitment1-owner": "Head of the counters"}


def head_of(session: Session, world: World, unit: int = 0) -> Account:
    return make_account(session, Role.HEAD, unit=world.units[unit])


def replying(session: Session) -> World:
    world = shared(session)
    end_reply(session, world, LATER)
    return world


def write(session: Session, world: World, *promised: NewCommitment, locale: str = "en") -> None:
    write_commitments(actor_of(head_of(session, world)), "2025", promised, locale, now=NOW)


def test_what_an_office_promises_stands_on_its_draft_and_then_on_its_card(session: Session) -> None:
    world = replying(session)
    write(session, world, PROMISED, NewCommitment("forms in two languages", "", "Office manager", DUE))
    write(session, world, PROMISED)
    head = actor_of(head_of(session, world))
    page = draft_page(head, "2025", "en", now=NOW)
    assert page.card is not None
    assert [one.text for one in page.card.commitments] == [PROMISED.text]
    world.round.state = RoundState.FINAL
    session.commit()
    publish(world)
    card = results.read_card("2025", "U01", "ar").card
    (line,) = card.commitments
    assert (line.text, line.locale, line.owner, line.due) == (PROMISED.text, "en", PROMISED.owner, DUE)
    assert line.topic == next(
        one.name for one in results.read_card("2025", "U01", "ar").card.indicators if one.code == "trust"
    )
    assert results.read_card("2025", "U02", "ar").card.commitments == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": " "}, "what your office will do"),
        ({"text": "x" * 301}, "at most"),
        ({"owner": ""}, "which role"),
        ({"topic": "nothing"}, "part of the result"),
        ({"due": NOW.date()}, "within two years"),
        ({"due": date(2027, 11, 4)}, "within two years"),
    ],
)
@pytest.mark.database("sqlite")
def test_a_commitment_that_says_too_little_or_too_much_is_refused(
    session: Session, wrong: dict[str, Any], said: str
) -> None:
    world = replying(session)
    with pytest.raises(Invalid, match=said):
        write(session, world, replace(PROMISED, **wrong))
    assert session.scalars(select(Commitment)).all() == []


@pytest.mark.database("sqlite")
def test_six_commitments_none_and_those_after_the_last_day_are_refused(session: Session) -> None:
    world = replying(session)
    with pytest.raises(Invalid, match="at most"):
        write(session, world, *[PROMISED] * 6)
    with pytest.raises(Invalid, match="what your office will do"):
        write(session, world)
    with pytest.raises(Invalid, match="language"):
        write(session, world, PROMISED, locale="xx")
    end_reply(session, world)
    with pytest.raises(Conflict, match="has ended"):
        write(session, world, PROMISED)
    assert last_day(date(2028, 2, 29)) == date(2030, 2, 28)


@pytest.mark.database("sqlite")
def test_a_head_reports_on_own_commitments_alone_and_every_report_stays(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    make_commitment(session, world, due=date(2026, 1, 31))
    publish(world)
    head, other = actor_of(head_of(session, world)), actor_of(head_of(session, world, 1))
    report = NewReport("in_work", "one counter is open", "en")
    with pytest.raises(NotFound):
        report_commitment(other, "2025", 1, report, now=NOW)
    with pytest.raises(NotFound):
        report_commitment(head, "2025", 2, report, now=NOW)
    with pytest.raises(Forbidden):
        report_commitment(world.actor(world.first), "2025", 1, report, now=NOW)
    report_commitment(head, "2025", 1, report, now=NOW)
    overdue = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
    (one,) = promises_of("U01", "en", now=overdue)
    assert (one.today.state, one.today.is_overdue, one.today.on) == ("in_work", True, NOW.date())
    with pytest.raises(Invalid, match="why it is late"):
        report_commitment(head, "2025", 1, NewReport("dropped", "", "en"), now=overdue)
    report_commitment(head, "2025", 1, NewReport("done", "", "en"), now=overdue)
    (one,) = own_promises(head, "en", now=overdue)
    assert (one.today.state, one.today.is_overdue, [said.note for said in one.former]) == ("done", False, [report.note])
    assert own_promises(other, "en", now=overdue) == ()
    acts = session.scalars(select(AuditEntry.outcome).where(AuditEntry.act == "commitment.report")).all()
    assert sorted(acts) == ["done", "done", "refused", "refused", "refused", "refused"]


def test_the_next_round_tells_how_far_it_was_on_its_day(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    make_commitment(session, world, number=1, due=date(2026, 1, 31))
    publish(world)
    head = actor_of(head_of(session, world))
    told = NOW + timedelta(days=60)
    report_commitment(head, "2025", 1, NewReport("late", "no money yet", "en"), now=told)
    period = {"period_start": date(2026, 1, 1), "period_end": date(2026, 12, 31)}
    following = make_round(session, world.units, code="2026", state="draft", **period)
    before, after = (former_lines(session, following, day) for day in (NOW.date(), date(2026, 12, 1)))
    unit = world.units[0].id
    assert [(one.state, one.is_overdue, one.round_code) for one in before[unit]] == [("", False, "2025")]
    assert [(one.state, one.note, one.is_overdue) for one in after[unit]] == [("late", "no money yet", True)]
    assert former_lines(session, world.round, date(2026, 12, 1)) == {}


def test_before_the_round_is_public_nobody_reads_what_was_promised(app: Flask, session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    make_commitment(session, world)
    assert promises_of("U01", "en", now=NOW) == ()
    assert PROMISED.text not in app.test_client().get("/en/units/U01").text
    publish(world)
    for path in ("/en/units/U01", "/en/rounds/2025/units/U01"):
        page = get_page(app.test_client(), path)
        assert PROMISED.text in page.text
        assert "You said, we did" in page.text


@pytest.mark.database("sqlite")
def test_a_wrong_commitment_is_named_at_its_field_and_nothing_that_was_typed_is_lost(
    app: Flask, session: Session
) -> None:
    world = replying(session)
    end_reply(session, world, datetime.now(UTC).date() + timedelta(days=3))
    client = app.test_client()
    sign_in(client, session, head_of(session, world))
    fields = get_page(client, DRAFT).fields("form[action$=commitments]")
    third = {"commitment3-text": "a third thing", "commitment3-due": "31 Juni", "commitments-language": "ar"}
    sent = client.post(f"{DRAFT}/commitments", data={**fields, **FIRST, **third})
    assert sent.status_code == 422
    for words in ("Enter the day by which it will be done.", "Enter a real date", "Say which role answers for it"):
        assert words in sent.text
    for typed in (*FIRST.values(), "a third thing", "31 Juni"):
        assert typed in sent.text
    right = {"commitment1-due": (datetime.now(UTC).date() + timedelta(days=90)).isoformat()}
    kept = client.post(f"{DRAFT}/commitments", data={**fields, **FIRST, **right})
    assert kept.status_code == 302
    assert get_page(client, DRAFT).fields("form[action$=commitments]")["commitment1-text"] == "two more counters"


@pytest.mark.database("sqlite")
def test_a_report_without_its_reason_comes_back_as_it_was_typed(app: Flask, session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    make_commitment(session, world)
    publish(world)
    client = app.test_client()
    sign_in(client, session, head_of(session, world))
    fields = get_page(client, REPORTS).fields("form[action$='/1']")
    named = {"report-2025-1-state": "late", "report-2025-1-language": "zh"}
    sent = client.post(f"{REPORTS}/2025/1", data={**fields, **named})
    assert sent.status_code == 422
    assert "Say why it is late or dropped" in sent.text
    assert 'value="late" checked' in sent.text
    told = client.post(f"{REPORTS}/2025/1", data={**fields, **named, "report-2025-1-note": "no money"})
    assert told.status_code == 302
    assert "no money" in get_page(app.test_client(), "/en/units/U01").text
    assert client.post(f"{REPORTS}/2025/7", data={**fields, "report-2025-7-state": "done"}).status_code == 404
