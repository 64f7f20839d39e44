"""Signed files and withdrawn cards: how rows are carried up and back."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from evalsys.models import PrintedFile, PublicationFile, PublishedScorecard, RoundState, SignedFile
from evalsys.services.withdrawals import deciding
from tests.integration import verifying
from tests.integration.test_decisions import AFTER, publish, shared
from tests.integration.test_migrations import taken_back


def test_files_that_were_made_before_are_on_record_afterwards(session: Session) -> None:
    publish(shared(session, RoundState.FINAL))
    row = verifying.card_row(session)
    number, row.pdf_name, row.pdf_digest = row.id, "a.pdf", "a" * 64
    session.commit()
    with taken_back(session, "0006"):
        pass
    assert [(one.digest, one.scorecard_id) for one in session.scalars(sa.select(SignedFile))] == [("a" * 64, number)]
    assert set(session.scalars(sa.select(PublishedScorecard.withdrawn_at))) == {None}


def test_the_way_back_is_refused_where_a_withdrawn_card_would_be_public_again(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    made = deciding.propose_withdrawal(world.actor(world.analyst), "2025", "U01", "of another office", now=AFTER)
    decision = deciding.Decision(made, is_confirmed=True, reason="")
    deciding.decide_withdrawal(world.actor(world.first), "2025", decision, now=AFTER)
    with pytest.raises(RuntimeError, match="0009 is not taken back"), taken_back(session, "0006"):
        pass
    assert session.scalar(sa.select(PublishedScorecard.id).where(PublishedScorecard.withdrawn_at.is_not(None)))


def test_posters_and_booklets_that_were_made_before_are_told_by_their_bytes_afterwards(session: Session) -> None:
    publish(shared(session, RoundState.FINAL))
    run = session.scalars(sa.select(PublishedScorecard.run_id)).first()
    session.add_all(
        PublicationFile(run_id=run, kind="booklet", locale=locale, name="a.pdf", digest=digest * 64, created_at=AFTER)
        for locale, digest in (("en", "a"), ("zh", "b"), ("ar", "b"))
    )
    session.commit()
    with taken_back(session, "0010"):
        pass
    assert set(session.scalars(sa.select(PrintedFile.digest))) == {"a" * 64, "b" * 64}
