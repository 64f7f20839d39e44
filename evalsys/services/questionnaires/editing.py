"""What an analyst does to a questionnaire before its round opens: save a version, or take an old one back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, NotFound
from evalsys.models import Questionnaire, QuestionnaireVersion
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.questionnaires.document import Document, parse
from evalsys.services.questionnaires.storing import find_questionnaire, store_document
from evalsys.services.rounds.states import take_round

BEFORE_OPENING = "propose"  # forms may change as long as weights may be proposed


@dataclass(frozen=True)
class Place:
    """Which questionnaire, and the version that the editor looked at: a newer one refuses to be overwritten."""

    round_code: str
    code: str
    version: int


def save_document(actor: Actor, place: Place, document: Document, note: str, *, now: datetime) -> int:
    """Save the next version of a questionnaire; returns its number.

    Raises Forbidden, NotFound; Conflict once the round is open or when somebody saved another version meanwhile;
    Invalid with every problem found.
    """
    act = _act(actor, place, now)
    with audited(act) as session:
        form = _take(session, place)
        store_document(session, form, document, act, note)
        act.detail = {"version": form.version, "document": form.digest}
        return form.version


def restore_version(actor: Actor, place: Place, number: int, *, now: datetime) -> int:
    """Make an earlier version the newest one; nothing of the history is lost. Raises as `save_document`."""
    act = _act(actor, place, now)
    with audited(act) as session:
        form = _take(session, place)
        query = select(QuestionnaireVersion).where(
            QuestionnaireVersion.questionnaire_id == form.id, QuestionnaireVersion.number == number
        )
        kept = session.scalar(query)
        if kept is None:
            raise NotFound("This version does not exist.")
        store_document(session, form, parse(kept.body), act, f"= {number}")
        act.detail = {"version": form.version, "restored": number, "document": form.digest}
        return form.version


def _act(actor: Actor, place: Place, now: datetime) -> Act:
    return Act(actor, "questionnaire.edit", f"questionnaire:{place.round_code}/{place.code}"[:100], now)


def _take(session: Session, place: Place) -> Questionnaire:
    form = find_questionnaire(session, take_round(session, place.round_code, BEFORE_OPENING), place.code)
    if form.version != place.version:
        raise Conflict("Somebody else has saved another version meanwhile. Look at it, then change it again.")
    return form
