"""Groups whose raters are accounts with tasks: their forms, their raters, and what may be changed when."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from evalsys.errors import Conflict, NotFound
from evalsys.models import BEFORE_OPENING, Account, Questionnaire, RaterGroup, Role, Round, RoundState, RoundUnit, Unit
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of

PEERS, ASSIGNED, ACCOUNTABLE = "peers", "assigned", "accountable"
CHANGEABLE = frozenset({*BEFORE_OPENING, RoundState.COLLECTING})


@dataclass(frozen=True)
class AssignedGroup:
    """One such group of a round; `is_named` when its promise is "accountable"."""

    round: Round
    code: str
    is_named: bool
    needs_release: bool
    forms: tuple[Questionnaire, ...]

    def form_of(self, unit_id: int) -> Questionnaire | None:
        """The form about a unit: its own before the general one."""
        fitting = [form for form in self.forms if form.unit_id in (unit_id, None)]
        return min(fitting, key=lambda form: form.unit_id is None, default=None)


def assigned_groups(session: Session, round_: Round) -> list[AssignedGroup]:
    """The round's groups of mode "assigned", in the order of its weights; peers are one unless the round says else."""
    said = {row.code: row for row in session.scalars(select(RaterGroup).where(RaterGroup.round_id == round_.id))}
    forms = session.scalars(
        select(Questionnaire).where(Questionnaire.round_id == round_.id).order_by(Questionnaire.id)
    ).all()
    found = []
    for group in scheme_of(current_version(session, round_).body).groups:
        row = said.get(group.code)
        own = tuple(form for form in forms if form.group == group.code)
        is_assigned = row.mode == ASSIGNED if row else group.code == PEERS
        if is_assigned and own:
            is_named = group.promise == ACCOUNTABLE
            found.append(AssignedGroup(round_, group.code, is_named, bool(row and row.needs_release), own))
    return found


def find_group(session: Session, round_: Round, code: str) -> AssignedGroup:
    """The group with this code. Raises NotFound when the round has none whose raters are assigned."""
    for group in assigned_groups(session, round_):
        if group.code == code:
            return group
    raise NotFound("This group has no assignments in this round.")


def take_group(session: Session, round_code: str, code: str) -> AssignedGroup:
    """The same with its round locked, for a change. Raises NotFound; Conflict once the round is closed."""
    round_ = session.scalar(select(Round).where(Round.code == round_code).with_for_update())
    if round_ is None:
        raise NotFound("This round does not exist.")
    if round_.state not in CHANGEABLE:
        raise Conflict("Assignments can be changed only until the round is closed.")
    return find_group(session, round_, code)


def raters_of(session: Session, group: AssignedGroup) -> list[Account]:
    """Who can be asked: experts for an accountable group, liaisons of offices for all others."""
    role = Role.EXPERT if group.is_named else Role.PEER
    query = select(Account).where(Account.role == role, Account.is_active).options(joinedload(Account.unit))
    return list(session.scalars(query.order_by(Account.login)))


def rated_units(session: Session, group: AssignedGroup) -> list[Unit]:
    """The active units of the round that the group has a form for, by code."""
    query = select(Unit).join(RoundUnit, RoundUnit.unit_id == Unit.id).where(RoundUnit.round_id == group.round.id)
    units = session.scalars(query.where(Unit.is_active).order_by(Unit.code))
    return [unit for unit in units if group.form_of(unit.id) is not None]
