"""Draft the next migration: what the models have and a fresh database at the newest revision lacks."""

import sys
import tempfile

from evalsys.app import create_app
from evalsys.config import Config
from evalsys.migrations.upgrade import FOLDER, make_migration, upgrade_database


def main(message: str) -> None:
    """Write evalsys/migrations/versions/NNNN_message.py."""
    number = 1 + max((int(path.name[:4]) for path in (FOLDER / "versions").glob("[0-9]*.py")), default=0)
    with tempfile.TemporaryDirectory() as folder:
        settings = {"EVALSYS_ENV": "development", "EVALSYS_INSTANCE": folder}
        with create_app(Config.from_env(settings)).app_context():
            upgrade_database()
            make_migration(message, f"{number:04d}")


if __name__ == "__main__":
    main(sys.argv[1])
