"""Making result posters and booklets. Only worker processes import this: the PDF engine is slow to load and large."""

import hashlib
from functools import partial

import flask_babel
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import db
from evalsys.errors import Conflict, NotFound
from evalsys.models import PrintedFile, PublicationFile, PublishedScorecard
from evalsys.models.publication import BOOKLET, POSTER
from evalsys.reports.booklet import booklet_html, render_booklet
from evalsys.reports.result_poster import render_poster
from evalsys.reports.scorecard import Scorecard
from evalsys.services import work
from evalsys.services.printing import MadeFile, make_file
from evalsys.services.round_book import read_book, standing_cards
from evalsys.services.scorecards.files import find_file

BOOKLET_SECONDS = 1800


def print_poster(item: work.Claimed) -> work.Effect | None:
    """Make the result poster of a card (kind "poster") unless the same was made before; the effect records it.

    Nothing is made of a card that was withdrawn.
    """
    row = db.session.get(PublishedScorecard, item.payload["card"])
    if row is None:
        raise NotFound("This scorecard does not exist.")
    run, unit, locale, digest, content = row.run_id, row.unit_id, row.locale, row.digest, row.content
    is_withdrawn = row.withdrawn_at is not None
    db.session.rollback()
    if is_withdrawn:
        return None
    made = make_file(f"{POSTER}-{digest}", lambda: _poster(Scorecard.from_json(content)))
    return partial(_record, made=made, run_id=run, unit_id=unit, locale=locale)


def print_booklet(item: work.Claimed) -> work.Effect:
    """Make the booklet of a run in one language (kind "booklet"); a large round takes minutes.

    What it says is known once its text is written, so the file is kept under the digest of that.
    """
    work.prolong(item, utc_now(), BOOKLET_SECONDS)
    run, locale = item.payload["run"], item.payload["locale"]
    with flask_babel.force_locale(locale):
        book = read_book(db.session(), run, locale)
        db.session.rollback()
        html = booklet_html(book.booklet, book.method, book.record, current_app.jinja_env)
    digest = hashlib.sha256(html.encode()).hexdigest()
    made = make_file(f"{BOOKLET}-{digest}", lambda: render_booklet(book.booklet, html))
    return partial(_record_booklet, made=made, run_id=run, locale=locale, cards=len(book.booklet.cards))


def _poster(card: Scorecard) -> bytes:
    with flask_babel.force_locale(card.locale):
        return render_poster(card, current_app.jinja_env)


def _record_booklet(session: Session, made: MadeFile, run_id: int, locale: str, cards: int) -> None:
    """Raises Conflict when a card that it holds was withdrawn meanwhile."""
    held = select(func.count()).select_from(PublishedScorecard).where(*standing_cards(run_id, locale))
    if session.scalar(held) != cards:
        raise Conflict("A scorecard of this booklet was withdrawn while it was made.")
    _record(session, made, run_id, None, locale)


def _record(session: Session, made: MadeFile, run_id: int, unit_id: int | None, locale: str) -> None:
    row = find_file(session, run_id, unit_id, locale)
    if row is None:
        row = PublicationFile(run_id=run_id, unit_id=unit_id, locale=locale, kind=POSTER if unit_id else BOOKLET)
        session.add(row)
    row.name, row.digest, row.created_at = made.name, made.digest, utc_now()
    if session.get(PrintedFile, made.digest) is None:
        known = {"run_id": run_id, "unit_id": unit_id, "kind": row.kind, "locale": locale}
        session.add(PrintedFile(digest=made.digest, made_at=row.created_at, **known))
