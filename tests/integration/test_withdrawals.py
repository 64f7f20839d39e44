"""Withdrawing a public card: two people, one reason, and from then on nobody is shown its figures."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, EvalsysError, Forbidden, Gone, Invalid, NotFound
from evalsys.models import PublishedScorecard, Role, RoundState, Withdrawal
from evalsys.services import results
from evalsys.services.access import Actor, actor_of
from evalsys.services.league.overview import read_overview
from evalsys.services.publication.correcting import republish_round
from evalsys.services.publication.record import round_record
from evalsys.services.verification import register
from evalsys.services.withdrawals import deciding
from tests.factories import NOW, make_account, sign_in
from tests.integration import verifying
from tests.integration.governing import World, add_answers, audit_of
from tests.integration.test_decisions import AFTER, publish, rescore, shared, vote_for
from tests.pages import get_page
from tests.published import make_published_round

REASON = "figures of another office were printed on it"


def published(session: Session) -> World:
    world = shared(session, RoundState.FINAL)
    publish(world)
    return world


def withdraw(session: Session, proposer: Actor, decider: Actor, unit: str = "U01") -> int:
    made = deciding.propose_withdrawal(proposer, "2025", unit, REASON, now=AFTER)
    deciding.decide_withdrawal(decider, "2025", deciding.Decision(made, is_confirmed=True, reason=""), now=AFTER)
    return made


def test_a_card_is_withdrawn_in_all_languages_by_two_people(session: Session) -> None:
    world = published(session)
    made = withdraw(session, world.actor(world.analyst), world.actor(world.first))
    assert audit_of(session)[-2:] == [("withdrawal.propose", "done"), ("withdrawal.decide", "done")]
    rows = session.scalars(sa.select(PublishedScorecard).where(PublishedScorecard.withdrawn_at.is_not(None))).all()
    assert {(row.unit.code, row.locale, row.withdrawn_reason) for row in rows} == {
        ("U01", locale, REASON) for locale in ("en", "zh", "ar")
    }
    assert session.get_one(Withdrawal, made).state == "in_force"
    with pytest.raises(NotFound):
        deciding.propose_withdrawal(world.actor(world.analyst), "2025", "U01", REASON, now=AFTER)


def test_nobody_decides_her_own_proposal_and_nobody_decides_twice(session: Session) -> None:
    world = published(session)
    first, second = world.actor(world.first), world.actor(world.second)
    with pytest.raises(Invalid):
        deciding.propose_withdrawal(first, "2025", "U01", "  ", now=AFTER)
    made = deciding.propose_withdrawal(first, "2025", "U01", REASON, now=AFTER)
    with pytest.raises(Conflict, match="proposed or decided"):
        deciding.propose_withdrawal(second, "2025", "U01", REASON, now=AFTER)
    with pytest.raises(Conflict, match="You proposed this"):
        deciding.decide_withdrawal(first, "2025", deciding.Decision(made, True, ""), now=AFTER)
    with pytest.raises(Forbidden):
        deciding.decide_withdrawal(world.actor(world.analyst), "2025", deciding.Decision(made, True, ""), now=AFTER)
    with pytest.raises(Invalid, match="why you decline"):
        deciding.decide_withdrawal(second, "2025", deciding.Decision(made, False, ""), now=AFTER)
    deciding.decide_withdrawal(second, "2025", deciding.Decision(made, False, "it is right"), now=AFTER)
    with pytest.raises(Conflict, match="decided this already"):
        deciding.decide_withdrawal(second, "2025", deciding.Decision(made, True, ""), now=AFTER)
    assert results.read_card("2025", "U01", "en").withdrawn is None
    deciding.propose_withdrawal(first, "2025", "U01", REASON, now=AFTER)


def test_a_card_that_was_replaced_since_the_proposal_is_not_taken_back_in_place_of_the_newer_one(
    session: Session,
) -> None:
    world = published(session)
    made = deciding.propose_withdrawal(world.actor(world.analyst), "2025", "U01", REASON, now=AFTER)
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world)
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)
    first = world.actor(world.first)
    with pytest.raises(Conflict, match="Newer results"):
        deciding.decide_withdrawal(first, "2025", deciding.Decision(made, True, ""), now=AFTER)
    deciding.decide_withdrawal(first, "2025", deciding.Decision(made, False, "it was corrected"), now=AFTER)
    withdraw(session, world.actor(world.analyst), first)
    assert results.read_card("2025", "U01", "en").withdrawn is not None


def test_the_database_itself_wants_two_people_and_a_reason(session: Session) -> None:
    world = published(session)
    made = deciding.propose_withdrawal(world.actor(world.first), "2025", "U01", REASON, now=AFTER)
    for change in ("decider_id = proposer_id, state = 'in_force'", "reason = ''", "state = 'in_force'"):
        with pytest.raises(sa.exc.IntegrityError):
            session.execute(sa.text(f"UPDATE withdrawal SET {change} WHERE id = {made}"))
        session.rollback()
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(sa.text("UPDATE scorecard SET withdrawn_at = created_at"))
    session.rollback()


def test_a_withdrawn_card_is_told_nowhere(session: Session) -> None:
    world = published(session)
    withdraw(session, world.actor(world.analyst), world.actor(world.first))
    page = results.read_card("2025", "U01", "en")
    assert page.withdrawn is not None
    assert (page.has_pdf, page.withdrawn.reason) == (False, REASON)
    with pytest.raises(Gone):
        results.read_pdf("2025", "U01", "en")
    assert results.read_unit_cards("U01", "en") == []
    (line,) = [row for one in read_overview("2025", "en").categories for row in one.rows if row.code == "U01"]
    assert (line.level, line.score, line.band, line.rank, line.n) == ("withdrawn", None, "", None, 0)
    answer = register.look_up(verifying.card_row(session).reference, "", "en")
    assert (answer.status, answer.reason, answer.card) == ("withdrawn", REASON, None)
    assert [(one.unit_code, one.reason) for one in round_record("2025", "en").withdrawals] == [("U01", REASON)]


@pytest.mark.database("sqlite")
def test_the_pages_say_that_a_card_was_withdrawn_and_why(session: Session, client: FlaskClient) -> None:
    make_published_round(session)
    score = results.read_card("2025", "U01", "en").card.score
    signed = verifying.print_card(session)
    analyst, board = make_account(session, Role.ANALYST), make_account(session, Role.BOARD)
    session.commit()
    withdraw(session, actor_of(analyst), actor_of(board))
    for locale in ("en", "zh", "ar"):
        notice = get_page(client, f"/{locale}/rounds/2025/units/U01", status=410)
        assert REASON in notice.text
        assert str(score) not in notice.text
        assert client.get(f"/{locale}/rounds/2025/units/U01.pdf").status_code == 410
    overview = get_page(client, "/en/rounds/2025")
    assert REASON in overview.text
    assert str(score) not in overview.text
    assert REASON in get_page(client, f"/en/verify/{verifying.card_row(session).reference}").text
    assert b"%PDF" in signed


@pytest.mark.database("sqlite")
def test_a_withdrawal_is_proposed_and_decided_on_its_pages(session: Session, client: FlaskClient) -> None:
    make_published_round(session)
    analyst, board = make_account(session, Role.ANALYST), make_account(session, Role.BOARD)
    pages = "/en/oversight/rounds/2025/withdrawals"
    sign_in(client, session, analyst)
    form = get_page(client, f"{pages}/new")
    token = form.select("main input[name=csrf_token]")[0].get("value")
    wrong = client.post(f"{pages}/new", data={"csrf_token": token, "unit": "U01", "reason": ""})
    assert wrong.status_code == 422
    sent = client.post(f"{pages}/new", data={"csrf_token": token, "unit": "U01", "reason": REASON})
    assert sent.status_code == 302
    assert "Whoever proposed" in get_page(client, sent.location).text
    sign_in(client, session, board)
    token = get_page(client, sent.location).select("main input[name=csrf_token]")[0].get("value")
    wrong = client.post(f"{sent.location}/decision", data={"csrf_token": token, "decision": "decline"})
    assert wrong.status_code == 422
    done = client.post(f"{sent.location}/decision", data={"csrf_token": token, "decision": "confirm"})
    assert done.status_code == 302
    assert "Withdrawn" in get_page(client, sent.location).text
    assert REASON in get_page(client, pages).text
    assert 'value="U01"' not in client.get(f"{pages}/new").text


def test_a_card_of_a_round_that_is_not_public_cannot_be_withdrawn(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    with pytest.raises(EvalsysError):
        deciding.propose_withdrawal(world.actor(world.analyst), "2025", "U01", REASON, now=NOW)
