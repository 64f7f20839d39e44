"""How many answers field work aims at: for a group, or one of its strata, units, or options of a background question.

An option is written "indicator:level", such as "district:3". Only questions that no weight counts may be named: the
number of answers with a level of a scored question would be a result.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, NotFound
from evalsys.i18n import _l
from evalsys.models import (
    BEFORE_OPENING,
    Indicator,
    Question,
    Questionnaire,
    Round,
    RoundState,
    RoundUnit,
    Target,
    Unit,
)
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round, subject_of
from evalsys.services.rowlist import STANDS_ABOVE, Row, RowProblem, read_rows, refuse_rows
from evalsys.services.versions import current_version
from evalsys.services.weights import Labels, scheme_of

COLUMNS = ("group", "stratum", "unit", "option", "number")
LARGEST = 10_000_000
MOST_ROWS = 5000
DIGITS = 8
CHANGEABLE = (*BEFORE_OPENING, RoundState.COLLECTING)


@dataclass(frozen=True)
class Aim:
    """A target; empty fields stand for all. `number` None takes the target away."""

    group: str
    stratum: str
    unit: str
    option: str
    number: int | None


@dataclass(frozen=True)
class Known:
    """What a target may name: strata by group, units, and how many levels each background question of a group has."""

    strata: Mapping[str, tuple[str, ...]]
    units: frozenset[str]
    options: Mapping[tuple[str, str], int]
    scored: frozenset[str]


@dataclass(frozen=True)
class GroupChoice:
    """A group with its strata, as a target may name them."""

    code: str
    name: Text
    strata: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class TargetLine:
    """A target with the names of what it is for; empty texts stand for all."""

    group: Text
    stratum: Text | None
    unit: Text | None
    option: str
    number: int


@dataclass(frozen=True)
class TargetPage:
    """All targets of a round, and what a new one may name; `options` are written as in a target."""

    round_code: str
    round_name: Text
    lines: tuple[TargetLine, ...]
    groups: tuple[GroupChoice, ...]
    units: tuple[tuple[str, Text], ...]
    options: tuple[tuple[str, int], ...]
    may_set: bool


def target_page(actor: Actor, round_code: str, locale: str) -> TargetPage:
    """The targets of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    known, labels, names = known_of(session, round_), Labels(locale), content.names("unit", locale)
    lines = tuple(
        TargetLine(
            labels.of("group", one.group),
            labels.of("stratum", one.stratum) if one.stratum else None,
            names.get(one.unit_code) or Text(one.unit_code, "") if one.unit_code else None,
            one.option,
            one.number,
        )
        for one in targets_of(round_code)
    )
    return TargetPage(
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        lines=lines,
        groups=tuple(
            GroupChoice(code, labels.of("group", code), tuple((part, labels.of("stratum", part)) for part in parts))
            for code, parts in known.strata.items()
        ),
        units=tuple((code, names.get(code) or Text(code, "")) for code in sorted(known.units)),
        options=tuple(sorted((indicator, points) for (_group, indicator), points in known.options.items())),
        may_set=may(actor, "target.set") and round_.state in CHANGEABLE,
    )


def set_target(actor: Actor, round_code: str, aim: Aim, *, now: datetime) -> None:
    """Set or take away one target. Raises Forbidden, NotFound, Conflict (the round is over), Invalid."""
    with audited(Act(actor, "target.set", subject_of(round_code), now)) as session:
        _store(session, _open_round(session, round_code), [(_row_of(aim), aim)], [])


def load_targets(actor: Actor, round_code: str, content: bytes | str, *, now: datetime) -> int:
    """Set the targets of a CSV file with the columns group, stratum, unit, option, number; all rows or none.

    Returns how many. Raises Forbidden, NotFound, Conflict, Invalid (each wrong line is named).
    """
    act = Act(actor, "target.set", subject_of(round_code), now)
    with audited(act) as session:
        round_ = _open_round(session, round_code)
        rows, problems = _read(content)
        _store(session, round_, rows, problems)
        act.detail = {"rows": len(rows)}
        return len(rows)


