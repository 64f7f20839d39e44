"""The demo city, loaded once for all processes that test, each of which gets a copy of its own."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from evalsys.db import db
from evalsys.services.demo import load_city
from tests.conftest import make_app
from tests.sharing import shared
from tests.tracing import untraced

DATABASE = "evalsys.sqlite"


@untraced  # test_demo loads it for its own sake
def copy_city(factory: pytest.TempPathFactory, name: str, now: datetime) -> Flask:
    """An application whose database holds the whole city as loaded at `now`; `name` says which moment that is."""
    folder = factory.mktemp(name)
    with shared(f"city-{name}") as kept:
        if not kept.is_dir():
            _load(kept, now)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    return make_app(folder, f"sqlite:///{folder / DATABASE}")


def _load(folder: Path, now: datetime) -> None:
    folder.mkdir()
    app = make_app(folder, f"sqlite:///{folder / DATABASE}")
    with app.app_context():
        assert load_city(is_production=False, now=now).is_new
        db.session.remove()
        db.engine.dispose()  # lets SQLite write its log back into the file
