"""Mail as files: each message lies below the instance folder as .eml, for a mail server's pick-up or to be read."""

import secrets
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from flask import current_app

FOLDER = "mail"


def send(to: str, subject: str, body: str, locale: str) -> None:
    """Write a plain text message in the language `locale` into the folder `mail`, whole or not at all."""
    message = EmailMessage(policy=SMTP)
    message["To"], message["Subject"] = to, subject
    message.set_content(body)
    message["Content-Language"] = locale
    path = Path(current_app.instance_path) / FOLDER / f"{secrets.token_hex(16)}.eml"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_bytes(message.as_bytes())
    draft.rename(path)
