"""Mail: nothing can be put into a header, what cannot be delivered is told apart from a server that is away."""

import smtplib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.config import Config, ConfigError
from evalsys.errors import Unavailable
from evalsys.services import mail
from evalsys.services.mail import Message
from tests.factories import NOW
from tests.integration.inviting import Post, mail_server, mail_settings, make_list_world

INJECTIONS = (
    "Hello\r\nBcc: everybody@example.org",
    "Hello\nBcc: x@example.org\n\nbody",
    "a\r b\x00\x1b",
    "a\u2028Bcc: b",
)


@pytest.mark.parametrize("subject", INJECTIONS)
def test_a_subject_stays_one_header(app: Flask, session: Session, subject: str) -> None:
    written = message_from_bytes(mail.as_bytes(Message("a@example.org", subject, "text", "en"), NOW), policy=default)
    assert set(written.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
        "Content-Language",
    }
    assert written.get_content().splitlines() == ["text"]
    assert written["Subject"].startswith(("Hello", "a"))


@pytest.mark.parametrize(
    "address",
    [
        "a@b.org\r\nBcc: c@d.org",
        "a@b.org, c@d.org",
        "<a@b.org>",
        "a b@c.org",
        "a@b",
        "a@-",
        "",
        "a@b..org",
        "ü@b.org",
        "a@b.org\0",
        '"x"@b.org',
    ],
)
def test_an_odd_address_is_refused(app: Flask, session: Session, address: str) -> None:
    with pytest.raises(mail.Refused):
        mail.send(Message(address, "subject", "text", "en"))


def test_without_a_server_a_mail_becomes_a_file(app: Flask, session: Session) -> None:
    make_list_world(session)
    subject = f"جهة {mail.isolated('Police')}"
    mail.send(Message("a@example.org", subject, "سطر\n\n行", "ar"))
    (path,) = (Path(app.instance_path) / "mail").iterdir()
    written = message_from_bytes(path.read_bytes(), policy=default)
    assert (written["To"], written["Subject"], written["Content-Language"]) == ("a@example.org", subject, "ar")
    assert written.get_content().splitlines() == ["سطر", "", "行"]
    assert path.stat().st_mode & 0o077 == 0


def test_a_mail_goes_through_the_server_of_the_settings(app: Flask, session: Session) -> None:
    post = Post()
    with mail_server(post) as url, mail_settings(app, url):
        mail.send(Message("a@example.org", "subject", "text", "en"))
    (envelope,) = post.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("ratings@rivergate.example", ["a@example.org"])


def test_a_refused_recipient_and_a_server_that_is_away_are_told_apart(app: Flask, session: Session) -> None:
    message = Message("a@example.org", "subject", "text", "en")
    post, refusal = Post(refuse=frozenset({"a@example.org"})), pytest.raises(mail.Refused, match="550")
    with mail_server(post) as url, mail_settings(app, url), refusal:
        mail.send(message)
    with mail_settings(app, "smtp://127.0.0.1:1"), pytest.raises(Unavailable):
        mail.send(message)
    with mail_server(Post(after=0)) as url, mail_settings(app, url), pytest.raises(Unavailable):
        mail.send(message)


def test_a_server_without_the_encryption_that_is_asked_for_gets_no_mail(app: Flask, session: Session) -> None:
    post = Post()
    with mail_server(post) as url, mail_settings(app, f"{url}?starttls=1"), pytest.raises(Unavailable) as refusal:
        mail.send(Message("a@example.org", "subject", "text", "en"))
    assert isinstance(refusal.value.__cause__, smtplib.SMTPException)
    assert post.taken == []


@pytest.mark.parametrize("url", ["host:25", "http://host", "smtp://", "smtp://host:abc", "smtp://host:99999"])
def test_an_address_of_no_mail_server_refuses_the_start(url: str) -> None:
    env = {"EVALSYS_ENV": "development", "SECRET_KEY": "x", "EVALSYS_SMTP_URL": url, "EVALSYS_MAIL_FROM": "a@b.org"}
    with pytest.raises(ConfigError, match="EVALSYS_SMTP_URL"):
        Config.from_env(env)


def test_a_mail_server_needs_a_sender() -> None:
    env = {"EVALSYS_ENV": "development", "SECRET_KEY": "x", "EVALSYS_SMTP_URL": "smtp://u:p@host:587?starttls=1"}
    with pytest.raises(ConfigError, match="EVALSYS_MAIL_FROM"):
        Config.from_env(env)
    assert Config.from_env({**env, "EVALSYS_MAIL_FROM": "a@b.org"}).mail_from == "a@b.org"
