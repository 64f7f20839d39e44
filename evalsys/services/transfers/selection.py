"""What an export holds: which answers, in which columns, under which fresh keys."""

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.models import OVER, Assignment, Indicator, Question, Questionnaire, Response, Round, Unit
from evalsys.models.response import COUNTED, EXCLUDED_BY_PERSONS, EXCLUDED_BY_RULE, IMPORTING, REPLACED
from evalsys.services.transfers.cells import safe_cell
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of
from scoring.collect import pack

ALL_GROUPS = ""
STATUSES = {
    COUNTED: "counted",
    REPLACED: "replaced",
    EXCLUDED_BY_RULE: "excluded_by_rule",
    EXCLUDED_BY_PERSONS: "excluded_by_persons",
}
NOT_ANSWERED, NO_BASIS, NOT_APPLICABLE = -9, -8, -7
RUBRIC_POINTS = 101
KEY_SPACE = 1 << 64
ROWS_AT_ONCE = 5_000
FACTS = ("response", "rater", "unit", "group", "stratum", "channel", "day", "status")

Cell = str | int | None
Row = list[Cell]


@dataclass(frozen=True)
class Asked:
    """An indicator of the export: its code and the points of its scale."""

    code: str
    points: int

    @property
    def values(self) -> dict[str, int]:
        """What each sign of a packed response means in the export; a 0-100 scale counts from 0."""
        first = 0 if self.points == RUBRIC_POINTS else 1
        meanings = {0: NOT_ANSWERED, self.points + 1: NO_BASIS, self.points + 2: NOT_APPLICABLE}
        meanings |= {place + 1: first + place for place in range(self.points)}
        return {pack([code], [self.points]): value for code, value in meanings.items()}


@dataclass(frozen=True)
class Form:
    """A questionnaire of the export: its group, the places of its columns, and what the signs in them mean."""

    group: str
    places: tuple[int, ...]
    values: tuple[Mapping[str, int], ...]


@dataclass(frozen=True)
class Selection:
    """Everything that says what the rows are; `minimum` is the least n of a group beside which comments may stand."""

    round_id: int
    round_code: str
    groups: tuple[str, ...]
    asked: tuple[Asked, ...]
    forms: Mapping[int, Form]
    units: Mapping[int, str]
    minimum: Mapping[str, int]
    only_counted: bool
    with_pace: bool
    raters: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The header."""
        return (*FACTS, *(("pace",) if self.with_pace else ()), *(one.code for one in self.asked))

    @property
    def is_wanted(self) -> ColumnElement[bool]:
        """Which responses."""
        status = Response.status == COUNTED if self.only_counted else Response.status != IMPORTING
        return Response.questionnaire_id.in_(list(self.forms)) & status


def select_answers(session: Session, round_: Round, options: Mapping[str, Any]) -> Selection:
    """What was asked for. Raises Invalid for a group that the round has not; Conflict while the round runs.

    While a round runs, answers are nobody's to see.
    """
    groups = {group.code: group for group in scheme_of(current_version(session, round_).body).groups}
    forms = session.scalars(
        select(Questionnaire).where(Questionnaire.round_id == round_.id).order_by(Questionnaire.id)
    ).all()
    wanted = [form for form in forms if options["group"] in (ALL_GROUPS, form.group)]
    if not wanted:
        raise Invalid("The round has no questionnaire of this group.")
    _require_over(round_)
    asked = _asked(session, [form.id for form in wanted])
    places = {one.code: place for place, one in enumerate(asked)}
    return Selection(
        round_id=round_.id,
        round_code=round_.code,
        groups=tuple(dict.fromkeys(form.group for form in wanted)),
        asked=asked,
        forms={form.id: _form(form, asked, places) for form in wanted},
        units={number: safe_cell(code) for number, code in session.execute(select(Unit.id, Unit.code))},
        minimum={code: group.minimum[1] for code, group in groups.items()},
        only_counted=bool(options["only_counted"]),
        with_pace=bool(options["pace"]),
        raters=_raters(session, [form.id for form in wanted]),
    )


def rows_of(connection: Connection, chosen: Selection, total: int) -> Iterator[list[Row]]:
    """All rows in portions, in a random order and under fresh random keys that ascend; memory stays flat.

    No two exports share a key or an order, so neither ties their rows together, nor to the log or the database.
    """
    step, place = KEY_SPACE // (total + 1), 0
    found = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(_query(chosen))
    for portion in found.partitions():
        rows = []
        for line in portion:
            key = f"r{place * step + secrets.randbelow(step):016x}"
            rows.append(_row(chosen, key, line))
            place += 1
        yield rows


def number_of(connection: Connection, chosen: Selection) -> int:
    """How many responses the database holds of what was asked for."""
    return connection.execute(select(func.count()).select_from(Response).where(chosen.is_wanted)).scalar_one()


def _query(chosen: Selection) -> Select[*tuple[Any, ...]]:
    columns = (
        Response.id,
        Response.questionnaire_id,
        Response.unit_id,
        Response.stratum,
        Response.channel,
        Response.day,
        Response.status,
        Response.pace,
        Response.answers,
    )
    return select(*columns).where(chosen.is_wanted).order_by(func.random())


def _row(chosen: Selection, key: str, line: Sequence[Any]) -> Row:
    id_, form_id, unit_id, stratum, channel, day, status, pace, answers = line
    form = chosen.forms[form_id]
    cells: Row = [None] * len(chosen.asked)
    for place, values, sign in zip(form.places, form.values, answers, strict=True):
        cells[place] = values[sign]
    facts: Row = [key, chosen.raters.get(id_), chosen.units[unit_id], form.group]
    facts += [_safe(stratum), _safe(channel), day.isoformat(), STATUSES[status]]
    if chosen.with_pace:
        facts.append(pace or None)
    return facts + cells


_safe = lru_cache(maxsize=1024)(safe_cell)


def _raters(session: Session, forms: list[int]) -> dict[str, str]:
    """By response, a fresh random name of its rater, the same within one export alone: of accountable groups only."""
    names: dict[int, str] = defaultdict(lambda: f"p{secrets.token_hex(8)}")
    query = select(Assignment.account_id, Assignment.response_id, Assignment.final_response_id).where(
        Assignment.questionnaire_id.in_(forms), Assignment.is_named
    )
    rows = session.execute(query).all()
    return {id_: names[account] for account, *own in rows for id_ in own if id_ is not None}


def _require_over(round_: Round) -> None:
    if round_.state not in OVER:
        raise Conflict("Answers can be exported when the round is closed: nobody sees results while it runs.")


def _asked(session: Session, forms: list[int]) -> tuple[Asked, ...]:
    query = (
        select(Indicator.code, Indicator.points)
        .join(Question, Question.indicator_id == Indicator.id)
        .where(Question.questionnaire_id.in_(forms))
        .order_by(Question.questionnaire_id, Question.position)
    )
    found = dict.fromkeys((code, points) for code, points in session.execute(query))
    return tuple(Asked(code, points) for code, points in found)


def _form(form: Questionnaire, asked: Sequence[Asked], places: Mapping[str, int]) -> Form:
    own = tuple(places[question.indicator.code] for question in form.questions)
    return Form(safe_cell(form.group), own, tuple(asked[place].values for place in own))
