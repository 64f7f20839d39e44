"""The mixer: nothing lost, nothing doubled, and no way back from a response to an invitation."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.models import Comment, Credential, Dirty, Inbox, Response, Role, Round, RoundState, Submission
from evalsys.services import collection, mixing, rounds, sealing
from evalsys.services.access import actor_of
from evalsys.services.collection import Ballot, put_into_box
from evalsys.services.sealing import Content
from tests.conftest import SECRET
from tests.factories import NOW, make_account
from tests.integration.collecting import World, in_box, make_tokens, make_world


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def put(session: Session, world: World, number: int, stratum: str = "users", comment: str = "") -> None:
    form, unit = world.citizens.id, world.unit.id
    key = sealing.key_of(world.round.id)
    for place in range(number):
        content = Content(
            unit_id=unit,
            channel="web",
            day=NOW.date(),
            answers=f"{place % 5 + 1}71",
            comment=comment and f"{comment} {place}",
        )
        put_into_box(session, form, stratum, content, key)
    session.commit()


def count(session: Session, table: type) -> int:
    return int(session.scalar(select(func.count()).select_from(table)) or 0)


def test_nine_ratings_of_a_stratum_wait_and_the_tenth_moves_them_all(world: World, session: Session) -> None:
    put(session, world, 9)
    put(session, world, 9, "residents")
    assert mixing.mix() == 0
    put(session, world, 1)
    assert mixing.mix() == 10
    assert (count(session, Inbox), count(session, Response)) == (9, 10)
    assert set(session.scalars(select(Inbox.stratum))) == {"residents"}


def test_a_closed_round_is_emptied_to_the_last_rating(world: World, session: Session) -> None:
    put(session, world, 3)
    put(session, world, 1, "open")
    session.execute(update(Round).values(state=RoundState.CLOSED))
    session.commit()
    assert mixing.mix() == 4
    assert count(session, Inbox) == 0


def test_a_named_round_is_emptied_when_asked(world: World, session: Session) -> None:
    put(session, world, 2)
    assert mixing.mix("another") == 0
    assert mixing.mix("2025") == 2


def test_answers_day_channel_and_comments_arrive_unchanged(world: World, session: Session) -> None:
    put(session, world, 12, comment="thanks")
    sent = Counter((lies.answers, "users", lies.channel, lies.day) for lies in in_box(session))
    mixing.mix()
    arrived = session.execute(select(Response.answers, Response.stratum, Response.channel, Response.day)).all()
    assert Counter(map(tuple, arrived)) == sent
    assert set(session.scalars(select(Comment.text))) == {f"thanks {place}" for place in range(12)}
    assert set(session.scalars(select(Comment.state))) == {"received"}
    said = session.execute(select(Comment.text, Response.answers).join(Response, Response.id == Comment.response_id))
    assert all(answers[0] == str(int(words.split()[1]) % 5 + 1) for words, answers in said)


def test_each_unit_that_got_responses_is_marked_once(world: World, session: Session) -> None:
    put(session, world, 12)
    mixing.mix()
    marks = session.execute(select(Dirty.questionnaire_id, Dirty.unit_id)).all()
    assert [tuple(mark) for mark in marks] == [(world.citizens.id, world.unit.id)]


def test_responses_get_fresh_keys_and_lie_in_their_order(world: World, session: Session) -> None:
    put(session, world, 40)
    ballots = set(session.scalars(select(Inbox.ballot)))
    mixing.mix()
    # The day is in no index, so that the rows come as the table holds them.
    stored = [row.id for row in session.execute(text("SELECT id, day FROM response"))]
    assert stored == sorted(stored)
    assert not ballots & set(stored)


def test_an_empty_box_is_left_alone(world: World, session: Session) -> None:
    assert mixing.mix() == 0
    assert count(session, Response) == 0


def test_a_crash_while_mixing_loses_and_doubles_nothing(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(session, world, 12)

    def crash(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(mixing, "mark_dirty", crash)
        with pytest.raises(KeyboardInterrupt):
            mixing.mix()
    assert (count(session, Inbox), count(session, Response)) == (12, 0)
    session.rollback()
    assert mixing.mix() == 12


def test_four_mixers_at_once_move_each_rating_once(world: World, app: Flask, session: Session) -> None:
    put(session, world, 60)

    def run(_number: int) -> int:
        with app.app_context():
            return mixing.mix()

    with ThreadPoolExecutor(4) as threads:
        moved = sum(threads.map(run, range(4)))
    assert moved == 60
    assert (count(session, Inbox), count(session, Response)) == (0, 60)


@pytest.mark.database("postgresql")  # only PostgreSQL keeps the transaction's number with the row
def test_on_postgresql_no_hidden_column_ties_a_response_to_a_credential(world: World, session: Session) -> None:
    """Whoever runs the database can join by the transaction that wrote a row; it must tell no more than chance."""
    form = collection.find_form("U01")
    tokens = make_tokens(session, world, 30, "users") + make_tokens(session, world, 30, "residents")
    session.rollback()
    for token in tokens:
        ballot = Ballot(form, [4, 7, 1], "", collection.new_nonce(form, SECRET, NOW), invitation=token)
        collection.submit_rating(ballot, secret=SECRET, now=NOW)
    session.execute(update(Round).values(state=RoundState.CLOSED))
    session.commit()
    assert mixing.mix() == 60
    writers = {
        table: list(session.scalars(text(f"SELECT xmin::text FROM {table} ORDER BY ctid")))
        for table in ("credential", "submission", "response")
    }
    assert all(len(set(numbers)) == 1 for numbers in writers.values()), writers
    places = list(session.scalars(text("SELECT digest FROM credential ORDER BY ctid")))
    assert places == sorted(places)
    assert session.scalar(text("SELECT count(*) FROM inbox")) == 0


@pytest.mark.database("postgresql")  # only PostgreSQL keeps the transaction's number with the row
def test_on_postgresql_a_round_that_closes_with_an_empty_box_is_put_in_order_too(
    world: World, session: Session
) -> None:
    form = collection.find_form("U01")
    tokens = make_tokens(session, world, mixing.FEWEST_TO_MIX)
    session.rollback()
    for token in tokens:
        ballot = Ballot(form, [4, 7, 1], "", collection.new_nonce(form, SECRET, NOW), invitation=token)
        collection.submit_rating(ballot, secret=SECRET, now=NOW)
    assert mixing.mix() == mixing.FEWEST_TO_MIX
    rounds.close_round(actor_of(make_account(session, Role.ANALYST)), "2025", now=NOW)
    for table in ("credential", "submission"):
        assert len(set(session.scalars(text(f"SELECT xmin::text FROM {table}")))) == 1, table


def test_reordering_keeps_every_credential_as_it_was(world: World, session: Session) -> None:
    make_tokens(session, world, 5)
    session.execute(update(Credential).values(state=1, receipt_check="seen"))
    session.commit()
    before = session.execute(select(*Credential.__table__.columns)).all()
    with transaction() as writing:
        mixing.reorder_credentials(writing, world.round.id)
    assert db.session.execute(select(*Credential.__table__.columns)).all() == before
    assert count(session, Submission) == 0
