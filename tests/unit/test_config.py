"""Settings: what is refused, and what a fresh start makes for itself."""

from pathlib import Path

import pytest
from flask import request

from evalsys.app import create_app
from evalsys.config import Config, ConfigError

SECRET = "x" * 40


def test_production_without_a_secret_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY is not set"):
        Config.from_env({"EVALSYS_INSTANCE": str(tmp_path)})


def test_production_refuses_a_short_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="fewer than 32"):
        Config.from_env({"EVALSYS_INSTANCE": str(tmp_path), "SECRET_KEY": "short"})


def test_development_makes_its_own_secret_once(tmp_path: Path) -> None:
    env = {"EVALSYS_ENV": "development", "EVALSYS_INSTANCE": str(tmp_path / "new")}
    first, second = Config.from_env(env), Config.from_env(env)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o077 == 0


def test_the_embedded_database_is_the_default(tmp_path: Path) -> None:
    config = Config.from_env({"SECRET_KEY": SECRET, "EVALSYS_INSTANCE": str(tmp_path)})
    assert config.database_url == f"sqlite:///{tmp_path}/evalsys.sqlite"
    assert config.is_production


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_through_psycopg(scheme: str) -> None:
    config = Config.from_env({"SECRET_KEY": SECRET, "DATABASE_URL": f"{scheme}://u:p@host/db"})
    assert config.database_url == "postgresql+psycopg://u:p@host/db"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "eighty"), ("PORT", "0"), ("EVALSYS_ENV", "staging"), ("DATABASE_URL", "mysql://host/db")]
    + [("EVALSYS_TIME_ZONE", zone) for zone in ("Nowhere/City", "../zone", "Europe")],
)
def test_a_value_that_cannot_be_read_names_its_setting(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_env({"SECRET_KEY": SECRET, name: value})


@pytest.mark.parametrize(("proxies", "believed"), [("0", "127.0.0.1"), ("1", "198.51.100.7"), ("2", "203.0.113.9")])
def test_only_as_many_proxies_are_believed_as_are_said_to_be_there(tmp_path: Path, proxies: str, believed: str) -> None:
    env = {"SECRET_KEY": SECRET, "EVALSYS_INSTANCE": str(tmp_path), "EVALSYS_TRUSTED_PROXIES": proxies}
    app = create_app(Config.from_env(env))
    seen: list[str | None] = []
    app.before_request(lambda: seen.append(request.remote_addr))
    app.test_client().get("/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert seen == [believed]


def test_the_public_address_follows_the_port_unless_it_is_set() -> None:
    assert Config.from_env({"SECRET_KEY": SECRET, "PORT": "8080"}).public_url == "http://127.0.0.1:8080"
    given = Config.from_env({"SECRET_KEY": SECRET, "EVALSYS_BASE_URL": "https://rate.example/"})
    assert given.public_url == "https://rate.example"
