"""What an exclusion does to the scores: the round scored with and without these answers, and nothing of it stored.

Locked until the exclusion is decided and the round closed: nobody may choose answers by what they do to a score. Every
look is on record, and from then on proposals of this round are marked as made with results known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import OVER, ExcludedResponse, Questionnaire, Response, Round, Unit
from evalsys.models.response import COUNTED
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.cells import count_cells, load_forms
from evalsys.services.quality.exclusions import PROPOSED, find_exclusion
from evalsys.services.rounds.states import find_round, subject_of
from evalsys.services.run_as_opened import BEHIND_SCORES
from evalsys.services.run_influence import clear_units
from evalsys.services.run_input import RunInput, freeze_input
from evalsys.services.run_tables import Tables, shown_tables, without_ranks
from evalsys.services.runs import score_input
from evalsys.services.trial import TrialLine, compare_lines
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of
from scoring.collect import CELL_COLUMNS
from scoring.scheme import Scheme

FEWEST_CHANGED = 10
"""A unit with fewer of its answers in the exclusion is not shown: the difference would tell what those few said."""


@dataclass(frozen=True)
class Effect:
    """Units before (with the answers) and after (without them); `hidden` were left out, `same` do not change."""

    exclusion_id: int
    number: int
    lines: tuple[TrialLine, ...]
    hidden: int
    same: int


def effect_of(actor: Actor, round_code: str, exclusion_id: int, locale: str, *, now: datetime) -> Effect:
    """Score with and without the answers of a decided exclusion.

    Raises Forbidden, NotFound; Conflict while it is not decided or the round collects.
    """
    act = Act(actor, "quality.read", subject_of(round_code), now, detail={"effect": exclusion_id})
    with audited(act) as session:
        round_ = find_round(session, round_code)
        found = find_exclusion(session, round_, exclusion_id)
        if found.state == PROPOSED:
            raise Conflict("The effect is shown once somebody has decided. Nobody chooses answers by what they do.")
        if round_.state not in OVER:
            raise Conflict("The effect is shown once the round is closed: no score exists before.")
        mine = select(ExcludedResponse.response_id).where(ExcludedResponse.exclusion_id == exclusion_id)
        inside = Response.id.in_(mine)
        scheme = scheme_of(current_version(session, round_).body)
        frames = (
            _input(session, round_, scheme, or_(Response.status == COUNTED, inside)),
            _input(session, round_, scheme, and_(Response.status == COUNTED, ~inside)),
        )
        changed = _changed(session, inside)
        before, after = (_seen(frame, scheme, round_) for frame in frames)
        return _compare((before, after), (exclusion_id, found.number, changed), locale)


def _seen(frame: RunInput, scheme: Scheme, round_: Round) -> Tables:
    tables = shown_tables(score_input(frame, scheme), scheme, "overseer")
    return without_ranks(tables) if round_.is_pilot else tables


def _compare(tables: tuple[Tables, Tables], what: tuple[int, int, Mapping[str, int]], locale: str) -> Effect:
    before, after = tables
    exclusion_id, number, changed = what
    few = {unit for unit, count in changed.items() if count < FEWEST_CHANGED}
    clear = (clear_units(before, BEHIND_SCORES) & clear_units(after, BEHIND_SCORES)) - few
    lines = compare_lines(before, after, frozenset(clear), locale)
    moved = tuple(line for line in lines if line.before != line.after)
    return Effect(exclusion_id, number, moved, len(before["scores"]) - len(clear), len(lines) - len(moved))


def _input(session: Session, round_: Round, scheme: Scheme, which: ColumnElement[bool]) -> RunInput:
    """What a run would read if exactly these responses counted."""
    frozen = freeze_input(session, round_, scheme)
    forms = dict(session.execute(select(Questionnaire.id, Questionnaire.code).filter_by(round_id=round_.id)).all())
    names = dict(session.execute(select(Unit.id, Unit.code)).all())
    shapes = load_forms(session, forms)
    rows = [
        (
            names[key.unit_id],
            forms[key.questionnaire_id],
            key.stratum,
            tally.n,
            tally.counts_blob(),
            tally.moments_blob(),
        )
        for form in sorted(shapes)
        for key, tally in sorted(count_cells(session, form, shapes, sorted(names), which).items())
    ]
    return replace(frozen, cells=pd.DataFrame(rows, columns=list(CELL_COLUMNS)))


def _changed(session: Session, inside: ColumnElement[bool]) -> dict[str, int]:
    """How many answers about each unit are in the exclusion."""
    query = select(Unit.code, func.count()).join(Response, Response.unit_id == Unit.id).where(inside)
    return dict(session.execute(query.group_by(Unit.code)).all())
