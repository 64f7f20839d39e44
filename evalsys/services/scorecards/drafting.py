"""One unit's card of a run before it is public: the same content as the public card will have, kept nowhere."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from evalsys.models import Round, Run, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services.scorecards.card import build_card
from evalsys.services.scorecards.former import Former, read_former
from evalsys.services.scorecards.left_out import left_out
from evalsys.services.scorecards.publishing import occasion_of, words_of
from evalsys.services.scorecards.said import said_by_units
from evalsys.services.scorecards.sheet import Sheet, read_sheet
from evalsys.services.weights import scheme_of
from evalsys.services.zone import local_day
from scoring.result import Result

SHEETS_IN_MEMORY = 4


def draft_card(session: Session, run: Run, unit: Unit, locale: str, now: datetime) -> Scorecard:
    """The card of `unit`, without the address and the code that only a public card has."""
    round_: Round = run.round
    former = read_former(session, round_).get(unit.code, Former())
    sheet = _sheet(run.result, run.scheme_version.body)
    words = words_of(session, round_, locale)
    card = build_card(sheet, occasion_of(round_, run, now), words, unit.code, former)
    said = said_by_units(session, round_, local_day(now)).of(unit.id, words)
    return replace(card, link="", check_url="", left_out=left_out(session, round_)[unit.code], **said)


@lru_cache(maxsize=SHEETS_IN_MEMORY)
def _sheet(result: bytes, body: str) -> Sheet:
    """A run never changes, so what may be told of it is worked out once."""
    return read_sheet(Result.from_json(result), scheme_of(body))
