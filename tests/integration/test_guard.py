"""The open channel's guard: programs get little, people lose nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import transaction
from evalsys.errors import Conflict
from evalsys.models import Draft, Inbox, Round, RoundState, Submission, Throttle, UsedPuzzle
from evalsys.services import collection, guard, sweeping
from evalsys.services.collection import KeptForm
from evalsys.services.guard import Cap, Limits, count_up, is_solved, make_puzzle, puzzle
from tests.conftest import NO_LIMITS, SECRET
from tests.integration.collecting import World, filled, in_box, make_tokens, make_world
from tests.integration.guarding import old_nonce, solve, solved_form
from tests.integration.test_collection import counting
from tests.pages import check_page, get_page, post_form

URL = "/en/units/U01/rating"
NONCE = "n" * 43


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    made.round.network_salt = b"salt of the round"
    session.commit()
    return made


@pytest.fixture
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The true limits; puzzles are short, since how long they take is not the matter."""
    monkeypatch.setitem(app.config, "GUARD", Limits())
    monkeypatch.setattr(puzzle, "NUMBERS", 20)


def count(session: Session, table: type) -> int:
    return int(session.scalar(select(func.count()).select_from(table)) or 0)


@pytest.mark.database("postgresql")  # counts hold on both, as below; here it is about what a program gets
def test_three_hundred_posts_of_a_program_give_at_most_ten_ratings(
    world: World, guarded: None, app: Flask, client: FlaskClient, session: Session
) -> None:
    form = filled(client)
    with app.app_context():
        open_form = collection.find_form("U01")
    statuses = []
    for _ in range(300):
        nonce = collection.new_nonce(open_form, SECRET, utc_now() - timedelta(seconds=60))
        statuses.append(client.post(URL, data={**form, "nonce": nonce}).status_code)
    assert set(statuses) == {302, 429}
    assert 5 <= count(session, Inbox) <= 10
    assert count(session, Inbox) == count(session, Submission) == statuses.count(302)


def test_a_full_channel_keeps_everything_and_names_the_other_ways(
    world: World, guarded: None, app: Flask, client: FlaskClient
) -> None:
    for _ in range(5):
        assert client.post(URL, data=filled(client, nonce=old_nonce(app))).status_code == 302
    answer = client.post(URL, data=filled(client, nonce=old_nonce(app), comment="my own words"))
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    page = check_page(answer, 429)
    assert page.texts("h2.notice__title") == ["Other ways to rate this office"]
    kept = page.fields()
    assert (kept["comment"], kept["q_satisfaction"]) == ("my own words", "4")
    assert client.post(URL, data=solved_form(app, kept)).status_code == 302


def test_solved_puzzles_pass_up_to_the_cap_of_their_network(
    world: World, guarded: None, app: Flask, client: FlaskClient, session: Session
) -> None:
    form = filled(client)
    for _ in range(7):
        assert client.post(URL, data=solved_form(app, form)).status_code == 302
    session.execute(update(Throttle).values(hits=60))
    check_page(client.post(URL, data=solved_form(app, form)), 429)
    elsewhere = client.post(URL, data=solved_form(app, form), environ_base={"REMOTE_ADDR": "198.51.100.9"})
    assert elsewhere.status_code == 302


def test_the_form_of_a_browser_carries_a_puzzle_that_its_page_can_solve(
    world: World, guarded: None, client: FlaskClient, session: Session
) -> None:
    page = get_page(client, URL)
    given = page.one("#puzzle").get("data-puzzle", "")
    assert is_solved(solve(given), page.fields()["nonce"], SECRET, utc_now())
    session.rollback()
    assert not count(session, UsedPuzzle)


def test_a_solution_counts_for_its_own_form_only_until_it_runs_out_and_unchanged() -> None:
    now = utc_now()
    solved = solve(make_puzzle(NONCE, SECRET, now))
    assert is_solved(solved, NONCE, SECRET, now)
    assert is_solved(solved, NONCE, SECRET, now + timedelta(hours=25))
    assert not is_solved(solved, NONCE, SECRET, now + timedelta(hours=49))
    assert not is_solved(solved, "m" * 43, SECRET, now)
    assert not is_solved(solved, NONCE, "another secret", now)
    for wrong in ("", "x", "e30=", solved[:-8], "W" * 5000, "bnVsbA=="):
        assert not is_solved(wrong, NONCE, SECRET, now)


def test_the_same_puzzle_is_refused_a_second_time(world: World, app: Flask, session: Session) -> None:
    nonce = old_nonce(app)
    solved = solve(make_puzzle(nonce, SECRET, utc_now()))
    sent = guard.Sent(world.round.id, nonce, "192.0.2.1", puzzle=solved)
    admit = guard.admission(sent, secret=SECRET, now=utc_now())
    with transaction() as within:
        admit(within)
    with pytest.raises(Conflict), transaction() as within:
        admit(within)
    assert count(session, UsedPuzzle) == 1


def test_a_filled_trap_is_refused_in_words_and_works_at_the_second_press(
    world: World, guarded: None, app: Flask, client: FlaskClient, session: Session
) -> None:
    form = filled(client, nonce=old_nonce(app), homepage="http://spam.example", comment="stays")
    page = check_page(client.post(URL, data=form), 422)
    assert "Nothing was saved." in page.text
    assert not count(session, Inbox) + count(session, Throttle)
    again = page.fields()
    assert (again["homepage"], again["comment"], again["nonce"]) == ("", "stays", form["nonce"])
    assert client.post(URL, data=again).status_code == 302


