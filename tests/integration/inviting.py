"""A round with a list, for the tests of inviting: files of people, a worker that works them off, a mail server."""

import csv
import io
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import db
from evalsys.models import RollEntry, RoundState, Transfer, WorkItem
from evalsys.services import roll, work
from evalsys.services.access import Actor
from evalsys.services.roll import files, loading, writing
from evalsys.services.roll.people import Contact, opened
from tests.factories import NOW
from tests.integration.governing import World, make_world

HANDLERS = {"roll": loading.read_list, "invitations": writing.write_invitations, "reminders": writing.write_reminders}
HEADER = ("identifier", "name", "address_1", "address_2", "email", "stratum", "language")


def make_list_world(session: Session) -> World:
    """The small round of `governing`, collecting, and no file of another test."""
    for folder in ("incoming", "letters", "mail", "rejected"):
        shutil.rmtree(files.root() / folder, ignore_errors=True)
    return make_world(session, RoundState.COLLECTING)


def person(number: int, **over: str) -> dict[str, str]:
    facts = {
        "identifier": f"ID-{number:06d}",
        "name": f"Person {number}",
        "address_1": f"{number} Main Road",
        "address_2": "12345 Rivergate",
        "email": f"person{number}@example.org",
        "stratum": "users",
        "language": ("en", "zh", "ar")[number % 3],
    }
    return {**facts, **over}


def as_csv(rows: Sequence[dict[str, str]], header: Sequence[str] = HEADER) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, header, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def load(actor: Actor, content: bytes, channel: str = "letter", group: str = "citizens") -> Transfer:
    """Load a list and work it off."""
    upload = roll.Upload("2025", group, channel, "people.csv", io.BytesIO(content))
    number = roll.load_roll(actor, upload, now=NOW)
    drain()
    db.session.expire_all()
    return db.session.get_one(Transfer, number)


def load_people(actor: Actor, count: int, channel: str = "letter", **over: str) -> Transfer:
    return load(actor, as_csv([person(number, **over) for number in range(count)]), channel)


def claim() -> list[work.Claimed]:
    return work.claim("tester", utc_now())


def drain() -> list[str]:
    """Work off what is queued now, each item once; returns the errors."""
    errors = []
    for item in claim():
        try:
            work.finish(item, "tester", utc_now(), HANDLERS[item.kind](item))
        except Exception as error:  # noqa: BLE001  as the task loop does
            db.session.rollback()
            errors.append(str(error))
            work.fail(item, "tester", str(error), utc_now())
    return errors


def drain_till_given_up(session: Session) -> None:
    """Let what is queued fail as often as it takes."""
    for _ in range(work.MOST_ATTEMPTS):
        drain()
        session.execute(WorkItem.__table__.update().values(lease_until=None).where(WorkItem.state == 0))  # type: ignore[attr-defined]
        session.commit()


def entries(session: Session) -> list[RollEntry]:
    session.expire_all()
    return list(session.scalars(select(RollEntry)))


def contacts(session: Session) -> list[Contact]:
    return [opened(entry.round_id, entry.contact) for entry in entries(session)]


def states(session: Session) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in entries(session):
        found[entry.state] = found.get(entry.state, 0) + 1
    return found


@dataclass
class Post:
    """What a mail server took; `refuse` are recipients that it never takes, `after` how many mails it survives."""

    taken: list[Any] = field(default_factory=list)
    refuse: frozenset[str] = frozenset()
    after: int = 10**6

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refuse:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if len(self.taken) >= self.after:
            return "421 closing down"
        self.taken.append(envelope)
        return "250 OK"


@contextmanager
def mail_server(post: Post) -> Iterator[str]:
    """A mail server; gives its address as EVALSYS_SMTP_URL has it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


@contextmanager
def mail_settings(app: Flask, url: str) -> Iterator[None]:
    """The application with this mail server in its settings."""
    before = app.config["EVALSYS"]
    app.config["EVALSYS"] = replace(before, smtp_url=url, mail_from="ratings@rivergate.example")
    try:
        yield
    finally:
        app.config["EVALSYS"] = before


def instance_files(folder: str) -> list[str]:
    """The names of the files below a folder of the instance."""
    path = files.root() / folder
    return sorted(one.name for one in path.iterdir()) if path.is_dir() else []
