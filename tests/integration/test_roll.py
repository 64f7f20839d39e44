"""The list: who gets on it, what is kept of whom, what is said about rows that do not fit."""

import csv
import io

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid
from evalsys.models import RoundState
from evalsys.services import roll, work
from evalsys.services.roll import loading
from evalsys.services.roll.people import Contact, normalised, person_of
from evalsys.services.transfers.cells import safe_cell
from tests.factories import NOW
from tests.integration.governing import audit_of
from tests.integration.inviting import (
    HEADER,
    as_csv,
    claim,
    contacts,
    drain_till_given_up,
    entries,
    instance_files,
    load,
    load_people,
    make_list_world,
    person,
)


def rejections(actor: object, transfer_id: int) -> list[list[str]]:
    content = roll.read_rejections(actor, "2025", transfer_id)  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(content.decode())))[1:]


def test_people_of_a_file_are_on_the_list_and_the_file_is_gone(session: Session) -> None:
    world = make_list_world(session)
    done = load_people(world.actor(world.analyst), 3)
    assert (done.state, done.counts["added"], done.position) == ("done", 3, done.size)
    assert sorted(contacts(session), key=lambda one: one.name)[1] == Contact(
        "Person 1", ("1 Main Road", "12345 Rivergate"), "person1@example.org"
    )
    assert {(one.group, one.stratum, one.channel, one.state) for one in entries(session)} == {
        ("citizens", "users", "letter", "new")
    }
    assert instance_files("incoming") == []
    assert audit_of(session, "roll.load") == [("roll.load", "done")]


