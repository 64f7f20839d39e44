"""The design of a round before it opens: settings, units, thresholds, days, rule document."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from evalsys.models import Assignment, Role, Round, RoundState, RuleDocument, SchemeVersion, Translation
from evalsys.services import rounds, schemes
from evalsys.services.access import actor_of
from evalsys.services.calendar import WorkingDays
from evalsys.services.design import dates, places, rulebook, settings, thresholds
from evalsys.services.design.rulebook import Upload
from tests.factories import NOW, make_account, make_assignment, make_category, make_unit
from tests.integration.acts_design import TITLES, new_settings
from tests.integration.governing import World, audit_of, make_world

TEXT = Upload("The regulation", "regulation.txt", "第一条\n§ 1".encode())
OTHER = Upload("", "../second decision.pdf", b"%PDF-1.7 second")
ROWS = {"opening": date(2025, 2, 3), "closing": date(2025, 3, 3), "publication": date(2025, 6, 2)}


def test_settings_are_kept_with_titles_in_every_language(session: Session) -> None:
    world = make_world(session)
    settings.set_settings(world.actor(world.analyst), "2025", new_settings(), now=NOW)
    session.expire_all()
    found = session.get_one(Round, world.round.id)
    assert (found.period_start, found.reply_days) == (date(2025, 2, 1), 10)
    assert (found.quorum, found.majority) == (1, "half")
    named = select(Translation.locale, Translation.text).where(Translation.entity == "round")
    assert dict(session.execute(named).all()) == TITLES
    page = settings.settings_page(world.actor(world.first), "2025", "ar")
    assert (str(page.head.name), page.board, page.head.may_edit) == (TITLES["ar"], 2, False)
    assert page.settings == new_settings()


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    "wrong",
    [
        {"reply_days": 0},
        {"period_end": date(2025, 1, 31)},
        {"titles": {"en": "Only English", "zh": " ", "ar": ""}},
    ],
)
def test_settings_that_cannot_work_are_refused(session: Session, wrong: dict[str, Any]) -> None:
    world = make_world(session)
    with pytest.raises(Invalid):
        settings.set_settings(world.actor(world.analyst), "2025", new_settings(**wrong), now=NOW)
    session.expire_all()
    assert session.get_one(Round, world.round.id).period_start != date(2025, 2, 1)


def test_the_board_alone_sets_its_rule_and_not_while_it_votes(session: Session) -> None:
    world = make_world(session)
    member, rule = world.actor(world.first), settings.BoardRule(2, "two_thirds")
    with pytest.raises(Forbidden):
        settings.set_board_rule(world.actor(world.analyst), "2025", rule, now=NOW)
    for wrong in (settings.BoardRule(3, "half"), settings.BoardRule(0, "half"), settings.BoardRule(1, "most")):
        with pytest.raises(Invalid):
            settings.set_board_rule(member, "2025", wrong, now=NOW)
    settings.set_board_rule(member, "2025", rule, now=NOW)
    assert settings.settings_page(member, "2025", "en").may_rule
    schemes.cast_vote(member, schemes.Vote("2025", 1, "against", "too early"), now=NOW)
    with pytest.raises(Conflict, match="voting on weights"):
        settings.set_board_rule(member, "2025", settings.BoardRule(1, "half"), now=NOW)
    page = settings.settings_page(member, "2025", "en")
    assert (page.rule, page.may_rule) == (rule, False)
    assert audit_of(session, "board.rules")[-1] == ("board.rules", "refused")


def test_the_rule_under_which_weights_were_approved_stays(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    with pytest.raises(Conflict):
        settings.set_board_rule(world.actor(world.first), "2025", settings.BoardRule(2, "all"), now=NOW)


def test_units_come_and_go_and_tasks_about_those_that_leave_are_withdrawn(session: Session) -> None:
    world = make_world(session)
    other = make_category(session, code="other")
    make_unit(session, code="U03", category=other)
    make_unit(session, code="U04", is_active=False)
    kept, _gone = (
        make_assignment(session, world.forms["experts"], make_account(session, Role.EXPERT), unit)
        for unit in world.units
    )
    conflict = make_assignment(session, world.forms["experts"], make_account(session, Role.EXPERT), world.units[1])
    conflict.state, conflict.conflict_reason = "conflict", "a relative works there"
    session.commit()
    numbers = [kept.id, conflict.id]
    wanted = {"U01": "other", "U03": "other"}
    places.set_units(world.actor(world.analyst), "2025", wanted, now=NOW)
    session.expire_all()
    found = session.get_one(Round, world.round.id)
    assert {place.unit.code: place.category.code for place in found.units} == wanted
    assert session.scalars(select(Assignment.id).order_by(Assignment.id)).all() == numbers
    page = places.places_page(world.actor(world.first), "2025", "en")
    assert {unit.code: (unit.is_in, unit.category) for unit in page.choices} == {
        "U01": (True, "other"),
        "U02": (False, world.units[1].category.code),
        "U03": (True, "other"),
    }
    assert page.chosen == 2
    own = {unit.code: unit.own_category for unit in page.choices}
    assert own["U01"] is not None
    assert own["U03"] is None


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("wanted", [{}, {"U99": "other"}, {"U01": "nothing"}])
def test_a_list_of_units_that_is_not_offered_is_refused(session: Session, wanted: dict[str, str]) -> None:
    world = make_world(session)
    make_category(session, code="other")
    with pytest.raises(Invalid):
        places.set_units(world.actor(world.analyst), "2025", wanted, now=NOW)
    session.expire_all()
    assert len(world.round.units) == 2


def propose(world: World, **minimum: tuple[int, int, int]) -> int:
    return thresholds.propose_thresholds(world.actor(world.analyst), "2025", minimum, "few answers say little", now=NOW)


def test_other_thresholds_are_a_proposal_with_the_same_weights(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    assert propose(world, citizens=(10, 20, 50)) == 2
    one, two = session.scalars(select(SchemeVersion).order_by(SchemeVersion.number)).all()
    assert (two.state, two.reason) == ("proposed", "few answers say little")
    before, after = json.loads(one.body), json.loads(two.body)
    assert after["groups"][0]["minimum"] == [10, 20, 50]
    assert after["tree"] == before["tree"]
    page = thresholds.thresholds_page(world.actor(world.first), "2025", "en")
    assert (page.number, page.is_in_force, page.groups[0].minimum) == (2, False, (10, 20, 50))


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("minimum", "words"),
    [
        ({"citizens": (5, 9, 30)}, "never from fewer"),
        ({"peers": (5, 4, 5)}, "smaller than the one before"),
        ({"peers": (0, 4, 5)}, "smaller than the one before"),
        ({"peers": (1, 1, 1)}, "Nothing has changed"),
    ],
)
def test_thresholds_that_cannot_be_used_are_refused(session: Session, minimum: dict[str, Any], words: str) -> None:
    world = make_world(session)
    with pytest.raises(Invalid, match=words):
        propose(world, **minimum)
    assert len(session.scalars(select(SchemeVersion)).all()) == 1


def test_days_are_kept_in_the_order_of_the_year_and_late_ones_marked(session: Session) -> None:
    world = make_world(session)
    dates.set_dates(world.actor(world.analyst), "2025", ROWS, now=NOW)
    page = dates.dates_page(world.actor(world.first), "2025", "en", today=date(2025, 2, 10))
    assert page.days == ROWS
    assert page.suggested == {}
    lines = {line.step: line for line in page.lines}
    assert [step for step, line in lines.items() if line.is_overdue] == ["opening"]
    assert lines["opening"].working_days == -5
    dates.set_dates(world.actor(world.analyst), "2025", {"closing": date(2025, 4, 1)}, now=NOW)
    assert dates.dates_page(world.actor(world.first), "2025", "en", today=date(2025, 2, 10)).days == {
        "closing": date(2025, 4, 1)
    }


def test_a_step_that_is_done_is_not_overdue(session: Session) -> None:
    world = make_world(session)
    dates.set_dates(world.actor(world.analyst), "2025", ROWS, now=NOW)
    session.execute(update(Round).values(state=RoundState.COLLECTING))
    session.commit()
    page = dates.dates_page(world.actor(world.first), "2025", "en", today=date(2025, 3, 4))
    assert [line.step for line in page.lines if line.is_overdue] == ["closing"]
    assert not page.head.may_edit


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    "wrong", [{"opening": date(2025, 3, 2), "closing": date(2025, 3, 1)}, {"party": date(2025, 3, 1)}]
)
def test_days_out_of_order_are_refused(session: Session, wrong: dict[str, date]) -> None:
    world = make_world(session)
    with pytest.raises(Invalid):
        dates.set_dates(world.actor(world.analyst), "2025", wrong, now=NOW)


@pytest.mark.database("sqlite")
def test_suggested_days_are_in_order_and_give_offices_their_working_days(session: Session) -> None:
    round_ = Round(period_start=date(2025, 1, 6), period_end=date(2025, 3, 31), reply_days=14)
    days = WorkingDays(frozenset({5, 6}), frozenset())
    found = dates.suggest_dates(round_, days)
    assert set(found) == set(dates.STEPS)
    assert dates.out_of_order(found) == ()
    assert days.between(found["draft_results"], found["reply"]) == 14


def test_a_rule_document_is_told_by_its_content_and_replaced_before_opening_only(app: Flask, session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    analyst = world.actor(world.analyst)
    digest = rulebook.attach_rules(analyst, "2025", TEXT, now=NOW)
    assert digest == hashlib.sha256(TEXT.data).hexdigest()
    assert (Path(app.instance_path) / "rules" / digest).read_bytes() == TEXT.data
    assert rulebook.read_rules(world.actor(world.first), "2025").title == "The regulation"
    with pytest.raises(Invalid, match="already"):
        rulebook.attach_rules(analyst, "2025", TEXT, now=NOW)
    with pytest.raises(NotFound):
        rulebook.read_public_rules("2025")
    rulebook.attach_rules(analyst, "2025", OTHER, now=NOW)
    page = rulebook.rules_page(analyst, "2025", "en")
    assert page.current is not None
    assert (page.current.title, page.current.name) == ("second decision", "second decision.pdf")
    assert [line.title for line in page.former] == ["The regulation", "Rules"]
    assert all(line.replaced_at for line in page.former)
    rounds.open_round(analyst, "2025", now=NOW)
    found = rulebook.read_public_rules("2025")
    assert (found.content, found.media_type, found.name) == (OTHER.data, "application/pdf", "second decision.pdf")
    with pytest.raises(Conflict):
        rulebook.attach_rules(analyst, "2025", TEXT, now=NOW)


def test_a_document_of_no_known_kind_is_refused(session: Session) -> None:
    world = make_world(session)
    with pytest.raises(Invalid):
        rulebook.attach_rules(world.actor(world.analyst), "2025", Upload("", "x.html", b"<p>hello"), now=NOW)
    assert [one.replaced_at for one in session.scalars(select(RuleDocument))] == [None]


def test_a_damaged_or_missing_document_is_not_handed_out(app: Flask, session: Session) -> None:
    world = make_world(session)
    digest = rulebook.attach_rules(world.actor(world.analyst), "2025", TEXT, now=NOW)
    (Path(app.instance_path) / "rules" / digest).write_bytes(b"something else")
    with pytest.raises(Unavailable):
        rulebook.read_rules(world.actor(world.first), "2025")


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMINISTRATOR, Role.AUDITOR, Role.HEAD])
def test_only_an_analyst_designs(session: Session, role: Role) -> None:
    make_world(session)
    actor = actor_of(make_account(session, role))
    with pytest.raises(Forbidden):
        rulebook.attach_rules(actor, "2025", TEXT, now=NOW)
    with pytest.raises(Forbidden):
        places.set_units(actor, "2025", {}, now=NOW)
