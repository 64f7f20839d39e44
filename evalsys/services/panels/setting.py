"""Where a round's experts work: their forms, the rules of their group, and who they are."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, NotFound
from evalsys.models import BEFORE_OPENING, Account, Questionnaire, RaterGroup, Role, Round, RoundState, Unit

EXPERTS = "experts"
BEFORE_CLOSE = (*BEFORE_OPENING, RoundState.COLLECTING)


def find_forms(session: Session, round_id: int) -> list[Questionnaire]:
    """The questionnaires of the round's experts, those of a single unit first."""
    query = select(Questionnaire).where(Questionnaire.round_id == round_id, Questionnaire.group == EXPERTS)
    return list(session.scalars(query.order_by(Questionnaire.unit_id.is_(None), Questionnaire.id)))


def form_of(forms: Iterable[Questionnaire], unit_id: int) -> Questionnaire | None:
    """The form for a unit: its own before the general one; `forms` come in the order of `find_forms`."""
    return next((form for form in forms if form.unit_id in (unit_id, None)), None)


def indicators_of(forms: Iterable[Questionnaire]) -> list[str]:
    """The codes of all indicators that experts are asked about, in the order of the forms, each once."""
    return list(dict.fromkeys(question.indicator.code for form in forms for question in form.questions))


def find_group(session: Session, round_id: int) -> RaterGroup:
    """The rules of the round's experts as they stand; without a row those of the usual way, not stored."""
    found = session.get(RaterGroup, (round_id, EXPERTS))
    usual = {"has_two_rounds": False, "panel_stage": 1, "needs_calibration": False}
    return found or RaterGroup(round_id=round_id, code=EXPERTS, mode="assigned", **usual)


def take_group(session: Session, round_id: int) -> RaterGroup:
    """The same to be changed: a stored row, locked."""
    query = select(RaterGroup).where(RaterGroup.round_id == round_id, RaterGroup.code == EXPERTS)
    found = session.scalar(query.with_for_update())
    if found is None:
        found = find_group(session, round_id)
        session.add(found)
        session.flush()
    return found


def find_experts(session: Session) -> list[Account]:
    """All experts who may sign in, by name."""
    query = select(Account).where(Account.role == Role.EXPERT, Account.is_active)
    return list(session.scalars(query.order_by(Account.name, Account.id)))


def take_round_of_panels(session: Session, code: str, states: Sequence[RoundState] = BEFORE_CLOSE) -> Round:
    """Lock the round, so that two changes of its panels come one after the other. Raises NotFound, Conflict."""
    round_ = session.scalar(select(Round).where(Round.code == code).with_for_update())
    if round_ is None:
        raise NotFound("This round does not exist.")
    if round_.state not in states:
        raise Conflict("The panels of this round can no longer be changed.")
    return round_


def expert_numbered(session: Session, account_id: int) -> Account:
    """One expert. Raises NotFound, also for an account of another role."""
    query = select(Account).where(Account.id == account_id, Account.role == Role.EXPERT)
    found = session.scalar(query)
    if found is None:
        raise NotFound("This expert does not exist.")
    return found


def units_of(round_: Round) -> dict[str, Unit]:
    """The active units of the round, by code."""
    return {place.unit.code: place.unit for place in round_.units if place.unit.is_active}
