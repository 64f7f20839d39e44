"""What the pages of elicitation show: all questions, one question with its result, the sheet of one's own answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.models import Account, Elicitation, ElicitationAnswer, Role, Round
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text, text_of
from evalsys.services.elicitations.acts import find_elicitation, find_family
from evalsys.services.elicitations.methods import MOST_COMPARED, Given, pairs_of, read_answer
from evalsys.services.elicitations.panel import Consistency, PanelResult, consistency_of, panel_result, percents
from evalsys.services.rounds.states import ACTS, find_round
from evalsys.services.versions import current_version
from evalsys.services.weights import Labels, WeightFamily, families_of, scheme_of


@dataclass(frozen=True)
class Question:
    """One question to the board: which family, how it is asked, since when, and how many have answered."""

    number: int
    family: WeightFamily
    method: str
    opened_at: datetime
    closed_at: datetime | None
    answers: int
    is_own_answered: bool


@dataclass(frozen=True)
class Questions:
    """All questions of a round, the newest first, and what this actor may do."""

    round_code: str
    round_name: Text
    questions: tuple[Question, ...]
    families: tuple[WeightFamily, ...]
    may_open: bool
    may_weigh: bool
    most_compared: int = MOST_COMPARED


@dataclass(frozen=True)
class Answered:
    """Who answered and when; `is_fit` is false when the family has other members by now."""

    name: str
    at: datetime
    is_fit: bool


@dataclass(frozen=True)
class QuestionPage:
    """One question. `result` is there once no answer can be given or changed any more."""

    round_code: str
    round_name: Text
    question: Question
    answered: tuple[Answered, ...]
    missing: tuple[str, ...]
    result: PanelResult | None
    is_secret: bool
    may_weigh: bool
    may_close: bool
    may_propose: bool


@dataclass(frozen=True)
class Sheet:
    """The sheet of one's own answer: what is asked, and what was answered before."""

    round_code: str
    round_name: Text
    question: Question
    pairs: tuple[tuple[str, str], ...]
    kept: Mapping[str, Any]


@dataclass(frozen=True)
class SheetTrial:
    """What an answer means as far as it is given; `weights` are there once it is whole.

    `rest` is what is left of the 100 points of a budget.
    """

    given: int
    needed: int
    rest: Decimal | None
    weights: tuple[tuple[Text, Decimal], ...]
    consistency: Consistency | None


def questions_page(actor: Actor, round_code: str, locale: str) -> Questions:
    """All questions to the board in this round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    families = families_of(scheme_of(current_version(session, round_).body), Labels(locale))
    rows = session.scalars(
        select(Elicitation).where(Elicitation.round_id == round_.id).order_by(Elicitation.id.desc())
    ).all()
    counts, own = _counts(session, rows), _own(session, actor, rows)
    known = {family.code: family for family in families}
    lines = tuple(_question(row, known.get(row.family), counts.get(row.id, 0), row.id in own) for row in rows)
    may_open = _is_open_to(actor, round_, "elicit")
    name = text_of("round", round_.code, "name", locale)
    return Questions(round_.code, name, lines, families, may_open, _is_open_to(actor, round_, "weigh"))


def question_page(actor: Actor, round_code: str, number: int, locale: str) -> QuestionPage:
    """One question and, once it takes no more answers, its result. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    row = find_elicitation(session, round_, number)
    family = find_family(session, round_, row.family, locale)
    rows = session.execute(
        select(ElicitationAnswer, Account.name)
        .join(Account, Account.id == ElicitationAnswer.account_id)
        .where(ElicitationAnswer.elicitation_id == row.id)
        .order_by(Account.name, Account.id)
    ).all()
    is_own = any(answer.account_id == actor.account_id for answer, _name in rows)
    given = [_fitting(row.method, family, answer.body) for answer, _name in rows]
    fit = [one for one in given if one is not None]
    is_running = row.closed_at is None
    is_shown = not is_running or round_.state not in ACTS["weigh"].sources
    return QuestionPage(
        round_code=round_.code,
        round_name=text_of("round", round_.code, "name", locale),
        question=_question(row, family, len(rows), is_own),
        answered=tuple(
            Answered(name, answer.at, one is not None) for (answer, name), one in zip(rows, given, strict=True)
        ),
        missing=_missing(session, {answer.account_id for answer, _name in rows}) if is_running else (),
        result=panel_result(family, fit) if is_shown and fit and family else None,
        is_secret=not is_shown,
        may_weigh=is_running and family is not None and _is_open_to(actor, round_, "weigh"),
        may_close=is_running and _is_open_to(actor, round_, "elicit"),
        may_propose=_is_open_to(actor, round_, "propose"),
    )


