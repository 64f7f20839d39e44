"""Closing a round while people send: what was acknowledged counts, what was refused does not."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Inbox, Response, Role, Submission
from evalsys.services import collection, rounds
from evalsys.services.access import actor_of
from evalsys.services.collection import Ballot
from tests.conftest import SECRET
from tests.factories import make_account
from tests.integration.collecting import World, make_world

NOW = datetime(2025, 11, 3, 9, tzinfo=UTC)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def test_every_acknowledged_rating_is_counted_when_the_round_closes_in_the_middle(
    world: World, app: Flask, session: Session
) -> None:
    analyst = actor_of(make_account(session, Role.ANALYST))
    form = collection.find_form("U01")
    session.rollback()

    def send(_number: int) -> str:
        with app.app_context():
            ballot = Ballot(form, [4, 7, 1], "", collection.new_nonce(form, SECRET, NOW))
            try:
                return collection.submit_rating(ballot, secret=SECRET, now=NOW)
            except Conflict:
                return ""

    def close(_number: int) -> str:
        time.sleep(0.1)
        with app.app_context():
            rounds.close_round(analyst, "2025", now=NOW + timedelta(minutes=1))
        return ""

    with ThreadPoolExecutor(6) as threads:
        closing = threads.submit(close, 0)
        receipts = list(filter(None, threads.map(send, range(120))))
        closing.result()
    counted = [session.scalar(select(func.count()).select_from(table)) for table in (Submission, Response, Inbox)]
    assert counted == [len(receipts), len(receipts), 0]
    assert len(set(receipts)) == len(receipts)
