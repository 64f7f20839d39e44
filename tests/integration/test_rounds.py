"""Rounds: where a new one comes from, what opening asks for, and what its page says."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import (
    Assignment,
    AuditEntry,
    Credential,
    Inbox,
    Question,
    Questionnaire,
    Response,
    Role,
    Round,
    RoundState,
    SchemeVersion,
)
from evalsys.services import content, rounds, sealing
from evalsys.services.collection import put_into_box
from evalsys.services.presets import read_preset
from evalsys.services.rounds import NewRound
from evalsys.services.sealing import Content
from tests.factories import NOW, make_account, make_assignment, make_unit
from tests.integration.governing import add_answers, audit_of, make_world

TITLES = {"en": "The new round", "zh": "新一轮", "ar": "الجولة الجديدة"}
LATER = NOW + timedelta(days=1)


def new_round(source: str, code: str = "2026") -> NewRound:
    return NewRound(code, source, date(2026, 1, 1), date(2026, 12, 31), TITLES)


def test_a_round_from_a_former_one_takes_over_units_forms_assignments_and_weights(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    expert, gone = make_account(session, Role.EXPERT), make_account(session, Role.EXPERT, is_active=False)
    for account in (expert, gone):
        make_assignment(session, world.forms["experts"], account, world.units[0])
    world.units[1].is_active = False
    session.commit()
    rounds.create_round(world.actor(world.analyst), new_round("round:2025"), now=LATER)
    made = session.scalars(select(Round).where(Round.code == "2026")).one()
    assert (made.state, made.previous_id) == (RoundState.DRAFT, world.round.id)
    assert [place.unit.code for place in made.units] == ["U01"]
    forms = session.scalars(select(Questionnaire).where(Questionnaire.round_id == made.id)).all()
    assert {form.code for form in forms} == {form.code for form in world.forms.values()}
    assert sum(len(form.questions) for form in forms) == 4
    tasks = session.scalars(select(Assignment).join(Questionnaire).where(Questionnaire.round_id == made.id)).all()
    assert [(task.account_id, task.state, task.is_named) for task in tasks] == [(expert.id, "open", True)]
    versions = session.scalars(select(SchemeVersion).order_by(SchemeVersion.id)).all()
    assert [(v.number, v.state, v.digest) for v in versions] == [
        (1, "approved", versions[0].digest),
        (1, "proposed", versions[0].digest),
    ]
    assert str(content.text_of("round", "2026", "name", "ar")) == TITLES["ar"]


def test_a_round_from_a_preset_has_its_forms_and_all_active_units(session: Session) -> None:
    world = make_world(session)
    make_unit(session, code="U03", is_active=False)
    rounds.create_round(world.actor(world.analyst), new_round("preset:rivergate"), now=LATER)
    made = session.scalars(select(Round).where(Round.code == "2026")).one()
    preset = read_preset("rivergate")
    assert made.method == preset.method
    assert {place.unit.code for place in made.units} == {"U01", "U02"}
    asked = select(Question).join(Questionnaire).where(Questionnaire.round_id == made.id)
    assert len(session.scalars(asked).all()) == sum(len(form.indicators) for form in preset.forms)
    page = rounds.round_page(world.actor(world.first), "2026", "zh")
    assert [str(group.weight) for group in page.groups] == ["50", "20", "30"]
    assert page.version.state == "proposed"


def test_a_code_is_used_once(session: Session) -> None:
    world = make_world(session)
    with pytest.raises(Conflict):
        rounds.create_round(world.actor(world.analyst), new_round("round:2025", code="2025"), now=LATER)
    assert audit_of(session) == [("round.create", "refused")]


@pytest.mark.parametrize("source", ["round:1999", "preset:nothing", "preset:../../secrets", "elsewhere"])
def test_an_unknown_source_is_not_found(session: Session, source: str) -> None:
    world = make_world(session)
    with pytest.raises(NotFound):
        rounds.create_round(world.actor(world.analyst), new_round(source), now=LATER)
    assert session.scalars(select(Round.code)).all() == ["2025"]


def test_a_round_does_not_end_before_it_begins(session: Session) -> None:
    world = make_world(session)
    wrong = NewRound("2026", "round:2025", date(2026, 2, 1), date(2026, 1, 1), TITLES)
    with pytest.raises(Invalid):
        rounds.create_round(world.actor(world.analyst), wrong, now=LATER)


def test_opening_records_the_time_and_the_digest_of_the_weights(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    rounds.open_round(world.actor(world.analyst), "2025", now=LATER)
    session.expire_all()
    assert session.get_one(Round, world.round.id).opened_at == LATER
    entry = session.scalars(select(AuditEntry)).one()
    assert entry.detail["scheme"] == session.scalars(select(SchemeVersion.digest)).one()


def test_a_round_without_a_form_for_every_counted_indicator_does_not_open(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    session.delete(world.forms["peers"])
    session.commit()
    with pytest.raises(Conflict) as refusal:
        rounds.open_round(world.actor(world.analyst), "2025", now=LATER)
    assert refusal.value.params == {"names": "cooperation (peers)"}


def test_a_round_without_units_does_not_open(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    world.round.units = []
    session.commit()
    with pytest.raises(Conflict, match="no units"):
        rounds.open_round(world.actor(world.analyst), "2025", now=LATER)


def test_closing_mixes_the_last_answers_however_few(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    session.add(Credential(digest="d" * 64, round_id=world.round.id, stratum="users", state=1))
    lies = Content(unit_id=world.units[0].id, channel="web", day=date(2025, 6, 1), answers="45")
    session.commit()
    put_into_box(session, world.forms["citizens"].id, "users", lies, sealing.key_of(world.round.id))
    session.commit()
    rounds.close_round(world.actor(world.analyst), "2025", now=LATER)
    session.expire_all()
    assert session.scalars(select(Inbox.ballot)).all() == []
    assert session.scalars(select(Response.answers)).all() == ["45"]
    assert session.get_one(Round, world.round.id).closed_at == LATER


def test_the_page_counts_answers_and_shows_no_score_while_collecting(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    add_answers(session, world.forms["citizens"], world.units[0], [[5, 4], [3, 2]])
    page = rounds.round_page(world.actor(world.analyst), "2025", "en")
    counts = {unit.code: unit.counts for category in page.categories for unit in category.units}
    assert counts == {"U01": (2, 0, 0), "U02": (0, 0, 0)}
    assert page.totals == (2, 0, 0)
    assert page.runs == ()
    assert page.acts == ("close",)
    assert not page.may_propose


def test_everybody_sees_only_the_acts_of_her_role(session: Session) -> None:
    world = make_world(session, RoundState.DRAFT_RESULTS)
    assert rounds.round_page(world.actor(world.analyst), "2025", "en").acts == ("score", "share")
    assert rounds.round_page(world.actor(world.first), "2025", "en").acts == ("suspend",)


def test_the_start_page_lists_what_waits_for_a_decision(session: Session) -> None:
    world = make_world(session)
    page = rounds.dashboard(world.actor(world.first), "en")
    assert [(one.code, one.units) for one in page.rounds] == [("2025", 2)]
    assert [(one.round_code, one.number, one.is_own) for one in page.waiting] == [("2025", 1, False)]
    assert rounds.dashboard(world.actor(world.analyst), "en").waiting[0].is_own
