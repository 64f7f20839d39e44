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
from evalsys.services.panels.levels import calibration_document, levels_of, stretched
from evalsys.services.panels.setting import EXPERTS, find_group
from evalsys.services.questionnaires.document import Document, columns
from evalsys.services.questionnaires.given import Given, describe
from evalsys.services.questionnaires.shown import Shown
from evalsys.services.wording import read_form_text

CASE = "case"
OPEN_STATES = (RoundState.APPROVED, RoundState.COLLECTING)
DISTANCE_STEP = Decimal("0.0001")
Score = int | Fraction


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
    """One indicator of an attempt: her score and the reference, both with what they mean."""

    name: Text
    own: Given
    reference: Given


@dataclass(frozen=True)
class Attempt:
    """An attempt as she may look at it afterwards; `distance` is the mean distance in points, to four decimals."""

    at: datetime
    distance: Decimal
    is_passed: bool
    compared: tuple[Compared, ...]


@dataclass(frozen=True)
class CasePage:
    """A case to be scored; `document` asks what lies within her competence, `attempts` are newest first."""

    id: int
    name: Text
    text: Text
    tolerance: int
    document: Document
    shown: Shown
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
    document = _judged_document(session, case, actor.account_id)
    shown = read_form_text("", round_code, document, locale).shown
    return CasePage(
        id=case.id,
        name=content.text_of(CASE, key_of(case), "name", locale),
        text=content.text_of(CASE, key_of(case), "text", locale),
        tolerance=case.tolerance,
        document=document,
        shown=shown,
        attempts=tuple(
            _shown(attempt, case, document, shown)
            for attempt in reversed(_attempts(session, actor.account_id).get(case.id, []))
        ),
    )


def try_case(actor: Actor, case_id: int, scores: Mapping[str, int | None], *, now: datetime) -> bool:
    """Keep an attempt; True when its mean distance from the reference is within the tolerance.

    `scores` are the numbers of the form (`levels.values_of`), by indicator code.
    Raises Forbidden, NotFound; Conflict once the case is passed; Invalid when a score is missing.
    """
    act = Act(actor, "calibration.answer", f"case:{case_id}", now)
    with audited(act) as session:
        case, _round_code = _find(session, actor.account_id, case_id)
        if any(attempt.is_passed for attempt in _attempts(session, actor.account_id).get(case.id, [])):
            raise Conflict("You have passed this case already.")
        document = _judged_document(session, case, actor.account_id)
        given = {code: score for code, _ in columns(document) if (score := scores.get(code)) is not None}
        if not all(levels_of(document, given)):
            raise Invalid("Give a score to every indicator of the case.")
        distance = mean_distance(stretched(document, given), stretched(document, case.reference))
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


def mean_distance(scores: Mapping[str, Score], reference: Mapping[str, Score]) -> Fraction:
    """Mean absolute distance in points over the indicators of `scores`; exact.

    >>> mean_distance({"a": 60, "b": 41}, {"a": 50, "b": 40, "c": 0})
    Fraction(11, 2)
    """
    return sum((abs(Fraction(score) - reference[code]) for code, score in scores.items()), Fraction()) / len(scores)


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


def _judged_document(session: Session, case: CalibrationCase, account_id: int) -> Document:
    mine = judged(case.reference, declared(session, [account_id]).get(account_id, frozenset()))
    return calibration_document(session.get_one(Questionnaire, case.questionnaire_id), mine)


def _shown(attempt: CalibrationAttempt, case: CalibrationCase, document: Document, shown: Shown) -> Attempt:
    own = describe(document, shown, levels_of(document, attempt.scores))
    reference = describe(document, shown, levels_of(document, case.reference))
    compared = tuple(
        Compared(name, mine, theirs)
        for (code, _), name, mine, theirs in zip(columns(document), shown.names, own, reference, strict=True)
        if code in attempt.scores
    )
    return Attempt(attempt.at, Decimal(attempt.distance), attempt.is_passed, compared)
