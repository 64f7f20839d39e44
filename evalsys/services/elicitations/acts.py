"""Asking the board for weights: opening a question, answering it, closing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Elicitation, ElicitationAnswer, Round
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.elicitations.methods import METHODS, MOST_COMPARED, read_answer
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.versions import current_version
from evalsys.services.weights import Labels, WeightFamily, families_of, scheme_of


@dataclass(frozen=True)
class Asked:
    """What the board is asked: a family of weights, and how."""

    family: str
    method: str


def open_elicitation(actor: Actor, round_code: str, asked: Asked, *, now: datetime) -> int:
    """Ask every board member how much the members of a family should count; returns the number of the question.

    Raises Forbidden, NotFound; Conflict once the round is open, or while the same is asked already; Invalid for an
    unknown method or family, or for more parts than can be compared in pairs.
    """
    act = Act(actor, "elicitation.open", subject_of(round_code), now)
    with audited(act) as session:
        round_ = take_round(session, round_code, "elicit")
        family = find_family(session, round_, asked.family)
        if family is None or asked.method not in METHODS:
            raise Invalid("Choose a table of weights and a way to ask.")
        if asked.method == "ahp" and len(family.members) > MOST_COMPARED:
            raise Invalid("At most %(most)s parts can be compared in pairs.", {"most": MOST_COMPARED})
        same = Elicitation.round_id == round_.id, Elicitation.family == family.code, Elicitation.closed_at.is_(None)
        if session.scalar(select(Elicitation.id).where(*same).limit(1)):
            raise Conflict("The board is being asked for these weights already.")
        made = Elicitation(round_id=round_.id, family=family.code, method=asked.method)
        made.opened_by, made.opened_at = actor.account_id, now
        session.add(made)
        session.flush()
        act.detail = {"elicitation": made.id, "family": family.code, "method": asked.method}
        return made.id


def answer_elicitation(actor: Actor, round_code: str, number: int, body: Mapping[str, Any], *, now: datetime) -> None:
    """Keep one's own answer, or change it while the question is open. The audit log does not say what was answered.

    Raises Forbidden, NotFound; Conflict once the round is open or the question closed; Invalid for half an answer.
    """
    act = Act(actor, "elicitation.answer", subject_of(round_code), now)
    with audited(act) as session:
        round_ = take_round(session, round_code, "weigh")
        asked = _take(session, round_, number)
        family = find_family(session, round_, asked.family)
        if family is None:
            raise Conflict("These weights are no longer part of the round.")
        read_answer(asked.method, [member.code for member in family.members], body)
        former = session.get(ElicitationAnswer, (asked.id, actor.account_id))
        kept = former or ElicitationAnswer(elicitation_id=asked.id, account_id=actor.account_id)
        kept.body, kept.at = dict(body), now
        session.add(kept)
        act.detail = {"elicitation": asked.id, "again": former is not None}


def close_elicitation(actor: Actor, round_code: str, number: int, *, now: datetime) -> None:
    """Take no more answers; the result stays. Raises Forbidden, NotFound, Conflict (closed before, round open)."""
    act = Act(actor, "elicitation.open", subject_of(round_code), now)
    with audited(act) as session:
        asked = _take(session, take_round(session, round_code, "elicit"), number)
        asked.closed_at = now
        act.detail = {"elicitation": asked.id, "closed": True}


def find_elicitation(session: Session, round_: Round, number: int) -> Elicitation:
    """A question of this round. Raises NotFound."""
    found = session.scalar(select(Elicitation).where(Elicitation.id == number, Elicitation.round_id == round_.id))
    if found is None:
        raise NotFound("The board was not asked this.")
    return found


def find_family(session: Session, round_: Round, code: str, locale: str = "en") -> WeightFamily | None:
    """The family of weights with this code, as the weights editor shows it now."""
    families = families_of(scheme_of(current_version(session, round_).body), Labels(locale))
    return next((family for family in families if family.code == code), None)


def _take(session: Session, round_: Round, number: int) -> Elicitation:
    found = find_elicitation(session, round_, number)
    if found.closed_at is not None:
        raise Conflict("This question is closed: no more answers are taken.")
    return found
