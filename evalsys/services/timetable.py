"""Which round collects ratings now, and whose results are the newest: what the public pages say about time."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select

from evalsys.db import db
from evalsys.models import PUBLIC, Round, RoundState, RoundUnit
from evalsys.services import content
from evalsys.services.content import Text


@dataclass(frozen=True)
class RoundInfo:
    """A round as everybody may know it; `closes_on` is its last day, `suspended` why nothing is taken in it now."""

    code: str
    title: Text
    closes_on: date
    suspended: str = ""


def collecting_round(locale: str, unit_id: int | None = None) -> RoundInfo | None:
    """The newest round that collects ratings (of one unit, if given)."""
    query = select(Round).where(Round.state == RoundState.COLLECTING).order_by(Round.id.desc())
    return _first(_with_unit(query, unit_id), locale)


def published_round(locale: str, unit_id: int | None = None) -> RoundInfo | None:
    """The newest round with public results (of one unit, if given)."""
    query = select(Round).where(Round.state.in_(PUBLIC)).order_by(Round.period_end.desc(), Round.id.desc())
    return _first(_with_unit(query, unit_id), locale)


def round_info(code: str, locale: str) -> RoundInfo | None:
    """The round with this code."""
    return _first(select(Round).where(Round.code == code), locale)


def _with_unit(query: Select[Round], unit_id: int | None) -> Select[Round]:
    return query if unit_id is None else query.join(RoundUnit).where(RoundUnit.unit_id == unit_id)


def _first(query: Select[Round], locale: str) -> RoundInfo | None:
    found = db.session.scalar(query.limit(1))
    if found is None:
        return None
    title = content.text_of("round", found.code, "name", locale)
    return RoundInfo(found.code, title, found.period_end, found.suspended_reason if found.suspended_at else "")