def test_the_database_holds_no_name_address_or_identifier(session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2)
    rows = session.execute(text("SELECT * FROM roll_entry")).all()
    stored = b" ".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
    assert not [word for word in (b"Person", b"Main Road", b"example.org", b"ID-0") if word in stored]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ID 1234", "id1234"),
        ("٣٤-ab", "34-AB"),
        ("ＡＢ１", "ab1"),
        ("۹", "9"),
        ("straße", "STRASSE"),
        ("a\u200fb", "ab"),
    ],
)
def test_identifiers_that_mean_the_same_are_the_same_person(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


def test_the_mark_of_a_person_differs_from_round_to_round(session: Session) -> None:
    assert person_of(1, "ab") != person_of(2, "ab")
    assert person_of(1, "ab") == person_of(1, " A B ")


def test_nobody_stands_on_the_list_twice_over_files_and_channels(session: Session) -> None:
    world = make_list_world(session)
    analyst = world.actor(world.analyst)
    first = load(analyst, as_csv([person(1), person(2), person(1, identifier="id-٠٠٠٠٠١")]))
    second = load(analyst, as_csv([person(2), person(3)]), "mail")
    assert [first.counts["added"], second.counts["added"]] == [2, 1]
    assert rejections(analyst, first.id) == [["4", "identifier", "id-٠٠٠٠٠١", loading.TWICE]]
    assert rejections(analyst, second.id) == [["2", "identifier", "ID-000002", loading.THERE_ALREADY]]


def test_every_row_that_does_not_fit_is_named_with_line_column_value_and_reason(session: Session) -> None:
    world = make_list_world(session)
    analyst = world.actor(world.analyst)
    rows = [
        person(1, stratum="aliens"),
        person(2, language="fr"),
        person(3, email="=cmd|x@"),
        person(4, name="", address_1=" "),
        person(5, identifier="\u200e"),
        person(6, stratum="open"),
        person(7, name="x" * 101),
        person(8),
        person(9, name="a\0b"),
    ]
    done = load(analyst, as_csv(rows))
    found = rejections(analyst, done.id)
    assert done.counts["added"] == 1
    assert [(line, column) for line, column, _, _ in found] == [
        ("2", "stratum"),
        ("3", "language"),
        ("4", "email"),
        ("5", "name"),
        ("5", "address_1"),
        ("6", "identifier"),
        ("7", "stratum"),
        ("8", "name"),
        ("10", ""),
    ]
    assert found[2][2] == "'=cmd|x@"
    assert "it has: users" in found[0][3]
    assert done.counts["rejected"] == 8


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r", " =", "＝", "＋", "－", "＠"])
def test_a_rejected_value_is_no_formula(sign: str) -> None:
    assert safe_cell(f"{sign}1+1").startswith("'")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (as_csv([person(1)], [*HEADER, "birthday"]), "birthday"),
        (as_csv([person(1)], HEADER[1:]), "identifier"),
        (as_csv([person(1)]).replace(b"Person", b"\xff"), "not UTF-8"),
        (as_csv([person(1)]).replace(b"Person", b'"x" y'), "cannot be read as CSV"),
        (as_csv([person(1)], [*HEADER, "email"]), "twice"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(session: Session, content: bytes, said: str) -> None:
    world = make_list_world(session)
    done = load(world.actor(world.analyst), content)
    page = roll.read_load(world.actor(world.analyst), "2025", done.id)
    whole = " ".join([page.error % page.params, *(message % params for message, params in page.problems)])
    assert page.state == "failed"
    assert said in whole
    assert instance_files("incoming") == []


def test_semicolons_and_a_mark_at_the_start_are_understood(session: Session) -> None:
    world = make_list_world(session)
    content = b"\xef\xbb\xbf" + as_csv([person(1)]).replace(b",", b";")
    assert load(world.actor(world.analyst), content).counts["added"] == 1


def test_a_worker_that_takes_over_goes_on_where_the_other_stopped(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_list_world(session)
    analyst = world.actor(world.analyst)
    monkeypatch.setattr(loading, "ROWS_A_PIECE", 10)
    rows = [person(number, stratum="users" if number % 4 else "aliens") for number in range(45)]
    upload = roll.Upload("2025", "citizens", "letter", "people.csv", io.BytesIO(as_csv(rows)))
    number = roll.load_roll(analyst, upload, now=NOW)
    (item,) = claim()
    take, pieces = loading._take, []

    def stop(item: work.Claimed, piece: list[loading.Row]) -> None:
        pieces.append(piece)
        if len(pieces) > 2:
            raise OSError("the power fails")
        take(item, piece)

    monkeypatch.setattr(loading, "_take", stop)
    with pytest.raises(OSError, match="power"):
        loading.read_list(item)
    monkeypatch.setattr(loading, "_take", take)
    loading.read_list(item)
    done = roll.read_load(analyst, "2025", number)
    assert (done.state, done.added, done.rejected) == ("done", 33, 12)
    assert [int(line) for line, *_ in rejections(analyst, number)] == list(range(2, 47, 4))


def test_a_file_that_no_worker_can_read_is_said_to_be_given_up(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_list_world(session)
    analyst = world.actor(world.analyst)
    number = roll.load_roll(
        analyst, roll.Upload("2025", "citizens", "letter", "people.csv", io.BytesIO(as_csv([person(1)]))), now=NOW
    )

    def stop(*_: object) -> None:
        raise OSError("the disk is broken")

    monkeypatch.setattr(loading, "_take", stop)
    drain_till_given_up(session)
    page = roll.read_load(analyst, "2025", number)
    assert (page.state, page.error, page.is_over) == ("failed", loading.GIVEN_UP, True)


def test_a_correction_replaces_the_address_of_somebody_who_could_not_be_reached(session: Session) -> None:
    world = make_list_world(session)
    analyst = world.actor(world.analyst)
    load_people(analyst, 2, "mail")
    for entry in entries(session):
        entry.state = "failed"
    session.commit()
    done = load(analyst, as_csv([person(1, email="new@example.org")]), "mail")
    assert (done.counts["corrected"], done.counts["rejected"]) == (1, 0)
    assert "new@example.org" in {one.email for one in contacts(session)}


def test_a_list_needs_a_round_that_invites_and_a_group_that_rates_by_form(session: Session) -> None:
    world = make_list_world(session)
    analyst, content = world.actor(world.analyst), as_csv([person(1)])
    with pytest.raises(Invalid, match="rates by form"):
        load(analyst, content, group="peers")
    with pytest.raises(Invalid, match="not empty"):
        load(analyst, b"")
    with pytest.raises(Forbidden):
        load(world.actor(world.first), content)
    world.round.state = RoundState.CLOSED
    session.commit()
    with pytest.raises(Conflict):
        load(analyst, content)
    assert instance_files("incoming") == []
