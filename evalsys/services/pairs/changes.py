"""Changing who rates whom: by a list, by a draw, by withdrawing; and whether a head releases the answers."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.i18n import _l
from evalsys.models import Assignment, RaterGroup, RoundState
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.pairs.drawing import Wish, draw, shortages
from evalsys.services.pairs.groups import ASSIGNED, AssignedGroup, rated_units, raters_of, take_group
from evalsys.services.pairs.upload import sort_pairs
from evalsys.services.rounds.states import subject_of

UPLOAD, DRAW = "upload", "draw"
OPEN, CONFLICT = "open", "conflict"
MOST_EACH = 50
SEED_BYTES = 8
AT_MOST = _l("Office %(unit)s: %(there)s at most.")


@dataclass(frozen=True)
class Uploaded:
    """What became of a list: pairs added, pairs that were there, rows left out."""

    added: int
    there: int
    rejected: int


@dataclass(frozen=True)
class DrawOrder:
    """How many raters each unit is to have; the same `seed` repeats a draw, an empty one is made up."""

    round_code: str
    group: str
    each: int
    seed: str = ""


@dataclass(frozen=True)
class Drawn:
    """How many pairs were drawn, and from which seed."""

    added: int
    seed: str


@dataclass(frozen=True)
class Withdrawal:
    """Which assignments are taken back, and why."""

    round_code: str
    group: str
    assignment_ids: Collection[int]
    reason: str


def upload_pairs(actor: Actor, round_code: str, group: str, text: str, *, now: datetime) -> Uploaded:
    """Store the pairs of a list that are not there yet; rows that do not fit are left out and counted.

    Raises Forbidden, NotFound, Invalid, and Conflict once the round is closed.
    """
    act = Act(actor, "assignment.draw", subject_of(round_code), now, detail={"group": group, "by": UPLOAD})
    with audited(act) as session:
        taken = take_group(session, round_code, group)
        found = sort_pairs(session, taken, text)
        _add(session, taken, ((rater.id, unit.id) for rater, unit in found.fresh), UPLOAD)
        done = Uploaded(len(found.fresh), found.there, len(found.problems))
        act.detail |= {"added": done.added, "there": done.there, "rejected": done.rejected}
        return done


def draw_pairs(actor: Actor, order: DrawOrder, *, now: datetime) -> Drawn:
    """Fill every unit up to `order.each` raters; what is there stays and counts. The seed is put on record.

    Raises Forbidden, NotFound; Invalid when there are too few raters, with the numbers; Conflict once the round is
    closed.
    """
    act = Act(actor, "assignment.draw", subject_of(order.round_code), now)
    seed = order.seed or secrets.token_hex(SEED_BYTES)
    act.detail = {"group": order.group, "by": DRAW, "each": order.each, "seed": seed}
    with audited(act) as session:
        group = take_group(session, order.round_code, order.group)
        if not 1 <= order.each <= MOST_EACH:
            raise Invalid("Ask for 1 to %(most)s raters an office.", {"most": MOST_EACH})
        pairs = draw(_wish(session, group, order.each), seed)
        _add(session, group, pairs, DRAW)
        act.detail |= {"added": len(pairs)}
        return Drawn(len(pairs), seed)


def withdraw_assignments(actor: Actor, withdrawal: Withdrawal, *, now: datetime) -> int:
    """Take assignments back that nobody has begun; returns how many.

    Raises Forbidden, NotFound; Invalid without a reason or without any; Conflict when one is begun or was taken back.
    """
    act = Act(actor, "assignment.draw", subject_of(withdrawal.round_code), now, reason=withdrawal.reason)
    act.detail = {"group": withdrawal.group, "by": "withdrawal"}
    with audited(act) as session:
        group = take_group(session, withdrawal.round_code, withdrawal.group)
        if not withdrawal.assignment_ids:
            raise Invalid("Tick at least one assignment that you want to take back.")
        if not withdrawal.reason.strip():
            raise Invalid("Say why these assignments are taken back.")
        found = session.scalars(
            _tasks(group).where(Assignment.id.in_(list(withdrawal.assignment_ids))).with_for_update()
        ).all()
        if len(found) < len(set(withdrawal.assignment_ids)) or not all(map(is_untouched, found)):
            raise Conflict("One of these assignments has been begun or taken back meanwhile. Look at the list again.")
        act.detail |= {"pairs": sorted([task.account.login, task.unit.code] for task in found)}
        for task in found:
            session.delete(task)
        return len(found)


def set_release(actor: Actor, round_code: str, group: str, needs_release: bool, *, now: datetime) -> None:
    """Say whether the head of the rater's unit reads and releases the answers; only before the round opens.

    Raises Forbidden, NotFound; Conflict once raters may have read another promise, or for a group with names.
    """
    act = Act(actor, "group.edit", subject_of(round_code), now)
    act.detail = {"group": group, "needs_release": needs_release}
    with audited(act) as session:
        found = take_group(session, round_code, group)
        if found.round.state == RoundState.COLLECTING:
            raise Conflict("The round is open: what its raters were promised cannot change any more.")
        if found.is_named:
            raise Conflict("The raters of this group answer with their names, so no head releases their answers.")
        row = session.get(RaterGroup, (found.round.id, group))
        if row is None:
            row = RaterGroup(round_id=found.round.id, code=group, mode=ASSIGNED)
            session.add(row)
        row.needs_release = needs_release


def is_untouched(task: Assignment) -> bool:
    """True while nothing was filled in, sent or declared."""
    return task.state == OPEN and not task.draft


def _wish(session: Session, group: AssignedGroup, each: int) -> Wish:
    """What is there counts, unless it is a declared conflict or an open task of somebody who is gone."""
    raters = {rater.id: rater.unit_id for rater in raters_of(session, group)}
    units = rated_units(session, group)
    tasks = session.scalars(_tasks(group)).all()
    barred = {(task.account_id, task.unit_id) for task in tasks if task.state == CONFLICT}
    given = {
        (task.account_id, task.unit_id)
        for task in tasks
        if task.state != CONFLICT and (task.account_id in raters or task.state != OPEN)
    }
    wish = Wish(raters, [unit.id for unit in units], each, given, barred)
    codes = {unit.id: unit.code for unit in units}
    short = [(codes[one.unit], one.there) for one in shortages(wish)]
    if short:
        raise Invalid(
            "There are too few raters: %(number)s offices cannot have %(each)s. Office %(unit)s could have %(there)s "
            "at most, since nobody rates her own office.",
            {"number": len(short), "each": each, "unit": short[0][0], "there": short[0][1]},
            [(AT_MOST, {"unit": unit, "there": there}) for unit, there in short],
        )
    return wish


def _tasks(group: AssignedGroup) -> Select[Assignment]:
    return select(Assignment).where(Assignment.questionnaire_id.in_([form.id for form in group.forms]))


def _add(session: Session, group: AssignedGroup, pairs: Iterable[tuple[int, int]], origin: str) -> None:
    for rater_id, unit_id in pairs:
        form = group.form_of(unit_id)
        if form is not None:
            session.add(
                Assignment(
                    questionnaire_id=form.id,
                    account_id=rater_id,
                    unit_id=unit_id,
                    is_named=group.is_named,
                    origin=origin,
                )
            )
