"""Settings: typed, from the environment only, safe by default."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

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
    appeal_contact: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    time_zone: str = "UTC"
    signing_key: str = ""
    signing_certificate: str = ""
    signing_password: str = ""
    timestamp_url: str = ""
    timestamp_certificate: str = ""
    data_licence: str = "https://creativecommons.org/licenses/by/4.0/"

    @property
    def is_production(self) -> bool:
        """True unless the environment says development."""
        return self.environment == "production"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the body: in it publications are planned, and the day of publication is told."""
        return ZoneInfo(self.time_zone)

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
            appeal_contact=" ".join(env.get("EVALSYS_APPEAL_CONTACT", "").split()),
            smtp_url=_smtp_url(env),
            mail_from=env.get("EVALSYS_MAIL_FROM", ""),
            time_zone=_time_zone(env),
            **_signing(env),
            data_licence=_web_address(env, "EVALSYS_DATA_LICENCE", cls.data_licence),
        )


def _whole(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise ConfigError(f"{name} is {text!r}; it must be a whole number from {least} up")
    return int(text)


def _web_address(env: Mapping[str, str], name: str, default: str) -> str:
    url = env.get(name, default)
    if not url.startswith(("https://", "http://")) or not url.isprintable() or set(url) & set(' <>"'):
        raise ConfigError(f"{name} is {url!r}; it must be an address that begins with https://")
    return url


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


def _signing(env: Mapping[str, str]) -> dict[str, str]:
    """Files and addresses for signing; what lies in the files is read where it is used."""
    key, certificate = env.get("EVALSYS_SIGNING_KEY", ""), env.get("EVALSYS_SIGNING_CERTIFICATE", "")
    url, root = env.get("EVALSYS_TIMESTAMP_URL", ""), env.get("EVALSYS_TIMESTAMP_CERTIFICATE", "")
    if certificate and not key:
        raise ConfigError("EVALSYS_SIGNING_KEY is not set; a certificate alone signs nothing")
    if key and not certificate and not key.lower().endswith((".p12", ".pfx")):
        raise ConfigError("EVALSYS_SIGNING_CERTIFICATE is not set; a key needs its certificate and those above it")
    if url and not url.startswith(("https://", "http://")):
        raise ConfigError("EVALSYS_TIMESTAMP_URL must begin with https:// or http://")
    if url and not root:
        raise ConfigError("EVALSYS_TIMESTAMP_CERTIFICATE is not set; time stamps are checked against that root")
    return {
        "signing_key": key,
        "signing_certificate": certificate,
        "signing_password": env.get("EVALSYS_SIGNING_PASSWORD", ""),
        "timestamp_url": url,
        "timestamp_certificate": root,
    }


def _time_zone(env: Mapping[str, str]) -> str:
    name = env.get("EVALSYS_TIME_ZONE", "") or "UTC"
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"EVALSYS_TIME_ZONE is {name!r}; it must be a zone such as Asia/Shanghai or UTC") from error
    return name


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
