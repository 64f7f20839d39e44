"""The schema: what migrations build is what the models say, and the way back works."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session

from evalsys.db import Base, db
from evalsys.migrations.upgrade import downgrade_database, upgrade_database
from evalsys.models import Category


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
