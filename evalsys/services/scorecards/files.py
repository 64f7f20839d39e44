"""Result posters and booklets of a published run: queued with its cards, found again by what they belong to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES
from evalsys.models import PublicationFile, PublishedScorecard, Run, Unit
from evalsys.models.publication import BOOKLET, POSTER
from evalsys.services import work


@dataclass(frozen=True)
class Wanted:
    """A file that a run ought to have: its key in the batch; a booklet has neither unit nor card."""

    key: str
    kind: str
    locale: str
    unit_id: int | None = None
    card_id: int | None = None


def enqueue_files(session: Session, run: Run, batch: str, now: datetime) -> None:
    """Queue posters and booklets of the run that are not queued yet, within the caller's transaction."""
    wanted = list(wanted_files(session, run))
    posters = [(one.key, {"card": one.card_id}) for one in wanted if one.kind == POSTER]
    booklets = [(one.key, {"run": run.id, "locale": one.locale}) for one in wanted if one.kind == BOOKLET]
    work.enqueue(session, batch, POSTER, posters, now)
    work.enqueue(session, batch, BOOKLET, booklets, now)


def print_again(session: Session, run: Run, unit_id: int, batch: str, now: datetime) -> None:
    """After a card was withdrawn, within the caller's transaction: booklets are made anew without it.

    What held the card is not sent out from now on. A booklet that is being made at this moment is refused when it is
    done (`handout_printing`), and made again.
    """
    held = PublicationFile.unit_id.is_(None) | (PublicationFile.unit_id == unit_id)
    session.execute(delete(PublicationFile).where(PublicationFile.run_id == run.id, held))
    enqueue_files(session, run, batch, now)
    work.reopen(session, batch, [one.key for one in wanted_files(session, run) if one.kind == BOOKLET])


def missing_files(session: Session, run: Run) -> list[str]:
    """The keys of the items whose file is not there: not made yet, or gone."""
    rows = session.scalars(select(PublicationFile).where(PublicationFile.run_id == run.id))
    there = {(row.kind, row.locale, row.unit_id) for row in rows if file_path(row) is not None}
    return [one.key for one in wanted_files(session, run) if (one.kind, one.locale, one.unit_id) not in there]


def wanted_files(session: Session, run: Run) -> Iterator[Wanted]:
    """The posters of every card of the run that stands, then a booklet in every language."""
    query = select(PublishedScorecard.id, PublishedScorecard.unit_id, Unit.code, PublishedScorecard.locale).join(Unit)
    stands = PublishedScorecard.run_id == run.id, PublishedScorecard.withdrawn_at.is_(None)
    rows = session.execute(query.where(*stands).order_by(Unit.code, PublishedScorecard.id)).all()
    for card, unit, code, locale in rows:
        yield Wanted(f"{POSTER}/{code}/{locale}/{run.number}", POSTER, locale, unit, card)
    for locale in LOCALES if rows else ():
        yield Wanted(f"{BOOKLET}/{locale}/{run.number}", BOOKLET, locale)


def find_file(session: Session, run_id: int, unit_id: int | None, locale: str) -> PublicationFile | None:
    """The poster of a unit of a run, or without a unit its booklet; None while it is not recorded."""
    same = PublicationFile.unit_id == unit_id if unit_id else PublicationFile.unit_id.is_(None)
    of_run = PublicationFile.run_id == run_id, PublicationFile.kind == (POSTER if unit_id else BOOKLET)
    return session.scalar(select(PublicationFile).where(*of_run, same, PublicationFile.locale == locale))


def file_path(row: PublicationFile | None) -> Path | None:
    """Where the PDF lies; None while it is not made, or when the file is gone."""
    if row is None:
        return None
    path = Path(current_app.instance_path) / "scorecards" / row.name
    return path if path.is_file() else None
