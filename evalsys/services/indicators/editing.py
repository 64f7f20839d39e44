"""Changing the dictionary: every change is a new version, and no round that is open or past is touched by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.i18n import _l
from evalsys.models import Indicator, IndicatorVersion, Question, Questionnaire, Round, RoundState
from evalsys.services import content
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.indicators.entries import MOST_POINTS, NAME, PANEL_POINTS, Texts, read_entries
from evalsys.services.indicators.versions import add_version, current_versions
from evalsys.services.questionnaires.lint import CODE
from evalsys.services.transfers.cells import visible

RIGHT = "indicator.edit"
SOURCE_CHARACTERS = 300


@dataclass(frozen=True)
class Edit:
    """What an entry is to say: `texts` by field and language; `number` is the version that was looked at (0: none)."""

    code: str
    number: int
    source: str
    texts: Texts
    reason: str


@dataclass(frozen=True)
class NewIndicator:
    """An indicator that is to be measured; its other words are added by an edit."""

    code: str
    points: int
    names: Mapping[str, str]
    source: str = field(default="")


def subject_of(code: str) -> str:
    """How the audit log names an entry."""
    return f"indicator:{code}"[:100]


def add_indicator(actor: Actor, new: NewIndicator, *, now: datetime) -> None:
    """Add an entry. Raises Forbidden, Invalid, Conflict (the code is taken)."""
    with audited(Act(actor, RIGHT, subject_of(new.code), now, detail={"points": new.points, "version": 1})) as session:
        if not CODE.fullmatch(new.code):
            raise Invalid("Use Latin letters, digits, “_”, “-” and “.”, at most 60 of them.")
        if new.points != PANEL_POINTS and not 2 <= new.points <= MOST_POINTS:
            raise Invalid("A scale has 2 to 10 points, or 101 for scores from 0 to 100.")
        if session.scalar(select(Indicator.id).where(func.lower(Indicator.code) == new.code.lower())) is not None:
            raise Conflict("There is an indicator with this code already.")
        _require_storable({NAME: new.names}, new.source)
        indicator = Indicator(code=new.code, points=new.points, source=new.source)
        session.add(indicator)
        session.flush()
        content.put_texts(session, "indicator", new.code, NAME, new.names)
        version = current_versions(session, [indicator], now)[new.code]
        version.author_id = actor.account_id


def edit_indicator(actor: Actor, edit: Edit, *, now: datetime) -> int:
    """Make a new version of an entry; returns its number. Points stay: another scale is another indicator.

    Raises Forbidden, NotFound; Invalid without a reason or a change; Conflict when somebody else was first, or while a
    round collects answers with a form that takes its words from here.
    """
    act = Act(actor, RIGHT, subject_of(edit.code), now, reason=edit.reason)
    with audited(act) as session:
        indicator = take_indicator(session, edit.code)
        if not edit.reason.strip():
            raise Invalid("Say why you change the entry.")
        _require_storable(edit.texts, edit.source)
        if edit.number != _newest_number(session, indicator):
            raise Conflict("Somebody else has changed this entry. Look at it again before you change it.")
        _require_no_live_form(session, indicator)
        before = current_versions(session, [indicator], now)[edit.code]
        for name, said in edit.texts.items():
            content.put_texts(session, "indicator", edit.code, name, said)
        indicator.source = edit.source
        entry = read_entries(session, [indicator])[edit.code]
        if entry.digest == before.digest:
            raise Invalid("Nothing has changed.")
        made = add_version(session, indicator, entry, before.number + 1, now)
        made.author_id, made.reason = actor.account_id, edit.reason.strip()
        act.detail = {"version": made.number, "digest": made.digest, "lacks": len(entry.lacks())}
        return made.number


def take_indicator(session: Session, code: str) -> Indicator:
    """Lock an entry. Raises NotFound."""
    found = session.scalar(select(Indicator).where(Indicator.code == code).with_for_update())
    if found is None:
        raise NotFound("This indicator does not exist.")
    return found


def _newest_number(session: Session, indicator: Indicator) -> int:
    query = select(func.max(IndicatorVersion.number)).where(IndicatorVersion.indicator_id == indicator.id)
    return session.scalar(query) or 0


def _require_no_live_form(session: Session, indicator: Indicator) -> None:
    """Forms are written out when their round opens; one that was opened before that would change under its raters."""
    query = select(Round.code).join(Questionnaire, Questionnaire.round_id == Round.id)
    asked = query.join(Question, Question.questionnaire_id == Questionnaire.id).where(
        Question.indicator_id == indicator.id, Questionnaire.body == "", Round.state == RoundState.COLLECTING
    )
    code = session.scalar(asked.limit(1))
    if code is not None:
        text = _l("Round %(code)s collects answers with a form that takes its words from here. Close the round first.")
        raise Conflict(text, {"code": code})


def _require_storable(texts: Texts, source: str) -> None:
    said = [source, *(text for words in texts.values() for text in words.values())]
    if len(source) > SOURCE_CHARACTERS or any(visible(text) != text for text in said):
        raise Invalid("This text holds a character that we cannot store. Type the text again instead of pasting it.")
