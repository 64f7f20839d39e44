"""Commitments as they stand on scorecards: those of the card's round, and how far those of former rounds were."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from evalsys.models import PUBLIC, Commitment, Round
from evalsys.reports.commitments import CommitmentLine
from evalsys.services.commitments.standing import standing_of

Promised = dict[int, tuple[CommitmentLine, ...]]


def own_lines(session: Session, round_: Round) -> Promised:
    """What each office, by its id, commits itself to in this round; topics are codes yet."""
    found: dict[int, list[CommitmentLine]] = defaultdict(list)
    query = select(Commitment).where(Commitment.round_id == round_.id).order_by(Commitment.unit_id, Commitment.number)
    for one in session.scalars(query):
        found[one.unit_id].append(_line(one))
    return {unit: tuple(lines) for unit, lines in found.items()}


def former_lines(session: Session, round_: Round, day: date) -> Promised:
    """What each office promised in earlier published rounds, with its state on `day`, the newest round first.

    All of the last round in which it promised something; of those before it only what is still open.
    """
    found: dict[int, list[CommitmentLine]] = defaultdict(list)
    last: dict[int, int] = {}
    earlier = Round.period_end < round_.period_end, Round.id != round_.id
    for one in session.scalars(_public_ones().where(*earlier)):
        is_last = last.setdefault(one.unit_id, one.round_id) == one.round_id
        state = standing_of(one, day)
        if is_last or not state.is_settled:
            line = replace(_line(one), round_code=one.round.code, state=state.state, is_overdue=state.is_overdue)
            line = replace(line, note=state.note, note_locale=state.locale, reported_on=state.on)
            found[one.unit_id].append(line)
    return {unit: tuple(lines) for unit, lines in found.items()}


def _public_ones() -> Select[Commitment]:
    query = select(Commitment).join(Round, Round.id == Commitment.round_id)
    query = query.where(Round.state.in_(PUBLIC), Round.is_pilot.is_(False))
    query = query.options(joinedload(Commitment.round), selectinload(Commitment.reports))
    return query.order_by(Commitment.unit_id, Round.period_end.desc(), Round.id.desc(), Commitment.number)


def _line(one: Commitment) -> CommitmentLine:
    return CommitmentLine(text=one.text, locale=one.locale, topic=one.topic, owner=one.owner, due=one.due)
