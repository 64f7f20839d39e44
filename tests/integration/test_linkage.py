"""Eligibility and answers cannot be joined: an attacker with the database and its copies does no better than chance."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import sqrt

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from evalsys.errors import Unavailable
from evalsys.models import Comment, Credential, Inbox, RaterGroup, Response, Round, RoundState, Submission
from evalsys.services import collection, mixing, sealing
from evalsys.services.collection import Ballot, submission
from evalsys.services.credentials import token_digest
from evalsys.services.sealing import Content
from tests.conftest import SECRET
from tests.factories import NOW
from tests.integration import linkage
from tests.integration.collecting import World, make_tokens, make_world
from tests.integration.linkage import Copy, Guesses

STRATA = ("users", "residents", "business", "supervisors")
EACH = 50
COPIES_EVERY = 10
MANY = 0.9
SIGMAS = 5  # keys are random in every run; the naive design lies 98 of them away


@dataclass(frozen=True)
class Story:
    """What the attacker has, and the truth that she does not have: whose response is whose."""

    copies: list[Copy]
    truth: Guesses
    lengths: dict[str, int]

    def hits(self, guesses: Guesses) -> int:
        return sum(self.truth[digest] == key for digest, key in guesses.items())


def play(session: Session, world: World, *, mixes: bool = True) -> Story:
    """200 invited people rate in random order, each in words of her own; the mixer works, then the round closes."""
    people = [(stratum, token) for stratum in STRATA for token in make_tokens(session, world, EACH, stratum)]
    random.shuffle(people)
    form, written, copies = collection.find_form("U01"), {}, []
    session.rollback()
    for number, (_, token) in enumerate(people):
        words = f"{number} " + "x" * random.randint(0, 900)
        nonce = collection.new_nonce(form, SECRET, NOW)
        ballot = Ballot(form, [4, 7, 1], words, nonce, invitation=token)
        collection.submit_rating(ballot, secret=SECRET, now=NOW)
        written[words] = token_digest(token)
        if number % COPIES_EVERY == 0:
            copies.append(linkage.copy_of(session))
            mixing.mix() if mixes else None
            copies.append(linkage.copy_of(session))
    session.execute(update(Round).values(state=RoundState.CLOSED))
    session.commit()
    mixing.mix()
    copies.append(linkage.copy_of(session))
    said = session.execute(select(Comment.text, Comment.response_id)).all()
    truth = {written[words]: key for words, key in said}
    return Story(copies, truth, {key: len(words) for words, key in said})


ATTACKS: Mapping[str, Callable[[Sequence[Copy]], Guesses]] = {
    "transaction": linkage.by_transaction,
    "place": linkage.by_place,
    "key": linkage.by_key,
}


def test_no_attack_links_more_than_chance_after_the_close(session: Session) -> None:
    world = make_world(session)
    story = play(session, world)
    assert len(story.truth) == EACH * len(STRATA)
    chance = len(STRATA)
    found = {name: story.hits(attack(story.copies[-1:])) for name, attack in ATTACKS.items()}
    assert max(found.values()) <= chance + SIGMAS * sqrt(chance), found


def test_copies_of_every_moment_leave_at_least_ten_candidates(session: Session) -> None:
    world = make_world(session)
    story = play(session, world)
    by_length = partial(linkage.by_length, lengths=story.lengths)
    attacks = (linkage.by_batch, linkage.by_order_of_transactions, linkage.by_transaction, by_length)
    found = {str(attack): story.hits(attack(story.copies)) for attack in attacks}
    expected = len(story.truth) / mixing.FEWEST_TO_MIX
    assert max(found.values()) <= expected + SIGMAS * sqrt(expected), found


def test_days_tell_no_more_than_the_order_of_transactions(session: Session) -> None:
    """One rating a day: who knows the order in which credentials were spent must not find them by their days."""
    world = make_world(session)
    tokens = make_tokens(session, world, 2 * mixing.FEWEST_TO_MIX)
    form, written, copies = collection.find_form("U01"), {}, []
    session.rollback()
    for number, token in enumerate(tokens):
        now = NOW + timedelta(days=number)
        ballot = Ballot(form, [4, 7, 1], str(number), collection.new_nonce(form, SECRET, now), invitation=token)
        collection.submit_rating(ballot, secret=SECRET, now=now)
        written[str(number)] = token_digest(token)
        copies.append(linkage.copy_of(session))
        mixing.mix()
    copies.append(linkage.copy_of(session))
    said = session.execute(select(Comment.text, Comment.response_id)).all()
    story = Story(copies, {written[words]: key for words, key in said}, {})
    assert len(story.truth) == len(tokens)
    assert story.hits(linkage.by_day(copies)) <= 2 + 3 * sqrt(2)
    assert set(Counter(session.scalars(select(Response.day))).values()) == {mixing.FEWEST_TO_MIX}


@pytest.mark.database("postgresql")  # only PostgreSQL keeps the transaction's number with the row
def test_the_attacker_finds_nearly_all_in_a_design_without_box(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:

    def straight(session: Session, questionnaire_id: int, stratum: str, content: Content, _key: bytes) -> None:
        same = {"questionnaire_id": questionnaire_id, "stratum": stratum, "day": content.day, "status": 0}
        row = {"id": mixing.new_id(), "unit_id": content.unit_id, "channel": "web", "answers": content.answers, **same}
        session.execute(insert(Response), [row])
        said = {"id": mixing.new_id(), "response_id": row["id"], "text": content.comment, "state": "received"}
        session.execute(insert(Comment), [said])

    monkeypatch.setattr(submission, "put_into_box", straight)
    story = play(session, make_world(session), mixes=False)
    assert story.hits(linkage.by_transaction(story.copies)) >= MANY * len(story.truth)


def test_no_table_of_the_way_knows_a_time_an_address_or_an_order() -> None:
    columns = {table.__tablename__: {column.name for column in table.__table__.columns} for table in WAY}
    assert columns["credential"] == {"digest", "round_id", "group_code", "stratum", "state", "receipt_check"}
    assert columns["submission"] == {"digest", "round_id", "receipt"}
    assert columns["inbox"] == {"ballot", "questionnaire_id", "stratum", "sealed"}
    assert columns["response"] & {"id", "at", "created_at", "address", "session", "credential", "receipt"} == {"id"}


def test_whoever_has_the_database_alone_cannot_open_what_waits(app: Flask, session: Session) -> None:
    world = make_world(session)
    key = sealing.key_of(world.round.id)
    content = Content(unit_id=world.unit.id, channel="web", day=NOW.date(), answers="471", comment="only for the mixer")
    collection.put_into_box(session, world.citizens.id, "users", content, key)
    session.commit()
    (sealed,) = session.scalars(select(Inbox.sealed))
    assert b"only for the mixer" not in sealed
    assert sealing.unseal(sealed, key) == content
    sealing.forget_key(key)
    with pytest.raises(Unavailable, match="not on this machine"):
        sealing.unseal(sealed, key)


def test_the_key_is_gone_once_the_round_is_over_and_its_box_empty(session: Session) -> None:
    world = make_world(session)
    key = sealing.key_of(world.round.id)
    assert key == sealing.key_of(world.round.id)
    content = Content(unit_id=world.unit.id, channel="web", day=NOW.date(), answers="471")
    collection.put_into_box(session, world.citizens.id, "users", content, key)
    session.execute(update(Round).values(state=RoundState.CLOSED))
    session.commit()
    (sealed,) = session.scalars(select(Inbox.sealed))
    assert mixing.mix() == 1
    with pytest.raises(Unavailable):
        sealing.unseal(sealed, key)


def test_a_stratum_with_too_few_is_counted_with_its_parent(session: Session) -> None:
    world = make_world(session)
    session.add(RaterGroup(round_id=world.round.id, code="citizens", mode="public", parents={"residents": "users"}))
    session.commit()
    key = sealing.key_of(world.round.id)
    content = Content(unit_id=world.unit.id, channel="web", day=NOW.date(), answers="471")
    for stratum, number in (("residents", 3), ("users", 12), ("open", 2)):
        for _ in range(number):
            collection.put_into_box(session, world.citizens.id, stratum, content, key)
    session.execute(update(Round).values(state=RoundState.CLOSED))
    session.commit()
    mixing.mix()
    counted = select(Response.stratum, func.count()).group_by(Response.stratum).order_by(Response.stratum)
    assert [tuple(row) for row in session.execute(counted)] == [("open", 2), ("users", 15)]


WAY = (Credential, Submission, Inbox, Response)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    random.seed(7)