def test_the_trap_is_hidden_from_people_and_screen_readers(world: World, client: FlaskClient) -> None:
    trap = get_page(client, URL).one("[aria-hidden=true] #homepage")
    assert (trap.get("tabindex"), trap.get("autocomplete"), trap.get("value", "")) == ("-1", "off", "")


def test_a_form_sent_within_three_seconds_waits_for_a_second_press(
    world: World, guarded: None, app: Flask, client: FlaskClient, session: Session
) -> None:
    page = check_page(client.post(URL, data=filled(client, nonce=old_nonce(app, seconds=0), comment="stays")), 422)
    assert "That was very quick." in page.text
    assert page.fields()["comment"] == "stays"
    assert not count(session, Inbox)
    assert client.post(URL, data={**page.fields(), "nonce": old_nonce(app, seconds=4)}).status_code == 302


def test_a_form_that_lay_open_for_days_is_taken(
    world: World, guarded: None, app: Flask, client: FlaskClient, session: Session
) -> None:
    day, week = 26 * 3600, 7 * 86_400
    assert client.post(URL, data=solved_form(app, filled(client), seconds=day)).status_code == 302
    assert client.post(URL, data=solved_form(app, filled(client), seconds=week)).status_code == 302
    assert count(session, UsedPuzzle) == 1  # the week-old puzzle had run out, and its form came in without one


def test_invited_people_meet_no_guard(
    world: World, guarded: None, app: Flask, client: FlaskClient, session: Session
) -> None:
    (token,) = make_tokens(session, world, 1)
    post_form(client, f"/en/invitations/{token}", {})
    page = get_page(client, URL)
    assert not page.select("#puzzle, #homepage")
    assert client.post(URL, data=filled(client)).status_code == 302
    assert [lies.network for lies in in_box(session)] == [0]
    assert not count(session, Throttle)


def test_an_open_rating_carries_the_mark_of_its_network_and_nothing_else_of_it(
    world: World, client: FlaskClient, session: Session
) -> None:
    for address in ("203.0.113.5", "203.0.113.99", "198.51.100.1"):
        assert client.post(URL, data=filled(client), environ_base={"REMOTE_ADDR": address}).status_code == 302
    marks = sorted(lies.network for lies in in_box(session))
    assert len(set(marks)) == 2
    assert all(0 < mark < 2**24 for mark in marks)
    assert "203.0.113" not in str(session.execute(select(Throttle.key)).all())
    assert guard.mark_of("203.0.113.0/24", b"another round", SECRET) not in marks
    assert guard.mark_of("203.0.113.0/24", None, SECRET) == 0


def test_counts_hold_over_processes_and_are_undone_with_the_rating(world: World, app: Flask, session: Session) -> None:
    session.rollback()

    def one_more(_: int) -> int:
        with app.app_context(), transaction() as within:
            return count_up(within, [Cap("a", 5), Cap("b", 1000)], SECRET, utc_now())

    with ThreadPoolExecutor(4) as threads:
        waits = list(threads.map(one_more, range(12)))
    assert sum(wait == 0 for wait in waits) in (5, 10)  # 10 when an hour ended in between
    before = count(session, Throttle)
    with app.app_context(), pytest.raises(ZeroDivisionError):
        _count_and_fail()
    assert count(session, Throttle) == before


def _count_and_fail() -> None:
    with transaction() as within:
        count_up(within, [Cap("c", 5)], SECRET, utc_now())
        raise ZeroDivisionError


def test_keys_of_counts_change_every_day_and_with_the_secret(session: Session) -> None:
    now = utc_now()
    with transaction() as within:
        for secret, when in ((SECRET, now), (SECRET, now + timedelta(days=1)), ("another", now)):
            count_up(within, [Cap("solved 192.0.2.0/24", 60)], secret, when)
    assert len(set(session.scalars(select(Throttle.key)))) == 3


def test_from_form_to_receipt_with_everything_on_at_most_twelve_statements(
    world: World, guarded: None, app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        collection.find_form("U01")
    client.post(URL, data=solved_form(app, filled(client)))  # the round has its key from now on
    form = solved_form(app, filled(client))
    with counting(app) as sent:
        get_page(client, URL)
        answer = client.post(URL, data=form)
        client.get(answer.headers["Location"])
    assert answer.status_code == 302
    assert len(sent) <= 12, sent


def test_what_has_run_out_is_swept_and_nothing_else(world: World, session: Session) -> None:
    now = utc_now()
    seconds = int(now.timestamp())
    session.add_all(UsedPuzzle(digest=name, expires=seconds + rest) for name, rest in (("old", -5), ("new", 3600)))
    windows = {"hour": seconds // 3600, "old hour": seconds // 3600 - 3, "day": seconds // 86_400}
    windows |= {"old day": seconds // 86_400 - 2, "five minutes": seconds // 300}
    session.add_all(Throttle(key=key, window=window, hits=1) for key, window in windows.items())
    session.commit()
    kept = KeptForm("U01", "", {"comment": ["words"]})
    for code, when in (("NEW", now), ("OLD", now - timedelta(days=40))):
        collection.save_draft(code, world.round.id, kept, now=when, admit=lambda _session: None)
    assert sweeping.forget_expired(now=now) == 4
    assert session.scalars(select(UsedPuzzle.digest)).all() == ["new"]
    assert sorted(session.scalars(select(Throttle.key))) == ["day", "five minutes", "hour"]
    assert count(session, Draft) == 1
    session.execute(update(Round).values(state=RoundState.CLOSED))
    session.commit()
    assert sweeping.forget_expired(now=now) == 1
    assert sweeping.forget_expired(now=now) == 0
    assert NO_LIMITS.least_seconds == 0
