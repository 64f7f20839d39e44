"""What is arranged before the round opens that collects: questions, visits, release, calibration."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from evalsys.db import db
from evalsys.models import CalibrationCase, Holiday, Questionnaire, RaterGroup, Round, RoundDate
from evalsys.services import calendar, groups
from evalsys.services.calendar import working_days
from evalsys.services.demo.city import read
from evalsys.services.demo.steps import Step, actor_called, is_there
from evalsys.services.design import dates
from evalsys.services.panels import cases
from evalsys.services.questionnaires.changes import put_item
from evalsys.services.questionnaires.document import Document, item_of
from evalsys.services.questionnaires.editing import Place, save_document
from evalsys.services.questionnaires.storing import current_document
from evalsys.services.rounds.states import find_round

CITIZENS, PEERS, EXPERTS = "citizens", "peers", "experts"


def preparing_steps(code: str, now: datetime) -> Iterator[Step]:
    """The acts that are left to do on a draft round; none but on the one that collects."""
    facts = read("collecting")
    if code != facts["round"]:
        return
    yield from _calendar_steps(code, now)
    visits, forms = facts["visits"]["code"], select(Questionnaire.id).join(Round).where(Round.code == code)
    of_round = select(RaterGroup.code).join(Round, Round.id == RaterGroup.round_id).where(Round.code == code)
    if not is_there(forms.where(Questionnaire.code == CITIZENS, Questionnaire.body != "")):
        yield Step(f"round {code}: questions to citizens", lambda: _ask_citizens(code, now))
    if not is_there(forms.where(Questionnaire.code == visits)):
        yield Step(f"round {code}: visits", lambda: _add_visits(code, now))
    if not is_there(forms.where(Questionnaire.code == visits, Questionnaire.version > 1)):
        yield Step(f"round {code}: questions to visitors", lambda: _ask_visitors(code, now))
    if not is_there(of_round.where(RaterGroup.code == PEERS, RaterGroup.needs_release)):
        yield Step(f"round {code}: release by the heads", lambda: _ask_heads(code, now))
    if not is_there(select(CalibrationCase.id)):
        yield Step(f"round {code}: calibration case", lambda: _add_case(code, now))
    if not is_there(of_round.where(RaterGroup.code == EXPERTS, RaterGroup.needs_calibration)):
        yield Step(f"round {code}: rules of the panels", lambda: _set_rules(code, now))


def _calendar_steps(code: str, now: datetime) -> Iterator[Step]:
    if not is_there(select(Holiday.day)):
        yield Step(f"round {code}: days off", lambda: _add_holidays(now))
    if not is_there(select(RoundDate.step).join(Round, Round.id == RoundDate.round_id).where(Round.code == code)):
        yield Step(f"round {code}: calendar", lambda: _set_dates(code, now))


def _set_dates(code: str, now: datetime) -> None:
    """The days that the page suggests."""
    session, analyst = db.session(), actor_called("analyst")
    days = dates.suggest_dates(find_round(session, code), working_days(session))
    session.rollback()
    dates.set_dates(analyst, code, days, now=now)


def _add_holidays(now: datetime) -> None:
    for holiday in read("collecting")["holidays"]:
        calendar.add_holiday(actor_called("analyst"), holiday["day"], holiday["names"], now=now)


def _ask_citizens(code: str, now: datetime) -> None:
    facts = read("collecting")[CITIZENS]
    place, document = _editable(code, CITIZENS)
    wanted = replace(_with_items(document, facts["items"]), long_reason=facts["long_reason"])
    save_document(actor_called("analyst"), place, wanted, facts["note"], now=now)


def _add_visits(code: str, now: datetime) -> None:
    facts = read("collecting")["visits"]
    new = groups.NewGroup(
        code=facts["code"],
        names=facts["names"],
        promise="accountable",
        minimum=tuple(facts["minimum"]),
        strata=(),
        options=groups.GroupOptions(mode="visit"),
        source="",
        weight=Decimal(0),
        reason=facts["reason"],
    )
    groups.add_group(actor_called("analyst"), code, new, now=now)


def _ask_visitors(code: str, now: datetime) -> None:
    """Give the visits their questions and propose their weight."""
    facts, analyst = read("collecting")["visits"], actor_called("analyst")
    anchors = [{"at": int(at), "words": words} for at, words in facts["anchors"].items()]
    place, document = _editable(code, facts["code"])
    wanted = _with_items(document, ({**item, "anchors": anchors} for item in facts["items"]))
    save_document(analyst, place, wanted, facts["note"], now=now)
    groups.propose_weight(analyst, code, facts["code"], (Decimal(facts["weight"]), facts["reason"]), now=now)


def _ask_heads(code: str, now: datetime) -> None:
    options = groups.GroupOptions(mode="assigned", needs_release=True)
    groups.set_options(actor_called("analyst"), code, PEERS, options, now=now)


def _add_case(code: str, now: datetime) -> None:
    facts = read("collecting")["case"]
    texts = {field: facts[field] for field in ("name", "text")}
    written = cases.Written(facts["code"], texts, facts["reference"], facts["tolerance"])
    cases.write_case(actor_called("analyst"), code, written, now=now)


def _set_rules(code: str, now: datetime) -> None:
    cases.set_rules(actor_called("analyst"), code, needs_calibration=True, has_two_rounds=True, now=now)


def _editable(code: str, form_code: str) -> tuple[Place, Document]:
    session = db.session()
    query = select(Questionnaire).join(Round).where(Round.code == code, Questionnaire.code == form_code)
    form = session.scalars(query).one()
    found = Place(code, form_code, form.version), current_document(session, form)
    session.rollback()
    return found


def _with_items(document: Document, items: Iterable[dict[str, Any]]) -> Document:
    """The document with these questions at the end of its last section."""
    for item in items:
        document = put_item(document, max(0, len(document.sections) - 1), None, item_of(item))
    return document
