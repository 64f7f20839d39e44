"""Inviting by letters and by files of mails: one code a person, nothing that joins the two, files that go away."""

import io
import pkgutil
import re
import zipfile
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.clock import utc_now
from evalsys.errors import Conflict, Forbidden, NotFound
from evalsys.models import AuditEntry, Credential, RollEntry, RoundState, Transfer, WorkItem
from evalsys.services import credentials, roll, work
from evalsys.services.roll import files, retention, writing
from evalsys.services.roll.batches import shared_out
from evalsys.services.roll.codes import as_token
from tests.factories import NOW
from tests.integration.governing import World, audit_of
from tests.integration.inviting import (
    as_csv,
    claim,
    drain,
    entries,
    instance_files,
    load,
    load_people,
    make_list_world,
    person,
    states,
)

KINDS = ("roll", "invitations", "reminders", "posters")
CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}\b")


def invite(world: World, way: str = "letters") -> int:
    return roll.invite_people(world.actor(world.analyst), roll.Order("2025", "citizens", way), now=NOW)


def remind(world: World, way: str = "letters") -> int:
    return roll.remind_people(world.actor(world.analyst), roll.Order("2025", "citizens", way), now=utc_now())


def made(world: World, transfer_id: int) -> list[tuple[str, bytes]]:
    items = roll.finished_items(transfer_id)
    return [roll.read_file(world.actor(world.analyst), "2025", item, now=NOW) for item in items]


def in_database(session: Session) -> list[Credential]:
    session.expire_all()
    return list(session.scalars(select(Credential)))


def test_each_letter_names_one_person_and_holds_one_code_that_works(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 6)
    number = invite(world)
    assert states(session) == {"sending": 6}
    assert drain() == []
    ((name, content),) = made(world, number)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    assert name == f"transfer-{number}-users-001.pdf"
    assert len(pages) == 6
    codes = [CODE.findall(page) for page in pages]
    assert [len(found) for found in codes] == [1] * 6
    assert {token for (found,) in codes for token in [credentials.group_of(as_token(found))]} == {"citizens"}
    assert {digest.digest for digest in in_database(session)} == {
        credentials.token_digest(as_token(found)) for (found,) in codes
    }
    assert sorted(number for number in range(6) for page in pages if f"Person {number}" in page) == list(range(6))
    assert states(session) == {"invited": 6}
    assert audit_of(session, "roll.invite")[0] == ("roll.invite", "done")


def test_nothing_in_the_database_joins_people_and_codes(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 60, "mail")
    invite(world, "eml")
    drain()
    rows = in_database(session)
    ids = {entry.id for entry in entries(session)}
    stored = [str(item.payload) for item in session.scalars(select(WorkItem))]
    assert not [one for one in stored if any(row.digest in one for row in rows) or any(id_ in one for id_ in ids)]
    logged = " ".join(str(entry.detail) for entry in session.scalars(select(AuditEntry)))
    assert not any(row.digest in logged for row in rows)


def test_a_finished_file_cannot_be_read_on_the_disk(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2, "mail")
    number = invite(world, "eml")
    drain()
    ((_, content),) = made(world, number)
    (stored,) = (files.root() / "letters").iterdir()
    assert content.startswith(b"PK")
    assert b"PK" not in stored.read_bytes()[:200]
    assert stored.stat().st_mode & 0o077 == 0


def test_mails_as_files_are_in_the_language_of_each_person(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 3, "mail")
    number = invite(world, "eml")
    drain()
    ((name, content),) = made(world, number)
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        mails = [message_from_bytes(archive.read(one), policy=default) for one in archive.namelist()]
    assert sorted(mail["Content-Language"] for mail in mails) == ["ar", "en", "zh"]
    for mail in mails:
        body = mail.get_content()
        links = re.findall(r"http://\S+/(\w\w)/invitations/(\w{28})", body)
        assert [locale for locale, _ in links] == [mail["Content-Language"]]
        assert credentials.group_of(links[0][1]) == "citizens"


def test_a_stratum_is_shared_out_evenly() -> None:
    assert [len(part) for part in shared_out([str(n) for n in range(501)])] == [167, 167, 167]
    assert sorted(one for part in shared_out(list("abc")) for one in part) == ["a", "b", "c"]


def test_an_attempt_that_broke_is_made_again_and_its_codes_are_void(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 4, "mail")
    number = invite(world, "eml")
    (item,) = claim()

    def stop(*_: object) -> bytes:
        raise OSError("the disk is full")

    as_zip = writing._as_zip
    monkeypatch.setattr(writing, "_as_zip", stop)
    with pytest.raises(OSError, match="disk"):
        writing.write_invitations(item)
    before = {row.digest for row in in_database(session)}
    assert states(session) == {"sending": 4}
    monkeypatch.setattr(writing, "_as_zip", as_zip)
    work.fail(item, "tester", "the disk is full", NOW)
    assert drain() == []
    after = {row.digest for row in in_database(session)}
    assert (len(before), len(after), before & after) == (4, 4, set())
    assert states(session) == {"invited": 4}
    assert len(made(world, number)) == 1


