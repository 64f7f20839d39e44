"""The schema: what migrations build is what the models say, and the way back works."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session

from evalsys.db import Base, db
from evalsys.migrations.upgrade import downgrade_database, upgrade_database
from evalsys.models import Category, Commitment, Release, Round, RoundState, Run, SchemeVersion
from tests.factories import NOW
from tests.integration.governing import add_proposal, make_world


@contextmanager
def taken_back(session: Session, revision: str) -> Iterator[None]:
    """The database as it was at `revision`; the newest again afterwards."""
    session.close()
    try:
        downgrade_database(revision)
        yield
    finally:
        session.close()
        upgrade_database()


def rows(session: Session, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in session.execute(sa.text(statement))]


def test_the_migrated_schema_equals_the_models(session: Session) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_rows_survive_an_upgrade_that_is_run_again(session: Session) -> None:
    session.add(Category(code="A", position=1))
    session.commit()
    session.close()
    upgrade_database()
    assert session.scalars(sa.select(Category.code)).all() == ["A"]


def test_every_migration_can_be_taken_back_and_applied_again(session: Session) -> None:
    session.close()
    downgrade_database("base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade_database()
    assert set(sa.inspect(db.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_a_scored_round_its_weights_and_its_run_are_carried_up_and_back(session: Session) -> None:
    world = make_world(session, RoundState.RIGHT_OF_REPLY)
    world.round.opened_at = NOW
    add_proposal(session, world, 2, state="superseded", approver=world.first, decided_at=NOW)
    (digest,) = session.scalars(sa.select(SchemeVersion.digest).where(SchemeVersion.state == "approved"))
    versions = "SELECT number, state, digest, reason, body FROM scheme_version ORDER BY number"
    runs = "SELECT number, input_digest, result_digest, scheme_version_id FROM run"
    before = rows(session, versions), rows(session, runs), rows(session, "SELECT stage, csv FROM run_table")
    with taken_back(session, "0005"):
        assert rows(session, "SELECT code, state FROM round") == [("2025", "scored")]
        assert (rows(session, versions), rows(session, runs)) == before[:2]
        columns = {table: sa.inspect(db.engine).get_columns(table) for table in ("round", "run", "scheme_version")}
        names = {f"{table}.{column['name']}" for table, found in columns.items() for column in found}
        assert names.isdisjoint({"round.quorum", "round.suspended_at", "run.reason", "scheme_version.is_amendment"})
    found = session.scalars(sa.select(Round)).one()
    assert (found.state, found.opened_scheme, found.opened_at) == (RoundState.DRAFT_RESULTS, digest, NOW)
    assert (found.quorum, found.majority, found.is_pilot, found.suspended_at) == (1, "half", False, None)
    assert [(run.reason, run.is_as_opened) for run in session.scalars(sa.select(Run))] == [("", False)]
    amended = sa.select(SchemeVersion.is_amendment, SchemeVersion.public_reason)
    assert {tuple(row) for row in session.execute(amended)} == {(False, "")}
    assert (rows(session, versions), rows(session, runs), rows(session, "SELECT stage, csv FROM run_table")) == before
    with pytest.raises(sa.exc.IntegrityError, match="questionnaire_keeps_its_content"):
        session.execute(sa.text("UPDATE questionnaire SET version = version + 1"))


@pytest.mark.parametrize("what", ["amended", "suspended"])
def test_the_way_back_is_refused_where_it_would_undo_a_decision(session: Session, what: str) -> None:
    world = make_world(session, RoundState.COLLECTING)
    if what == "amended":
        add_proposal(session, world, 2, is_amendment=True, public_reason="A mistake")
    else:
        world.round.suspended_at, world.round.suspended_reason = NOW, "A flood"
        session.commit()
    with pytest.raises(RuntimeError, match="0006 is not taken back"), taken_back(session, "0005"):
        pass
    found = session.scalars(sa.select(Round)).one()
    assert (found.state, found.quorum) == (RoundState.COLLECTING, 1)


def test_a_round_published_before_there_were_posters_gets_the_table_for_them(session: Session) -> None:
    make_world(session, RoundState.RIGHT_OF_REPLY)
    before = rows(session, "SELECT number, result_digest FROM run")
    with taken_back(session, "0006"):
        assert "publication_file" not in sa.inspect(db.engine).get_table_names()
        assert rows(session, "SELECT number, result_digest FROM run") == before
    assert rows(session, "SELECT count(*) FROM publication_file") == [(0,)]


def test_a_planned_publication_and_commitments_go_with_their_tables_and_nothing_else_does(session: Session) -> None:
    world = make_world(session, RoundState.FINAL)
    facts = {"round_id": world.round.id, "account_id": world.first.id}
    run = session.scalars(sa.select(Run)).one()
    session.add(Release(**facts, run_id=run.id, at=NOW, day=NOW.date(), created_at=NOW))
    session.add(
        Commitment(
            **facts, unit_id=world.units[0].id, number=1, text="more", locale="en", owner="Head", due=NOW.date(), at=NOW
        )
    )
    session.commit()
    with taken_back(session, "0006"):
        tables = set(sa.inspect(db.engine).get_table_names())
        assert tables.isdisjoint({"release", "prepared_scorecard", "commitment", "commitment_report"})
        assert rows(session, "SELECT code, state FROM round") == [("2025", "final")]
    assert session.scalars(sa.select(Release)).all() == []
    assert session.scalars(sa.select(Commitment)).all() == []
    assert session.scalars(sa.select(Run.number)).all() == [1]
