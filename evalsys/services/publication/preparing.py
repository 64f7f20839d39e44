"""Writing the cards of a planned publication beforehand, and having them printed, where the public never reads."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.models import PreparedScorecard, Release
from evalsys.services import work
from evalsys.services.publication.planned import drop_cards, key_of, planned_batch, prepared_cards
from evalsys.services.scorecards.publishing import cards_of

KIND = "planned"


def prepare_cards(session: Session, release: Release, moment: datetime, now: datetime) -> int:
    """Write all cards as they are published at `moment`, in place of former ones, and queue their PDFs."""
    drop_cards(session, release)
    rows = [
        PreparedScorecard(
            release_id=release.id,
            unit_id=unit_id,
            locale=card.locale,
            reference=f"{card.reference}-{card.locale}",
            content=card.canonical().decode(),
            digest=card.digest,
        )
        for unit_id, card in cards_of(session, release.round, release.run, moment)
    ]
    session.add_all(rows)
    session.flush()
    items = [(key_of(row), _payload(row)) for row in prepared_cards(session, release)]
    work.enqueue(session, planned_batch(release), KIND, items, now)
    return len(rows)


def _payload(row: PreparedScorecard) -> Mapping[str, object]:
    return {"card": row.id, "digest": row.digest}
