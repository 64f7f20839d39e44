"""Calibration cases as the analyst writes them, and whether the round asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import (
    BEFORE_OPENING,
    Account,
    CalibrationAttempt,
    CalibrationCase,
    Questionnaire,
    Round,
    Translation,
)
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import NewText, Text, add_texts
from evalsys.services.panels.attempts import CASE, key_of
from evalsys.services.panels.levels import calibration_document, levels_of
from evalsys.services.panels.setting import find_forms, find_group, take_group, take_round_of_panels
from evalsys.services.questionnaires.document import Document, columns
from evalsys.services.questionnaires.given import Given, describe
from evalsys.services.questionnaires.shown import Shown
from evalsys.services.rounds.states import find_round, subject_of
from evalsys.services.wording import read_form_text


@dataclass(frozen=True)
class Written:
    """A case as it was written: texts are {"name": {locale: text}, "text": {locale: text}}.

    `reference` are the numbers of the form (`levels.values_of`), `tolerance` is in points of a scale from 0 to 100.
    """

    code: str
    texts: Mapping[str, Mapping[str, str]]
    reference: Mapping[str, int]
    tolerance: int


@dataclass(frozen=True)
class CaseFacts:
    """A case in the analyst's list; `reference` are (indicator, score), `results` (expert, attempts, passed)."""

    code: str
    name: Text
    text: Text
    tolerance: int
    reference: tuple[tuple[Text, Given], ...]
    results: tuple[tuple[str, int, bool], ...]


@dataclass(frozen=True)
class CasesPage:
    """All cases of a round; `document` asks the scored questions of the experts' form, for the reference."""

    round_code: str
    round_name: Text
    state: str
    is_required: bool
    document: Document
    shown: Shown
    cases: tuple[CaseFacts, ...]


def read_cases(actor: Actor, round_code: str, locale: str) -> CasesPage:
    """The cases of a round with what the experts made of them. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    form = _form(session, round_)
    said, texts = content.names(CASE, locale), content.texts(CASE, "text", locale)
    document = calibration_document(form)
    words = read_form_text("", round_code, document, locale)
    query = select(CalibrationCase).where(CalibrationCase.questionnaire_id == form.id)
    return CasesPage(
        round_code=round_code,
        round_name=words.round,
        state=round_.state,
        is_required=find_group(session, round_.id).needs_calibration,
        document=document,
        shown=words.shown,
        cases=tuple(
            CaseFacts(
                code=case.code,
                name=said.get(key_of(case), Text(case.code, "")),
                text=texts.get(key_of(case), Text("", "")),
                tolerance=case.tolerance,
                reference=_reference(case, document, words.shown),
                results=_results(session, case),
            )
            for case in session.scalars(query.order_by(CalibrationCase.position, CalibrationCase.id))
        ),
    )


def write_case(actor: Actor, round_code: str, written: Written, *, now: datetime) -> None:
    """Add a case, or change the one of the same code until an expert has tried it.

    Raises Forbidden, NotFound, Conflict (round closed, case tried), Invalid (a score is missing or off the scale).
    """
    act = Act(actor, "panel.manage", subject_of(round_code), now, detail={"case": written.code})
    with audited(act) as session:
        form = _form(session, take_round_of_panels(session, round_code))
        document, reference = calibration_document(form), dict(written.reference)
        is_whole = reference.keys() == {code for code, _ in columns(document)}
        if not is_whole or not all(levels_of(document, reference)):
            raise Invalid("Give a reference score to every indicator of the experts' form.")
        case = _case(session, form, written.code)
        case.reference, case.tolerance = reference, written.tolerance
        session.flush()
        _store_texts(session, key_of(case), written.texts)


def set_rules(actor: Actor, round_code: str, *, needs_calibration: bool, has_two_rounds: bool, now: datetime) -> None:
    """Say, before the round opens, whether experts are calibrated and whether they score in two rounds.

    Raises Forbidden, NotFound, Conflict (round open, or calibration without a case).
    """
    rules = {"calibration": needs_calibration, "two_rounds": has_two_rounds}
    with audited(Act(actor, "panel.manage", subject_of(round_code), now, detail=rules)) as session:
        round_ = take_round_of_panels(session, round_code, BEFORE_OPENING)
        if needs_calibration and not _has_case(session, _form(session, round_)):
            raise Conflict("Write a calibration case first: without one, nobody could pass.")
        group = take_group(session, round_.id)
        group.needs_calibration, group.has_two_rounds = needs_calibration, has_two_rounds


def _form(session: Session, round_: Round) -> Questionnaire:
    """The experts' general form, or the first one there is."""
    forms = find_forms(session, round_.id)
    if not forms:
        raise NotFound("This round asks no experts.")
    return forms[-1]


def _reference(case: CalibrationCase, document: Document, shown: Shown) -> tuple[tuple[Text, Given], ...]:
    return tuple(zip(shown.names, describe(document, shown, levels_of(document, case.reference)), strict=True))


def _has_case(session: Session, form: Questionnaire) -> bool:
    query = select(CalibrationCase.id).where(CalibrationCase.questionnaire_id == form.id).limit(1)
    return session.scalar(query) is not None


def _case(session: Session, form: Questionnaire, code: str) -> CalibrationCase:
    query = select(CalibrationCase).where(CalibrationCase.questionnaire_id == form.id)
    found = session.scalar(query.where(CalibrationCase.code == code))
    if found is None:
        number = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        found = CalibrationCase(questionnaire_id=form.id, code=code, position=number)
        session.add(found)
    elif session.scalar(select(CalibrationAttempt.id).where(CalibrationAttempt.case_id == found.id).limit(1)):
        raise Conflict("An expert has tried this case already, so it stays as it is. Write a new one.")
    return found


def _store_texts(session: Session, key: str, texts: Mapping[str, Mapping[str, str]]) -> None:
    wanted = [
        NewText(CASE, key, field, locale, text)
        for field, said in texts.items()
        for locale, text in said.items()
        if text
    ]
    there = select(Translation).where(Translation.entity == CASE, Translation.entity_key == key)
    for row in session.scalars(there).all():
        session.delete(row)
    session.flush()
    add_texts(session, wanted)


def _results(session: Session, case: CalibrationCase) -> tuple[tuple[str, int, bool], ...]:
    query = (
        select(Account.name, func.count(), func.sum(cast(CalibrationAttempt.is_passed, Integer)))
        .join(Account, Account.id == CalibrationAttempt.account_id)
        .where(CalibrationAttempt.case_id == case.id)
        .group_by(Account.id, Account.name)
        .order_by(Account.name)
    )
    return tuple((name, number, bool(passed)) for name, number, passed in session.execute(query))
