"""Calibration as an expert meets it: scoring described cases until each is close enough to the reference panel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Assignment, CalibrationAttempt, CalibrationCase, Questionnaire, Round, RoundState
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.panels.competences import declared, judged
from evalsys.services.panels.setting import EXPERTS, find_group
from evalsys.services.wording import Asked, read_form_text

CASE = "case"
OPEN_STATES = (RoundState.APPROVED, RoundState.COLLECTING)
DISTANCE_STEP = Decimal("0.0001")


@dataclass(frozen=True)
class CaseLine:
    """A case in the expert's list."""

    id: int
    name: Text
    round_name: Text
    attempts: int
    is_passed: bool


@dataclass(frozen=True)
class Compared:
    """One indicator of an attempt: her score, the reference, and what the rubric says of both."""

    name: Text
    own: int
    reference: int
    words_of_own: Text
    words_of_reference: Text


@dataclass(frozen=True)
class Attempt:
    """An attempt as she may look at it afterwards; `distance` is the mean distance in points, to four decimals."""

    at: datetime
    distance: Decimal
    is_passed: bool
    compared: tuple[Compared, ...]


@dataclass(frozen=True)
class CasePage:
    """A case to be scored; `questions` are (indicator code, points) within her competence, `attempts` newest first."""

    id: int
    name: Text
    text: Text
    tolerance: int
    questions: tuple[tuple[str, int], ...]
    asked: tuple[Asked, ...]
    attempts: tuple[Attempt, ...]

    @property
    def is_passed(self) -> bool:
        """True once one attempt was close enough."""
        return any(attempt.is_passed for attempt in self.attempts)


def key_of(case: CalibrationCase) -> str:
    """Under which key the words of a case are stored."""
    return f"{case.questionnaire_id}.{case.code}"


def list_cases(actor: Actor, locale: str) -> tuple[CaseLine, ...]:
    """The cases of rounds that are approved or collect and ask for calibration. Raises Forbidden."""
    require(actor, "calibration.answer")
    session = db.session()
    names, titles = content.names(CASE, locale), content.names("round", locale)
    found = _cases_for(session, actor.account_id)
    tries = _attempts(session, actor.account_id)
    return tuple(
        CaseLine(
            id=case.id,
            name=names.get(key_of(case), Text(case.code, "")),
            round_name=titles.get(code, Text(code, "")),
            attempts=len(tries.get(case.id, [])),
            is_passed=any(attempt.is_passed for attempt in tries.get(case.id, [])),
        )
        for case, code in found
    )


def read_case(actor: Actor, case_id: int, locale: str) -> CasePage:
    """One case with all former attempts of the actor. Raises Forbidden, NotFound."""
    require(actor, "calibration.answer")
    session = db.session()
    case, round_code = _find(session, actor.account_id, case_id)
    questions = _judged_questions(session, case, actor.account_id)
    words = read_form_text("", round_code, questions, locale).questions
    return CasePage(
        id=case.id,
        name=content.text_of(CASE, key_of(case), "name", locale),
        text=content.text_of(CASE, key_of(case), "text", locale),
        tolerance=case.tolerance,
        questions=questions,
        asked=words,
        attempts=tuple(
            _shown(attempt, case, words) for attempt in reversed(_attempts(session, actor.account_id).get(case.id, []))
        ),
    )


def try_case(actor: Actor, case_id: int, scores: Mapping[str, int | None], *, now: datetime) -> bool:
    """Keep an attempt; True when its mean distance from the reference is within the tolerance.

    Raises Forbidden, NotFound; Conflict once the case is passed; Invalid when a score is missing.
    """
    act = Act(actor, "calibration.answer", f"case:{case_id}", now)
    with audited(act) as session:
        case, _round_code = _find(session, actor.account_id, case_id)
        if any(attempt.is_passed for attempt in _attempts(session, actor.account_id).get(case.id, [])):
            raise Conflict("You have passed this case already.")
        asked = _judged_questions(session, case, actor.account_id)
        given = {code: scores.get(code) for code, _ in asked}
        if any(
            score is None or not 0 <= score < points for score, (_, points) in zip(given.values(), asked, strict=True)
        ):
            raise Invalid("Give a score to every indicator of the case.")
        distance = mean_distance({code: int(score or 0) for code, score in given.items()}, case.reference)
        is_passed = distance <= case.tolerance
        kept = CalibrationAttempt(
            case_id=case.id, account_id=actor.account_id, scores=given, is_passed=is_passed, at=now, distance=""
        )
        kept.distance = str((Decimal(distance.numerator) / distance.denominator).quantize(DISTANCE_STEP))
        session.add(kept)
        act.detail = {"passed": is_passed, "distance": kept.distance}
        return is_passed


