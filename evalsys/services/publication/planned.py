"""The planned publication of a round, and the prepared cards that nobody but the oversight body knows of."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.models import PreparedScorecard, Release, Round, WorkItem


def planned_batch(release: Release) -> str:
    """The name of the batch of work items that makes the PDFs of the prepared cards."""
    return f"plan-{release.round.code}-{release.run.number}"


def release_of(session: Session, round_: Round) -> Release | None:
    """What is planned for the round, if anything."""
    return session.scalar(select(Release).where(Release.round_id == round_.id))


def prepared_cards(session: Session, release: Release) -> list[PreparedScorecard]:
    """The prepared cards, in the order of units and languages."""
    own = select(PreparedScorecard).where(PreparedScorecard.release_id == release.id)
    return sorted(session.scalars(own), key=key_of)


def key_of(row: PreparedScorecard) -> str:
    """How a card is named in work items and problems: office and language."""
    return f"{row.unit.code}/{row.locale}"


def drop_release(session: Session, round_: Round) -> bool:
    """Forget what is planned, with its cards; whether anything was."""
    release = release_of(session, round_)
    if release is None:
        return False
    drop_cards(session, release)
    session.delete(release)
    session.flush()
    return True


def drop_cards(session: Session, release: Release) -> None:
    """Forget the prepared cards, and the work that prints them."""
    session.execute(delete(WorkItem).where(WorkItem.batch == planned_batch(release)))
    session.execute(delete(PreparedScorecard).where(PreparedScorecard.release_id == release.id))
