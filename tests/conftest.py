"""What all tests share: an application on a migrated database that is empty again after each test."""

import asyncio
import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.config import Config
from evalsys.db import Base, db
from evalsys.migrations.upgrade import upgrade_database
from evalsys.services.guard import Limits
from tests.postgres import running_server
from tests.sharing import open_folder

SECRET = "a secret that only tests know, 32+ characters"
# Tests fill in forms faster and more often than people; those of the guard itself use its true limits.
NO_LIMITS = Limits(0, *[1_000_000] * 7)


class Browser(FlaskClient):
    """A test client whose every request stands alone, as on a real server.

    Flask lends an application context that the test has open to the request, and with it the signed-in user
    and the database session. Here each request gets its own; what the test wrote before is committed first.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.commit()
            db.session.expire_all()
        with self.application.app_context():
            return super().open(*args, **kwargs)


def pytest_configure(config: pytest.Config) -> None:
    open_folder(config)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported and collected stays to the end, so the search for garbage passes it by, now and later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


# The limits of coverage are met by what remains: unit tests, doctests, and integration tests on SQLite (ADR 16 and 22).
UNTRACED = {Path(__file__).parent / name for name in ("browser", "golden", "house", "pdf", "properties")}
REPEATED = {"postgresql", "zh", "ar"}


def is_traced(item: pytest.Item) -> bool:
    """Whether the lines that a test runs count: not those of tests that repeat what others run, step by step."""
    given = item.callspec.params if hasattr(item, "callspec") else {}
    is_repeated = not REPEATED.isdisjoint({given.get("database_kind"), given.get("locale")})
    return not (is_repeated or item.get_closest_marker("walk")) and UNTRACED.isdisjoint(item.path.parents)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tracing makes Python two thirds slower, so it rests where it can tell nothing new."""
    tracer = None if is_traced(item) else Coverage.current()
    if tracer is not None:
        tracer.stop()
    try:
        return (yield)
    finally:
        if tracer is not None:
            tracer.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Leave no event loop of a browser to other tests."""
    return (yield from _without_loop(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Leave no event loop of a browser to other tests."""
    return (yield from _without_loop(item))


def _without_loop(item: pytest.Item) -> Iterator[None]:
    """Playwright's loop counts as running in this thread from the first page to the end of the session.

    What starts a loop of its own, as a signature does, would be refused in a test that comes after.
    """
    loop = None if item.get_closest_marker("browser") else asyncio._get_running_loop()
    if loop is not None:
        asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        if loop is not None:
            asyncio._set_running_loop(loop)


@event.listens_for(Engine, "connect")
def _hurry_sqlite(connection: Any, _record: object) -> None:
    """Nothing here has to survive a power cut, so the tests do not wait for the disk; kills are survived without."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


@dataclass(frozen=True)
class Site:
    """One application on one migrated database, and the way to empty that database."""

    app: Flask
    empty: Callable[[], None]


def make_app(folder: Path, url: str) -> Flask:
    """An application for tests, its files in `folder` and its database migrated."""
    config = Config(secret_key=SECRET, database_url=url, instance_path=folder, environment="development")
    app = create_app(config)
    app.testing = True
    app.config["GUARD"] = NO_LIMITS
    app.test_client_class = Browser
    with app.app_context():
        try:
            upgrade_database()
        finally:
            db.engine.dispose()  # also lets SQLite write its log back into the file
    return app


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("sqlite")
    app = make_app(folder, f"sqlite:///{folder / 'evalsys.sqlite'}")
    with closing(sqlite3.connect(folder / "evalsys.sqlite")) as live, closing(sqlite3.connect(":memory:")) as pristine:
        live.backup(pristine)
        live.execute("PRAGMA synchronous = OFF")

        def empty() -> None:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
            # Page by page, in one transaction: no trigger that protects rows has a say.
            pristine.backup(live)

        yield Site(app, empty)


@pytest.fixture(scope="session")
def postgresql_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_server() as url:
        app = make_app(tmp_path_factory.mktemp("postgresql"), url)
        # Triggers that protect rows, and foreign keys, do not fire for a replica.
        statements = "; ".join(
            ["SET LOCAL session_replication_role = replica"]
            + [f'DELETE FROM "{table}"' for table in Base.metadata.tables]
        )

        def empty() -> None:
            with app.app_context():
                db.session.remove()
                with db.engine.begin() as connection:
                    connection.execution_options(no_parameters=True).exec_driver_sql(statements)

        yield Site(app, empty)
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test is parametrised with both, as all in tests/integration are."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def app(database_kind: str, request: pytest.FixtureRequest) -> Iterator[Flask]:
    site: Site = request.getfixturevalue(f"{database_kind}_site")
    yield site.app
    site.empty()


@pytest.fixture
def database_url(app: Flask) -> str:
    return str(app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The application's own session, in an application context, so that services can be called."""
    with app.app_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