def known_of(session: Session, round_: Round) -> Known:
    """What targets of this round may name."""
    scheme = scheme_of(current_version(session, round_).body)
    scored = frozenset(leaf.code for leaf in scheme.leaves())
    asked = session.execute(
        select(Questionnaire.group, Indicator.code, Indicator.points)
        .join(Question, Question.questionnaire_id == Questionnaire.id)
        .join(Indicator, Indicator.id == Question.indicator_id)
        .where(Questionnaire.round_id == round_.id)
    )
    units = select(Unit.code).join(RoundUnit, RoundUnit.unit_id == Unit.id).where(RoundUnit.round_id == round_.id)
    return Known(
        strata={group.code: tuple(part.code for part in group.strata) for group in scheme.groups},
        units=frozenset(session.scalars(units)),
        options={(group, code): points for group, code, points in asked if code not in scored},
        scored=scored,
    )


def option_parts(option: str) -> tuple[str, int]:
    """Indicator and level of an option; ("", 0) when it is not written so.

    >>> option_parts("district:3"), option_parts("district")
    (('district', 3), ('', 0))
    """
    indicator, colon, level = option.rpartition(":")
    is_level = colon and level.isascii() and level.isdecimal() and len(level) <= 3
    return (indicator, int(level)) if is_level else ("", 0)


def targets_of(round_code: str) -> list[Target]:
    """All targets of a round."""
    round_ = find_round(db.session(), round_code)
    order = (Target.group, Target.stratum, Target.unit_code, Target.option)
    return list(db.session.scalars(select(Target).where(Target.round_id == round_.id).order_by(*order)))


def _open_round(session: Session, code: str) -> Round:
    round_ = session.scalar(select(Round).where(Round.code == code).with_for_update())
    if round_ is None:
        raise NotFound("This round does not exist.")
    if round_.state not in CHANGEABLE:
        raise Conflict("The round is closed, so its targets stay as they are.")
    return round_


def _store(session: Session, round_: Round, wanted: Sequence[tuple[Row, Aim]], problems: Iterable[RowProblem]) -> None:
    known = known_of(session, round_)
    refuse_rows([*problems, *(problem for row, aim in wanted for problem in _problems(row, aim, known))])
    for _row, aim in wanted:
        key = (round_.id, aim.group, aim.stratum, aim.unit, aim.option)
        row = session.get(Target, key)
        if aim.number is None:
            if row is None:
                raise NotFound("There is no such target.")
            session.delete(row)
        elif row is None:
            names = ("round_id", "group", "stratum", "unit_code", "option")
            session.add(Target(**dict(zip(names, key, strict=True)), number=aim.number))
        else:
            row.number = aim.number
        session.flush()


def _problems(row: Row, aim: Aim, known: Known) -> Iterator[RowProblem]:
    """What is wrong with one target."""
    indicator, level = option_parts(aim.option)
    points = known.options.get((aim.group, indicator), 0)
    if aim.group not in known.strata:
        yield row.problem("group", _l("The round has no such group."))
    elif aim.stratum and aim.stratum not in known.strata[aim.group]:
        yield row.problem("stratum", _l("The group has no such part."))
    if aim.unit and aim.unit not in known.units:
        yield row.problem("unit", _l("This office is not in the round."))
    if indicator in known.scored:
        yield row.problem(
            "option", _l("This question counts in the score. Targets may name background questions only.")
        )
    elif aim.option and not 1 <= level <= points:
        yield row.problem("option", _l("No background question of the group has this answer. Write it as district:3."))


def _row_of(aim: Aim) -> Row:
    """A single target as a row of no file: its line is 0."""
    return Row(0, {"group": aim.group, "stratum": aim.stratum, "unit": aim.unit, "option": aim.option})


def _read(content: bytes | str) -> tuple[list[tuple[Row, Aim]], list[RowProblem]]:
    rows, problems = read_rows(content, COLUMNS, MOST_ROWS)
    found: list[tuple[Row, Aim]] = []
    lines: dict[tuple[str, ...], int] = {}
    for row in rows:
        group, stratum, unit, option, number = (row.cells[name] for name in COLUMNS)
        key = group, stratum, unit, option
        first = lines.setdefault(key, row.line)
        if first != row.line:
            problems.append(row.problem("", STANDS_ABOVE, ", ".join(filter(None, key)), first=first))
        if number.isascii() and number.isdecimal() and len(number) <= DIGITS and int(number) <= LARGEST:
            found.append((row, Aim(*key, int(number))))
        else:
            reason = _l("Enter a whole number from %(low)s to %(high)s.")
            problems.append(row.problem("number", reason, low=0, high=LARGEST))
    return found, problems
