"""Settings: typed, from the environment only, safe by default."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent
MOST_WORKERS = 2
"""So many processes print unless told otherwise, on a machine with that many cores: web pages need some as well."""


class ConfigError(Exception):
    """Raised at start when a setting is missing or cannot be understood; the message says what to set."""


@dataclass(frozen=True)
class Config:
    """All settings of one running application."""

    secret_key: str
    database_url: str
    instance_path: Path
    environment: str = "production"
    port: int = 8000
    base_url: str = ""
    web_workers: int = 2
    workers: int = 1
    broker_url: str = ""
    trusted_proxies: int = 0
    body_name: str = "Rivergate City Council"
    smtp_url: str = ""
    mail_from: str = ""

    @property
    def is_production(self) -> bool:
        """True unless the environment says development."""
        return self.environment == "production"

    @property
    def public_url(self) -> str:
        """Address printed in QR codes and letters, without a slash at its end."""
        return (self.base_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the settings from `env` (the process environment unless given).

        Raises ConfigError when production has no secret, or a value cannot be read.
        """
        env = os.environ if env is None else env
        environment = env.get("EVALSYS_ENV", "production")
        if environment not in ("production", "development"):
            raise ConfigError(f"EVALSYS_ENV is {environment!r}; it must be 'production' or 'development'")
        instance = Path(env.get("EVALSYS_INSTANCE", str(PROJECT / "instance")))
        return cls(
            secret_key=_secret(env, environment, instance),
            database_url=_database_url(env.get("DATABASE_URL", ""), instance),
            instance_path=instance,
            environment=environment,
            port=_whole(env, "PORT", 8000),
            base_url=env.get("EVALSYS_BASE_URL", ""),
            web_workers=_whole(env, "EVALSYS_WEB_WORKERS", 2),
            workers=_whole(env, "EVALSYS_WORKERS", min(os.cpu_count() or 1, MOST_WORKERS), least=0),
            broker_url=_broker_url(env.get("EVALSYS_BROKER_URL", "")),
            trusted_proxies=_whole(env, "EVALSYS_TRUSTED_PROXIES", 0, least=0),
            body_name=env.get("EVALSYS_BODY_NAME", cls.body_name),
            smtp_url=_smtp_url(env),
            mail_from=env.get("EVALSYS_MAIL_FROM", ""),
        )


def _whole(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise ConfigError(f"{name} is {text!r}; it must be a whole number from {least} up")
    return int(text)


def _broker_url(url: str) -> str:
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("EVALSYS_BROKER_URL must look like redis://:password@host:6379/0 or rediss://…")
    return url


def _smtp_url(env: Mapping[str, str]) -> str:
    """The mail server, as smtp://user:password@host:587?starttls=1 or smtps://host:465; empty without one."""
    url = env.get("EVALSYS_SMTP_URL", "")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_fit = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fit = False
    if not is_fit:
        raise ConfigError(
            "EVALSYS_SMTP_URL must look like smtp://user:password@host:587?starttls=1 or smtps://host:465"
        )
    if "@" not in env.get("EVALSYS_MAIL_FROM", ""):
        raise ConfigError("EVALSYS_MAIL_FROM is not set; mail that is sent needs the address it comes from")
    return url


def _secret(env: Mapping[str, str], environment: str, instance: Path) -> str:
    given = env.get("SECRET_KEY", "")
    if given:
        if environment == "production" and len(given) < 32:
            raise ConfigError("SECRET_KEY has fewer than 32 characters; make one with: openssl rand -hex 32")
        return given
    if environment == "production":
        raise ConfigError("SECRET_KEY is not set; production needs one: export SECRET_KEY=$(openssl rand -hex 32)")
    return _development_secret(instance / "secret_key")


def _development_secret(path: Path) -> str:
    """Made once, whole from the start: of several processes that start together, all read the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32), encoding="ascii")
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{(instance / 'evalsys.sqlite').resolve()}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise ConfigError("DATABASE_URL must begin with postgresql:// or sqlite:///")