def test_a_worker_that_lost_its_lease_makes_no_credentials(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2)
    invite(world)
    (item,) = claim()
    session.execute(update(WorkItem).where(WorkItem.id == item.id).values(attempts=2))
    session.commit()
    with pytest.raises(Conflict):
        writing.write_invitations(item)
    assert in_database(session) == []


def test_two_orders_at_once_invite_nobody_twice(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2)
    invite(world)
    with pytest.raises(Conflict, match="nobody to write to"):
        invite(world)
    with pytest.raises(Forbidden):
        roll.invite_people(world.actor(world.first), roll.Order("2025", "citizens", "letters"), now=NOW)


def test_letters_are_not_written_for_people_with_a_mail_address_only(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2, "mail")
    with pytest.raises(Conflict, match="nobody"):
        invite(world)
    with pytest.raises(Conflict, match="No mail server"):
        invite(world, "smtp")


def test_codes_of_a_round_that_was_closed_meanwhile_are_not_made(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2)
    invite(world)
    world.round.state = RoundState.CLOSED
    session.commit()
    assert "approved or collecting" in drain()[0]
    assert in_database(session) == []


def test_reminders_go_to_everybody_a_week_later_twice_at_most_and_hold_no_code(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 3)
    invite(world)
    drain()
    with pytest.raises(Conflict, match="nobody to write to"):
        remind(world)
    for weeks in (1, 2):
        session.execute(update(RollEntry).values(invited_on=(utc_now() - timedelta(weeks=weeks)).date()))
        session.commit()
        number = remind(world)
        with pytest.raises(Conflict, match="not over"):
            remind(world)
        assert drain() == []
        ((_, content),) = made(world, number)
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        assert not CODE.search(text)
        assert "/invitations/" not in text
        assert {entry.reminders for entry in entries(session)} == {weeks}
    session.execute(update(RollEntry).values(invited_on=(utc_now() - timedelta(weeks=9)).date()))
    session.commit()
    with pytest.raises(Conflict, match="nobody to write to"):
        remind(world)
    assert len(in_database(session)) == 3


def test_a_deleted_file_is_gone(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2, "mail")
    number = invite(world, "eml")
    drain()
    (item,) = roll.finished_items(number)
    roll.delete_file(world.actor(world.analyst), "2025", item, now=NOW)
    assert instance_files("letters") == []
    assert roll.finished_items(number) == []
    with pytest.raises(NotFound):
        roll.read_file(world.actor(world.analyst), "2025", item, now=NOW)


def test_a_month_after_the_end_contacts_and_files_are_gone(session: Session) -> None:
    world = make_list_world(session)
    analyst = world.actor(world.analyst)
    load(analyst, as_csv([person(1), person(2, language="fr")]), "mail")
    invite(world, "eml")
    drain()
    world.round.state, world.round.closed_at = RoundState.CLOSED, NOW
    session.commit()
    assert retention.forget_contacts(NOW + timedelta(days=29, hours=23)) == 0
    assert retention.forget_contacts(NOW + timedelta(days=30)) == 1
    assert [entry.contact for entry in entries(session)] == [b""]
    assert (instance_files("letters"), instance_files("rejected")) == ([], [])
    assert retention.forget_contacts(NOW + timedelta(days=31)) == 0


def test_what_is_left_of_a_file_without_one_good_row_goes_too(session: Session) -> None:
    world = make_list_world(session)
    load(world.actor(world.analyst), as_csv([person(2, language="fr")]))
    assert len(instance_files("rejected")) == 1
    world.round.state, world.round.closed_at = RoundState.CLOSED, NOW
    session.commit()
    retention.forget_contacts(NOW + timedelta(days=30))
    assert instance_files("rejected") == []


def test_every_kind_of_work_has_a_handler() -> None:
    assert [pkgutil.resolve_name(name).__name__ for kind, name in tasks.HANDLERS.items() if kind in KINDS] == [
        "read_list",
        "write_invitations",
        "write_reminders",
        "print_posters",
    ]
    assert retention.forget in [pkgutil.resolve_name(name) for name in tasks.PERIODIC]


def test_the_transfer_is_done_with_its_last_batch(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_list_world(session)
    monkeypatch.setattr("evalsys.services.roll.batches.MOST_IN_A_BATCH", 2)
    load_people(world.actor(world.analyst), 4, "mail")
    number = invite(world, "eml")
    first, second = claim()
    work.finish(first, "tester", utc_now(), writing.write_invitations(first))
    session.expire_all()
    assert session.get_one(Transfer, number).state == "running"
    work.finish(second, "tester", utc_now(), writing.write_invitations(second))
    session.expire_all()
    assert session.get_one(Transfer, number).state == "done"
