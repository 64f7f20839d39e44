"""What became public and when: publications, corrections and withdrawals, for feeds; addresses for search engines."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, repeat

import flask_babel
from flask import current_app
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from evalsys.db import db
from evalsys.i18n import LOCALES
from evalsys.models import PUBLIC, PublishedScorecard, Round, Run, Unit
from evalsys.reports.feeds import Entry, News
from evalsys.services import content
from evalsys.services.publication.withdrawn import WithdrawnCard, withdrawn_cards
from evalsys.services.results import list_rounds
from evalsys.services.units import list_units

MOST_ENTRIES = 100
MOST_ADDRESSES = 50_000
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
PAGES = ("", "/units", "/method", "/data", "/api", "/privacy", "/accessibility")


def read_news(locale: str) -> News:
    """The newest publications, corrections and withdrawals."""
    titles, base = content.names("round", locale), _base()
    with flask_babel.force_locale(locale):
        named = content.body_name(locale, current_app.config["EVALSYS"].body_name)
        published = (
            Entry(
                id=f"{base}/data/{code}/runs/{number}",
                title=_title(str(titles.get(code, code)), number != first),
                url=f"{base}/{locale}/rounds/{code}",
                summary=_summary(number != first, reason),
                at=at,
            )
            for code, number, first, reason, at in _published()
        )
        both = chain(published, map(_withdrawal, withdrawn_cards(locale), repeat(locale)))
        entries = tuple(sorted(both, key=lambda entry: entry.at, reverse=True)[:MOST_ENTRIES])
        title = flask_babel.gettext("%(body)s: published results", body=named)
    return News(str(title), f"{base}/{locale}/", locale, entries[0].at if entries else BEGINNING, entries)


def public_places() -> list[str]:
    """The public pages without their language, as "/rounds/2025", the most general first."""
    places = [*PAGES, *_of_rounds(), *_of_units()]
    return places[: MOST_ADDRESSES // len(LOCALES)]


def _of_rounds() -> Iterator[str]:
    codes = [line.code for line in list_rounds("en")]
    for code in codes:
        yield from (f"/rounds/{code}", f"/rounds/{code}/method", f"/rounds/{code}/data")
    query = select(Round.code, Unit.code).distinct().select_from(PublishedScorecard)
    cards = query.join(Round, Round.id == PublishedScorecard.round_id).join(Unit, Unit.id == PublishedScorecard.unit_id)
    cards = cards.join(Run, Run.id == PublishedScorecard.run_id)
    stands = Round.code.in_(codes), PublishedScorecard.withdrawn_at.is_(None), _is_newest()
    rows = db.session.execute(cards.where(*stands).order_by(Round.code.desc(), Unit.code)).all()
    yield from (f"/rounds/{code}/units/{unit}" for code, unit in rows)


def _is_newest() -> ColumnElement[bool]:
    """Whether a card, joined with its run, is of the run of its round that is public now."""
    other, later = aliased(PublishedScorecard), aliased(Run)
    newer = other.round_id == PublishedScorecard.round_id, later.number > Run.number
    return ~exists(select(other.id).join(later, later.id == other.run_id).where(*newer))


def _of_units() -> Iterator[str]:
    return (f"/units/{unit.code}" for category in list_units("en") for unit in category.units)


def _published() -> list[tuple[str, int, int, str, datetime]]:
    """Code of the round, number of the run, of the first public run, reason, time; the newest first."""
    at = func.min(PublishedScorecard.created_at).label("at")
    query = (
        select(Round.code, Run.number, Run.reason, at)
        .select_from(PublishedScorecard)
        .join(Run, Run.id == PublishedScorecard.run_id)
        .join(Round, Round.id == PublishedScorecard.round_id)
        .where(Round.state.in_(PUBLIC), Round.code.in_([line.code for line in list_rounds("en")]))
        .group_by(Round.code, Run.number, Run.reason)
        .order_by(at.desc(), Round.code, Run.number.desc())
    )
    rows = db.session.execute(query).all()
    first: dict[str, int] = {}
    for code, number, _reason, _at in rows:
        first[code] = min(number, first.get(code, number))
    return [(code, number, first[code], reason, at) for code, number, reason, at in rows]


def _withdrawal(one: WithdrawnCard, locale: str) -> Entry:
    said = {"unit": str(one.unit), "round": str(one.round_title)}
    told = flask_babel.gettext("This scorecard was withdrawn.")
    return Entry(
        id=f"{_base()}/data/{one.round_code}/runs/{one.run_number}/withdrawn/{one.unit_code}",
        title=str(flask_babel.gettext("Withdrawn: %(unit)s, %(round)s", **said)),
        url=f"{_base()}/{locale}/rounds/{one.round_code}/units/{one.unit_code}",
        summary=f"{told} {flask_babel.gettext('Reason:')} {one.reason}",
        at=one.at,
    )


def _title(round_title: str, is_correction: bool) -> str:
    if is_correction:
        return str(flask_babel.gettext("Corrected results: %(round)s", round=round_title))
    return str(flask_babel.gettext("Results: %(round)s", round=round_title))


def _summary(is_correction: bool, reason: str) -> str:
    if not is_correction:
        return str(flask_babel.gettext("The results of this round are published."))
    corrected = str(flask_babel.gettext("Newer results replaced those that were public."))
    return f"{corrected} {flask_babel.gettext('Reason:')} {reason or '–'}"


def _base() -> str:
    return str(current_app.config["EVALSYS"].public_url)
