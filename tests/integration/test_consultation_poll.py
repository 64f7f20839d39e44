"""The advisory poll of a consultation: when its means are told, to whom, and how they are taken."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from evalsys.models import Consultation
from evalsys.services.consultations import desk, pages, sending
from evalsys.services.consultations.poll import mean_shares
from tests.conftest import SECRET
from tests.factories import NOW
from tests.integration.acts_asking import add_consultation
from tests.integration.governing import make_world
from tests.integration.test_consultations import EQUAL, TODAY, posted

AFTER = TODAY + timedelta(days=1)


def poll_of(number: int, times: int, **importance: int) -> None:
    body = {**EQUAL, **{f"n-{part}": value for part, value in importance.items()}}
    for _ in range(times):
        sending.send_poll(posted(number), body, secret=SECRET, now=NOW)


def test_no_answer_to_the_poll_can_be_worked_out_while_it_runs(session: Session) -> None:
    world = make_world(session)
    number, who = add_consultation(session, world, TODAY), world.actor(world.second)
    for more, told in ((9, 0), (1, 10), (9, 10)):
        poll_of(number, more, experience=10)
        polls = (
            pages.read_consultation("2025", "en", TODAY).poll,
            desk.desk_page(who, "2025", "en", TODAY).poll,
            desk.read_advice(who, "2025", "en", TODAY),
        )
        assert {(poll.n, poll.tables, poll.is_over) for poll in polls if poll} == {(told, (), False)}
    session.get_one(Consultation, number).closed_at = NOW
    session.commit()
    assert pages.read_consultation("2025", "en", TODAY).poll.n == 19


def test_the_poll_is_public_from_ten_answers_on_and_beside_the_weights_before(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    poll_of(number, 9, experience=10, cooperation=5, leadership=5)
    hidden = pages.read_consultation("2025", "en", AFTER).poll
    assert (hidden.n, hidden.tables) == (9, ())
    advice = desk.read_advice(world.actor(world.second), "2025", "en", AFTER)
    assert advice is not None
    assert [table.n for table in advice.tables] == [9, 9]
    poll_of(number, 1, experience=0, cooperation=10, leadership=0)
    parts, groups = pages.read_consultation("2025", "en", AFTER).poll.tables
    assert (parts.kind, parts.n) == ("parts", 10)
    told: list[tuple[str, Any, Any]] = [(str(line.name), line.weight, line.mean) for line in parts.lines]
    assert told[0] == ("Experience", Decimal(50), Decimal("45.0"))
    assert [line.mean for line in parts.lines] == [Decimal("45.0"), Decimal("32.5"), Decimal("22.5")]
    assert [line.weight for line in groups.lines] == [Decimal(50), Decimal(20), Decimal(30)]


def test_an_answer_that_gives_nothing_counts_in_no_mean() -> None:
    assert mean_shares(["a", "b"], [{"a": 0, "b": 0}]) == (0, ())
    assert mean_shares(["a", "b"], [{"a": 1}, {"a": 1, "b": 2}]) == (1, (Decimal("33.3"), Decimal("66.7")))


def test_a_round_without_a_poll_has_no_advice(session: Session) -> None:
    world = make_world(session)
    assert desk.read_advice(world.actor(world.first), "2025", "en", TODAY) is None
    add_consultation(session, world, has_poll=False)
    assert desk.read_advice(world.actor(world.first), "2025", "en", TODAY, 1) is None