def require_calibrated(session: Session, task: Assignment) -> None:
    """Raise Invalid unless the task's expert passed every case that her round asks of her."""
    form = task.questionnaire
    if open_cases(session, form.round_id, task.account_id):
        raise Invalid(
            "Pass every calibration case before you send scores. You can keep this as a draft in the meantime."
        )


def open_cases(session: Session, round_id: int, account_id: int) -> int:
    """How many cases of a round an expert still has to pass; 0 where no calibration is asked for."""
    if not find_group(session, round_id).needs_calibration:
        return 0
    tries = _attempts(session, account_id)
    wanted = [case for case, _ in _cases_for(session, account_id, round_id)]
    return sum(not any(attempt.is_passed for attempt in tries.get(case.id, [])) for case in wanted)


def mean_distance(scores: Mapping[str, int], reference: Mapping[str, int]) -> Fraction:
    """Mean absolute distance in points over the indicators of `scores`; exact.

    >>> mean_distance({"a": 60, "b": 41}, {"a": 50, "b": 40, "c": 0})
    Fraction(11, 2)
    """
    return Fraction(sum(abs(score - int(reference[code])) for code, score in scores.items()), len(scores))


def _cases_for(session: Session, account_id: int, round_id: int | None = None) -> list[tuple[CalibrationCase, str]]:
    """Cases that ask this expert at least one indicator, with their rounds' codes."""
    query = (
        select(CalibrationCase, Round.code, Round.id)
        .join(Questionnaire, Questionnaire.id == CalibrationCase.questionnaire_id)
        .join(Round, Round.id == Questionnaire.round_id)
        .where(Questionnaire.group == EXPERTS, Round.state.in_(OPEN_STATES))
        .order_by(Round.id, CalibrationCase.position, CalibrationCase.id)
    )
    rows = session.execute(query if round_id is None else query.where(Round.id == round_id)).all()
    asks = {number: find_group(session, number).needs_calibration for _, _, number in rows}
    competent = declared(session, [account_id]).get(account_id, frozenset())
    return [(case, code) for case, code, number in rows if asks[number] and judged(case.reference, competent)]


def _find(session: Session, account_id: int, case_id: int) -> tuple[CalibrationCase, str]:
    found = next(((case, code) for case, code in _cases_for(session, account_id) if case.id == case_id), None)
    if found is None:
        raise NotFound("This calibration case does not exist.")
    return found


def _attempts(session: Session, account_id: int) -> dict[int, list[CalibrationAttempt]]:
    """All attempts of an expert by case, the oldest first."""
    query = select(CalibrationAttempt).where(CalibrationAttempt.account_id == account_id)
    found: dict[int, list[CalibrationAttempt]] = {}
    for attempt in session.scalars(query.order_by(CalibrationAttempt.id)):
        found.setdefault(attempt.case_id, []).append(attempt)
    return found


def _judged_questions(session: Session, case: CalibrationCase, account_id: int) -> tuple[tuple[str, int], ...]:
    form = session.get_one(Questionnaire, case.questionnaire_id)
    mine = set(judged(case.reference, declared(session, [account_id]).get(account_id, frozenset())))
    pairs = ((question.indicator.code, question.indicator.points) for question in form.questions)
    return tuple((code, points) for code, points in pairs if code in mine)


def _shown(attempt: CalibrationAttempt, case: CalibrationCase, words: tuple[Asked, ...]) -> Attempt:
    compared = tuple(
        Compared(
            name=asked.name,
            own=int(attempt.scores[asked.code]),
            reference=int(case.reference[asked.code]),
            words_of_own=_step(asked, int(attempt.scores[asked.code])),
            words_of_reference=_step(asked, int(case.reference[asked.code])),
        )
        for asked in words
        if asked.code in attempt.scores
    )
    return Attempt(attempt.at, Decimal(attempt.distance), attempt.is_passed, compared)


def _step(asked: Asked, score: int) -> Text:
    """The rubric's words for a score; empty where the rubric has none."""
    for span, text in asked.anchors:
        low, high = (int(bound) for bound in span.split("–"))
        if low <= score <= high:
            return text
    return Text("", "")
