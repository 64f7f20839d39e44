"""Run migrations inside the application, on its own engine."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy.engine import Connection

from evalsys.db import db

FOLDER = Path(__file__).parent


def alembic_config() -> AlembicConfig:
    """Alembic's settings, bound to a connection by the callers below."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def upgrade_database(revision: str = "head") -> None:
    """Upgrade to `revision`; needs an application context."""
    _run(lambda config: command.upgrade(config, revision))


def downgrade_database(revision: str) -> None:
    """Downgrade to `revision`; needs an application context."""
    _run(lambda config: command.downgrade(config, revision))


def make_migration(message: str, revision: str) -> None:
    """Write the difference between models and database as a new migration."""
    _run(lambda config: command.revision(config, message=message, autogenerate=True, rev_id=revision))


def _run(step: Callable[[AlembicConfig], object]) -> None:
    config = alembic_config()
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        with _tables_may_be_made_anew(connection):
            step(config)


@contextmanager
def _tables_may_be_made_anew(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which foreign keys to it would forbid; they are checked afterwards."""
    database = connection.connection.driver_connection
    if not isinstance(database, sqlite3.Connection):
        yield
        return
    database.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        database.execute("PRAGMA foreign_keys=ON")
    if database.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise RuntimeError("a migration left rows that point nowhere")
