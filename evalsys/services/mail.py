"""Mail as files: each message lies below the instance folder as .eml, for a mail server's pick-up or to be read."""

import re
import secrets
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from flask import current_app

FOLDER = "mail"
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True)
class Message:
    """One mail to one person, in her language."""

    to: str
    subject: str
    text: str
    locale: str


def is_address(text: str) -> bool:
    """True when mail can be sent to this.

    >>> is_address("a@example.org"), is_address("a.b"), is_address("a@b")
    (True, False, False)
    """
    return bool(ADDRESS.fullmatch(text))


def send(message: Message) -> None:
    """Write one plain text mail into the folder `mail`, whole or not at all."""
    written = EmailMessage(policy=SMTP)
    written["To"], written["Subject"] = message.to, message.subject
    written.set_content(message.text)  # drops what is said about the content before
    written["Content-Language"] = message.locale
    path = Path(current_app.instance_path) / FOLDER / f"{secrets.token_hex(16)}.eml"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_bytes(written.as_bytes())
    draft.rename(path)
