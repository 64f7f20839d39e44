"""Severity of named raters, units that rate each other, and the planted situations of the demo city."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Forbidden
from evalsys.models import Assignment, Flag, Response, Role, RoundState, Unit
from evalsys.services.access import actor_of
from evalsys.services.accounts import actor_named
from evalsys.services.quality import raters
from tests.cities import copy_city
from tests.factories import make_account, make_assignment, make_unit
from tests.integration.checking import add_responses, check, rate
from tests.integration.governing import World, make_world

PLANTED = datetime(2026, 11, 2, 9, tzinfo=UTC)


def panel(session: Session, world: World) -> None:
    """Three experts who agree about both units, but for one who is lenient by 20 points."""
    for name, shift in (("Lenient", 20), ("Usual", 0), ("Common", 0)):
        expert = make_account(session, Role.EXPERT, name=name)
        for unit, score in zip(world.units, (40, 60), strict=True):
            rate(session, world.forms["experts"], expert, unit, [score + shift + 1])


def test_severity_comes_from_named_answers_and_waits_for_the_end_of_the_round(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    panel(session, world)
    board = world.actor(world.first)
    page = raters.raters_page(board, "2025", "en")
    assert (page.is_over, page.groups) == (False, ())
    world.round.state = RoundState.CLOSED
    session.commit()
    (group,) = raters.raters_page(board, "2025", "en").groups
    assert next((one.name, one.units) for one in group.raters) == ("Lenient", 2)
    assert [float(one.effect or 0) for one in group.raters] == pytest.approx([13.3, -6.7, -6.7])


def test_an_auditor_sees_numbers_instead_of_names_and_a_head_sees_nothing(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    panel(session, world)
    auditor = make_account(session, Role.AUDITOR)
    page = raters.raters_page(actor_of(auditor), "2025", "en")
    assert {one.name for one in page.groups[0].raters} == {"1", "2", "3"}
    assert not page.has_names
    head = make_account(session, Role.HEAD)
    with pytest.raises(Forbidden):
        raters.raters_page(actor_of(head), "2025", "en")


def test_raters_whom_no_office_ties_together_are_not_compared(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    for unit, score in zip(world.units, (40, 60), strict=True):
        rate(session, world.forms["experts"], make_account(session, Role.EXPERT), unit, [score])
    (group,) = raters.raters_page(world.actor(world.first), "2025", "en").groups
    assert group.raters == ()
    assert group.problem == "apart"
    assert [[str(unit) for unit in part] for part in group.parts] == [["U01 name (en)"], ["U02 name (en)"]]


def test_named_raters_with_a_unit_tell_who_trades_marks(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    units = [*world.units, make_unit(session, code="U03"), make_unit(session, code="U04")]
    for home in units:
        rater = make_account(session, Role.PEER, unit=home)
        for unit in units:
            if unit is not home:
                trades = {home.code, unit.code} == {"U02", "U03"}
                rate(session, world.forms["peers"], rater, unit, [5 if trades else 3])
    (group,) = raters.raters_page(world.actor(world.first), "2025", "en").groups
    assert not group.is_bound
    best = group.pairs[0]
    assert {str(best.first), str(best.second)} == {"U02 name (en)", "U03 name (en)"}
    assert float(best.effect_first or 0) > 10
    assert best.index is not None
    assert group.pairs[1].index is not None
    assert best.index > group.pairs[1].index


def test_of_confidential_raters_only_a_bound_is_told_and_not_of_too_few(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    form = world.forms["peers"]
    for of, to in (world.units, world.units[::-1]):
        task = make_assignment(session, form, make_account(session, Role.PEER, unit=of), to)
        task.state = "submitted"
    session.commit()
    board = world.actor(world.first)
    for unit in world.units:
        add_responses(session, form, unit, [[3]] * 3 + [[5]], stratum="all")
    (group,) = raters.raters_page(board, "2025", "en").groups
    assert (group.is_bound, group.pairs, group.too_few) == (True, (), 1)
    for unit in world.units:
        add_responses(session, form, unit, [[3]], stratum="all")
    (group,) = raters.raters_page(board, "2025", "en").groups
    (pair,) = group.pairs
    assert [float(one or 0) for one in (pair.effect_first, pair.effect_second)] == [10.0, 10.0]
    assert session.scalars(select(Assignment.response_id)).all() == [None, None]


def test_what_was_planted_in_the_demo_city_is_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    with copy_city(tmp_path_factory, "golden", PLANTED).app_context():
        assert_what_was_planted_is_found(db.session())
        db.session.remove()


def assert_what_was_planted_is_found(session: Session) -> None:
    world_check = check_2025(session)
    assert world_check["U14"] >= 300
    assert sum(world_check.values()) <= world_check["U14"] + 5
    page = raters.raters_page(actor_named("board1@rivergate.example"), "2025", "en")
    groups = {one.code: one for one in page.groups}
    effects = [float(one.effect or 0) for one in groups["experts"].raters]
    assert effects[0] == pytest.approx(12, abs=2)
    assert effects[-1] == pytest.approx(-9, abs=2)
    assert effects[0] - effects[1] > 8
    assert effects[-2] - effects[-1] > 6
    best = groups["peers"].pairs[0]
    assert {str(best.first), str(best.second)} == {"Digital & Data", "Rates & Finance"}


def check_2025(session: Session) -> Counter[str]:
    """Flags of bursts by unit."""
    check()
    query = select(Unit.code).join(Response, Response.unit_id == Unit.id).join(Flag, Flag.response_id == Response.id)
    return Counter(session.scalars(query.where(Flag.rule == "bursts", Flag.grade == 3)))
