"""What a round lacks: each thing alone keeps it from opening, the page and the refusal say the same words."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import (
    AuditEntry,
    Question,
    Round,
    RoundDate,
    RoundIndicator,
    RoundState,
    RoundUnit,
    RuleDocument,
    SchemeVersion,
    Translation,
)
from evalsys.services import rounds
from evalsys.services.design.setup import Step, setup_page
from evalsys.services.rounds.completeness import missing
from tests.factories import NOW, give_rules
from tests.integration.governing import World, make_world

TODAY = date(2025, 1, 10)


def _without_units(session: Session, world: World) -> None:
    session.execute(delete(RoundUnit))


def _without_questions(session: Session, world: World) -> None:
    session.execute(delete(Question).where(Question.questionnaire_id == world.forms["peers"].id))


def _without_words(session: Session, world: World) -> None:
    session.execute(delete(Translation).where(Translation.entity_key == "cooperation", Translation.locale == "ar"))


def _without_form(session: Session, world: World) -> None:
    session.delete(world.forms["peers"])


def _without_approval(session: Session, world: World) -> None:
    session.execute(update(SchemeVersion).values(state="superseded"))


def _without_rules(session: Session, world: World) -> None:
    session.execute(delete(RuleDocument))


BLOCKERS: dict[str, tuple[Callable[[Session, World], None], set[str], str]] = {
    "units": (_without_units, {"units"}, "no units"),
    "questions": (_without_questions, {"questionnaires", "asked"}, "asks nothing"),
    "words": (_without_words, {"questionnaires", "asked"}, "Words are missing"),
    "form": (_without_form, {"asked"}, "no form asks about: cooperation (peers)"),
    "weights": (_without_approval, {"weights"}, "no approved weights"),
    "rules": (_without_rules, {"rules"}, "no rule document"),
}


def steps(session: Session, world: World) -> dict[str, Step]:
    session.rollback()
    return {step.code: step for step in setup_page(world.actor(world.first), "2025", "en", today=TODAY).steps}


def said(refusal: Conflict) -> str:
    problems = [message % dict(params) if params else message for message, params in refusal.problems]
    return " ".join([str(refusal), *problems])


def test_a_round_with_everything_lacks_nothing_and_opens(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    assert missing(session, world.round) == ()
    assert {step.code for step in steps(session, world).values() if step.state == "missing"} == set()
    assert setup_page(world.actor(world.analyst), "2025", "en", today=TODAY).may_open
    assert not setup_page(world.actor(world.first), "2025", "en", today=TODAY).may_open
    rounds.open_round(world.actor(world.analyst), "2025", now=NOW)


@pytest.mark.parametrize("lack", list(BLOCKERS))
def test_each_lack_alone_keeps_the_round_from_opening_with_its_words(session: Session, lack: str) -> None:
    world = make_world(session, RoundState.APPROVED)
    take_away, wanted, words = BLOCKERS[lack]
    take_away(session, world)
    session.commit()
    found = steps(session, world)
    assert {step.code for step in found.values() if step.state == "missing"} == wanted
    with pytest.raises(Conflict) as refusal:
        rounds.open_round(world.actor(world.analyst), "2025", now=NOW)
    assert words in said(refusal.value)
    told = {note.message % dict(note.params) for step in found.values() for note in step.notes if note.params}
    told |= {note.message for step in found.values() for note in step.notes}
    assert any(words in sentence for sentence in told)
    entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry is not None
    assert set(entry.detail["missing"]) == wanted


@pytest.mark.database("sqlite")
def test_an_opening_that_lacks_several_things_names_all_of_them(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    for take_away, _wanted, _words in (BLOCKERS["units"], BLOCKERS["rules"], BLOCKERS["form"]):
        take_away(session, world)
    session.commit()
    with pytest.raises(Conflict, match="several things") as refusal:
        rounds.open_round(world.actor(world.analyst), "2025", now=NOW)
    text = said(refusal.value)
    assert all(words in text for words in ("no units", "no rule document", "cooperation (peers)"))


def test_groups_without_raters_targets_and_calendar_are_advice_and_block_nothing(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    found = steps(session, world)
    assert {code for code, step in found.items() if step.state == "advice"} == {
        "peers",
        "experts",
        "citizens",
        "targets",
        "thresholds",
        "calendar",
        "consultation",
    }


def test_opening_freezes_the_rules_in_one_digest(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    rounds.open_round(world.actor(world.analyst), "2025", now=NOW)
    session.expire_all()
    frozen = session.get_one(Round, world.round.id).rules_digest
    assert len(frozen) == 64
    entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry is not None
    assert entry.detail["rules"] == frozen
    assert rounds.round_page(world.actor(world.first), "2025", "en").facts.rules_digest == frozen


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("part", ["document", "quorum", "category", "calendar", "units"])
def test_whatever_is_frozen_changes_the_digest(session: Session, part: str) -> None:
    world = make_world(session, RoundState.APPROVED)
    rounds.open_round(world.actor(world.analyst), "2025", now=NOW)
    session.expire_all()
    before = world.round.rules_digest
    world.round.state = RoundState.APPROVED
    session.execute(delete(RoundIndicator))
    if part == "document":
        session.execute(delete(RuleDocument))
        session.commit()
        give_rules(session, "2025", digest="e" * 64)
    elif part == "quorum":
        world.round.quorum = 2
    elif part == "category":
        world.round.units[0].category.code = "another"
    elif part == "calendar":
        session.add(RoundDate(round_id=world.round.id, step="closing", due_on=TODAY))
    else:
        session.delete(world.round.units[1])
    session.commit()
    rounds.open_round(world.actor(world.analyst), "2025", now=NOW)
    session.expire_all()
    assert world.round.rules_digest != before


def test_a_round_made_from_a_former_one_rests_on_the_same_document(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    new = rounds.NewRound("2026", "round:2025", date(2026, 1, 1), date(2026, 12, 31), {"en": "Next"})
    rounds.create_round(world.actor(world.analyst), new, now=NOW)
    documents = session.query(RuleDocument).order_by(RuleDocument.id).all()
    assert [one.digest for one in documents] == [documents[0].digest] * 2
    assert documents[1].uploaded_by == world.analyst.id