def sheet_page(actor: Actor, round_code: str, number: int, locale: str) -> Sheet:
    """The sheet for one's own answer. Raises Forbidden, NotFound, Conflict (closed)."""
    require(actor, "elicitation.answer")
    session = db.session()
    round_ = find_round(session, round_code)
    row = find_elicitation(session, round_, number)
    family = find_family(session, round_, row.family, locale)
    if row.closed_at is not None or family is None or round_.state not in ACTS["weigh"].sources:
        raise Conflict("This question is closed: no more answers are taken.")
    kept = session.get(ElicitationAnswer, (row.id, actor.account_id))
    return Sheet(
        round_.code,
        text_of("round", round_.code, "name", locale),
        _question(row, family, 0, kept is not None),
        pairs_of([member.code for member in family.members]),
        kept.body if kept else {},
    )


def try_sheet(sheet: Sheet, body: Mapping[str, Any]) -> SheetTrial:
    """What an answer means as far as it is given; stores nothing."""
    family, method = sheet.question.family, sheet.question.method
    values: Any = next(iter(body.values()), ())
    needed = len(sheet.pairs) if method == "ahp" else len(family.members)
    rest = 100 - sum((Decimal(points) for points in values.values()), Decimal(0)) if method == "budget" else None
    answer = _fitting(method, family, body)
    if answer is None:
        return SheetTrial(len(values), needed, rest, (), None)
    names = {member.code: member.name for member in family.members}
    weights = tuple(zip(names.values(), percents(answer.weights), strict=True))
    consistency = consistency_of(answer.judgements, names) if answer.judgements else None
    return SheetTrial(len(values), needed, rest, weights, consistency)


def _fitting(method: str, family: WeightFamily | None, body: Mapping[str, Any]) -> Given | None:
    """The answer, if it is whole and about the members that the family has now."""
    if family is None:
        return None
    try:
        return read_answer(method, [member.code for member in family.members], body)
    except Invalid:
        return None


def _question(row: Elicitation, family: WeightFamily | None, answers: int, is_own: bool) -> Question:
    known = family or WeightFamily(row.family, "gone", Text(row.family, ""), ())
    return Question(row.id, known, row.method, row.opened_at, row.closed_at, answers, is_own)


def _counts(session: Session, rows: Iterable[Elicitation]) -> dict[int, int]:
    number = ElicitationAnswer.elicitation_id
    query = select(number, func.count()).where(number.in_([row.id for row in rows])).group_by(number)
    return dict(session.execute(query).all())


def _own(session: Session, actor: Actor, rows: Iterable[Elicitation]) -> set[int]:
    number = ElicitationAnswer.elicitation_id
    mine = number.in_([row.id for row in rows]), ElicitationAnswer.account_id == actor.account_id
    return set(session.scalars(select(number).where(*mine)))


def _missing(session: Session, answered: set[int]) -> tuple[str, ...]:
    board = select(Account.id, Account.name).where(Account.role == Role.BOARD, Account.is_active)
    rows = session.execute(board.order_by(Account.name, Account.id)).all()
    return tuple(name for account_id, name in rows if account_id not in answered)


def _is_open_to(actor: Actor, round_: Round, act: str) -> bool:
    return round_.state in ACTS[act].sources and may(actor, ACTS[act].right) and round_.suspended_at is None
