"""Finding a published file by the SHA-256 of its bytes; another kind of file adds a finder of its own here."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from evalsys.models import PUBLIC, PrintedFile, PublishedScorecard, Round, Run, SignedFile
from evalsys.models.publication import BOOKLET, POSTER


@dataclass(frozen=True)
class Found:
    """A file on record: its kind, the reference by which it is filed, and of a card the row."""

    kind: str
    reference: str
    card_id: int | None = None

    @property
    def is_card(self) -> bool:
        """Whether it is made of one card and bears its data: the card itself, or its poster."""
        return self.card_id is not None


def find_file(session: Session, digest: str) -> Found | None:
    """The published file with exactly these bytes."""
    return next((found for finder in FINDERS if (found := finder(session, digest)) is not None), None)


def _scorecard(session: Session, digest: str) -> Found | None:
    query = select(PublishedScorecard.id, PublishedScorecard.reference).join(SignedFile).join(Round)
    row = session.execute(query.where(SignedFile.digest == digest, Round.state.in_(PUBLIC))).first()
    return Found("scorecard", row[1], row[0]) if row else None


def _poster(session: Session, digest: str) -> Found | None:
    same = (
        PublishedScorecard.run_id == PrintedFile.run_id,
        PublishedScorecard.unit_id == PrintedFile.unit_id,
        PublishedScorecard.locale == PrintedFile.locale,
    )
    query = select(PublishedScorecard.id, PublishedScorecard.reference).join(PrintedFile, and_(*same)).join(Round)
    row = session.execute(query.where(PrintedFile.digest == digest, Round.state.in_(PUBLIC))).first()
    return Found(POSTER, row[1], row[0]) if row else None


def _booklet(session: Session, digest: str) -> Found | None:
    query = select(Round.code, Run.number, PrintedFile.locale).select_from(PrintedFile).join(Run).join(Round)
    own = PrintedFile.digest == digest, PrintedFile.kind == BOOKLET, Round.state.in_(PUBLIC)
    row = session.execute(query.where(*own)).first()
    return Found(BOOKLET, booklet_reference(row[0], row[1], row[2])) if row else None


def booklet_reference(round_code: str, run_number: int, locale: str) -> str:
    """What a booklet is called."""
    return f"{round_code}-{run_number}-{locale}"


FINDERS: tuple[Callable[[Session, str], Found | None], ...] = (_scorecard, _poster, _booklet)
