"""How a group is collected: the row of a group, its usual values, and changing them before the round opens."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.errors import Invalid, NotFound
from evalsys.i18n import _l
from evalsys.models import RaterGroup, Round
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.questionnaires.editing import BEFORE_OPENING
from evalsys.services.questionnaires.storing import mode_of
from evalsys.services.rounds.states import take_round
from evalsys.services.versions import newest_version
from evalsys.services.weights import scheme_of
from scoring.scheme import Group

PUBLIC, ASSIGNED, VISIT = MODES = ("public", "assigned", "visit")
OPEN, ALL = "open", "all"
PROMISES = {PUBLIC: ("anonymous", "confidential"), ASSIGNED: ("confidential", "accountable"), VISIT: ("accountable",)}


@dataclass(frozen=True)
class GroupOptions:
    """How a group is asked; `parents` maps a stratum to the one it joins when it has too few answers at the close."""

    mode: str = PUBLIC
    has_open_channel: bool = False
    needs_release: bool = False
    has_two_rounds: bool = False
    needs_calibration: bool = False
    parents: Mapping[str, str] = field(default_factory=dict)


def set_options(actor: Actor, round_code: str, group: str, options: GroupOptions, *, now: datetime) -> None:
    """Change how a group is asked, a group of a preset as well. Raises Forbidden, NotFound, Conflict, Invalid."""
    act = Act(actor, "group.edit", f"group:{round_code}/{group}"[:100], now, detail={"options": asdict(options)})
    with audited(act) as session:
        round_ = take_round(session, round_code, BEFORE_OPENING)
        found = find_group(session, round_, group)
        check_options(options, found.promise, [stratum.code for stratum in found.strata])
        act.detail["before"] = asdict(options_of(session, round_, group))
        put_options(session, round_, group, options)


def find_group(session: Session, round_: Round, code: str) -> Group:
    """The group in the newest weights, proposed or in force. Raises NotFound."""
    scheme = scheme_of(newest_version(session, round_).body)
    found = next((group for group in scheme.groups if group.code == code), None)
    if found is None:
        raise NotFound("This round has no such group.")
    return found


def options_of(session: Session, round_: Round, group: str) -> GroupOptions:
    """The options of a group; where the round says nothing, what is usual for it."""
    row = session.get(RaterGroup, (round_.id, group))
    if row is None:
        return GroupOptions(mode_of(session, round_.id, group), has_open_channel=group == "citizens")
    return GroupOptions(**{name: getattr(row, name) for name in GroupOptions.__dataclass_fields__})


def put_options(session: Session, round_: Round, group: str, options: GroupOptions) -> None:
    """Write the row of a group."""
    row = session.get(RaterGroup, (round_.id, group))
    if row is None:
        row = RaterGroup(round_id=round_.id, code=group)
        session.add(row)
    for name, value in asdict(options).items():
        setattr(row, name, value)
    session.flush()


def check_options(options: GroupOptions, promise: str, strata: list[str]) -> None:
    """Raise Invalid when options, promise and strata do not go together."""
    if promise not in PROMISES[options.mode]:
        raise Invalid(WHY_NOT[options.mode])
    is_public, is_assigned = options.mode == PUBLIC, options.mode == ASSIGNED
    has_task_options = options.needs_release or options.has_two_rounds or options.needs_calibration
    for is_wrong, why in (
        (options.has_open_channel and not is_public, NO_CHANNEL),
        (options.has_open_channel and OPEN not in strata, NO_OPEN_STRATUM),
        (not is_public and ALL not in strata, NO_WHOLE),
        (has_task_options and not is_assigned, NO_TASKS),
        (options.needs_release and promise != "confidential", NO_RELEASE),
        (options.has_two_rounds and promise != "accountable", NO_ROUNDS),
    ):
        if is_wrong:
            raise Invalid(why)
    _check_parents(options.parents, strata)


def _check_parents(parents: Mapping[str, str], strata: list[str]) -> None:
    for stratum, parent in parents.items():
        if OPEN in (stratum, parent):
            raise Invalid("The open channel stays apart: it joins no other part, and none joins it.")
        if stratum not in strata or parent not in strata or stratum == parent or parent in parents:
            raise Invalid(
                "A part of the group can join another part that joins none itself: check “%(name)s”.",
                {"name": stratum},
            )


NO_CHANNEL = _l("Only a public form can have an open channel.")
NO_OPEN_STRATUM = _l("An open channel needs a part of the group called “open”, which is shown apart.")
NO_WHOLE = _l("A group with tasks or visits is one whole: it needs the part called “all”.")
NO_TASKS = _l("Release, two rounds and calibration are for groups with tasks.")
NO_RELEASE = _l("A head releases the answers of her office only where they are confidential.")
NO_ROUNDS = _l("Two rounds are for groups whose answers are kept with names.")
WHY_NOT = {
    PUBLIC: _l("A public form keeps no names: promise that answers are anonymous, or confidential."),
    ASSIGNED: _l("Who has a task has an account: promise that answers are confidential, or kept with names."),
    VISIT: _l("A visit is kept with the name of who made it: promise that answers are kept with names."),
}
