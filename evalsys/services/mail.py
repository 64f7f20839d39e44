"""Plain-text mail: through the SMTP server of the settings, or, without one, as files below instance/mail/.

A header cannot be injected: line breaks and control characters in a subject become spaces, an address with anything
odd in it is refused before a server hears of it.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from evalsys.clock import utc_now
from evalsys.config import Config
from evalsys.errors import Unavailable
from evalsys.services.mixing import new_id

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{4,253}\Z)([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
ANY_ADDRESS = re.compile(r"[^\s<>'\"(){}\[\],;:]+@[^\s<>'\"(){}\[\],;:]+")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
SECONDS_TO_ANSWER = 20
PERMANENT = 500


class Refused(ValueError):
    """Raised when this one mail cannot be delivered whatever one does: a bad address, or the server says so."""


@dataclass(frozen=True)
class Message:
    """One mail to one person, in her language; put names that may run the other way into `isolated`."""

    to: str
    subject: str
    text: str
    locale: str


class Outbox(Protocol):
    """Something that takes mails."""

    def send(self, message: Message) -> None:
        """Hand the mail over. Raises Refused, Unavailable."""


def isolated(text: object) -> str:
    """A name inside a subject or a sentence, kept apart from the direction of what is around it.

    >>> [hex(ord(mark)) for mark in isolated("A")]
    ['0x2068', '0x41', '0x2069']
    """
    return f"\u2068{text}\u2069"


def is_address(text: str) -> bool:
    """True for an address that mail can be sent to: ASCII, one @, a domain with a dot."""
    return bool(ADDRESS.fullmatch(text)) and ".." not in text


def is_configured() -> bool:
    """True when the settings name a mail server."""
    return bool(_config().smtp_url)


def send(message: Message) -> None:
    """Send one mail. Raises Refused (this mail never goes) and Unavailable (the server does not take mail now)."""
    with outbox() as box:
        box.send(message)


@contextmanager
def outbox() -> Iterator[Outbox]:
    """Somewhere to put many mails, over one connection. Raises Unavailable when the server is not there."""
    if not is_configured():
        yield _Folder(Path(current_app.instance_path) / "mail")
        return
    try:
        server = _connected(_config().smtp_url)
    except (OSError, smtplib.SMTPException) as error:
        raise _away(error) from error
    try:
        yield _Server(server)
    finally:
        server.close()


def as_bytes(message: Message, now: datetime) -> bytes:
    """The mail as it travels and as an .eml file. Raises Refused for what is no address or cannot be written."""
    return _written(message, now).as_bytes(policy=SMTP)


class _Server:
    """A connection to a mail server."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: Message) -> None:
        written = _written(message, utc_now())
        try:
            self._server.send_message(written)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            if code >= PERMANENT:
                raise Refused(f"{code} {said.decode(errors='replace')}") from error
            raise _away(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise _away(error) from error


class _Folder:
    """A folder that stands in for a mail server; each mail is a file that any mail program opens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{new_id()}.eml"
        path.touch(mode=0o600)
        path.write_bytes(as_bytes(message, utc_now()))


def _written(message: Message, now: datetime) -> EmailMessage:
    if not is_address(message.to):
        raise Refused("This is no mail address.")
    config = _config()
    sender = config.mail_from or f"no-reply@{urlsplit(config.public_url).hostname}"
    written = EmailMessage(policy=SMTP)
    try:
        written["From"], written["To"] = sender, message.to
        written["Subject"] = " ".join(CONTROLS.sub(" ", message.subject).split())
        written["Date"] = format_datetime(now)
        written["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("> "))
        written["Auto-Submitted"] = "auto-generated"
        written.set_content(message.text)  # drops what is said about the content before
        written["Content-Language"] = CONTROLS.sub("", message.locale)
    except (MessageError, UnicodeError) as error:
        raise Refused(str(error)) from error
    return written


def _connected(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    context, host = ssl.create_default_context(), parts.hostname or ""
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS_TO_ANSWER, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS_TO_ANSWER)
    try:
        if parts.scheme == "smtp" and parse_qs(parts.query).get("starttls") == ["1"]:
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _away(error: Exception) -> Unavailable:
    """Without addresses: what is raised here is kept beside the work, long after the list has been forgotten."""
    params = {"error": f"{type(error).__name__}: {ANY_ADDRESS.sub('…', str(error))}"}
    return Unavailable("The mail server does not take mail now: %(error)s", params)


def _config() -> Config:
    found: Config = current_app.config["EVALSYS"]
    return found
