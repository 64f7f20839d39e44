"""An office objects, the panel agrees, the round is scored again, and everybody can see what changed and why."""

import io
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Account, Cell, Document, Objection, ObjectionDocument, Role, Round, Run, Unit
from evalsys.services import objections, replies, runs
from evalsys.services.access import Actor, actor_of
from evalsys.services.evidence.keeping import Sent
from evalsys.services.objections import Judgement, NewObjection
from evalsys.services.replies.differences import difference_page
from tests.factories import make_account, make_unit, sign_in
from tests.pages import check_page, get_page
from tests.published import NOW, card_of, make_scored_round

pytestmark = pytest.mark.database("sqlite")  # pages and the rules behind them; the acts run on both in test_decisions

TWO_DAYS, AFTER = NOW + timedelta(days=2), NOW + timedelta(days=20)
DRAFT = "/en/head/draft/2025"
SAID, DECISION = "نحن نعمل على ذلك", "The register shows it."
REASON = "Answers of another office are left out."
PDF = b"%PDF-1.7 the register of the counter"


def officer(session: Session, role: Role, number: int = 0) -> Account:
    there = session.scalars(select(Account).where(Account.role == role).order_by(Account.id)).all()
    return there[number] if number < len(there) else make_account(session, role)


def head_of(session: Session, code: str) -> Account:
    unit = session.scalars(select(Unit).where(Unit.code == code)).one()
    return session.scalar(select(Account).where(Account.unit_id == unit.id, Account.role == Role.HEAD)) or make_account(
        session, Role.HEAD, unit=unit
    )


def share(session: Session) -> None:
    make_scored_round(session)
    replies.share_results(actor_of(officer(session, Role.ANALYST)), "2025", now=NOW)


def board(session: Session, number: int = 0) -> Actor:
    return actor_of(officer(session, Role.BOARD, number))


def correct_cells(session: Session, unit: str, factor: int = 2) -> None:
    """As if a fifth of the answers about the unit had been left out: its cells are what the next run reads."""
    place = session.scalars(select(Unit.id).where(Unit.code == unit)).one()
    other = session.scalars(select(Unit.id).where(Unit.code == "U02")).one()
    mine = session.scalars(
        select(Cell).where(Cell.unit_id == place).order_by(Cell.questionnaire_id, Cell.stratum)
    ).all()
    theirs = {
        (cell.questionnaire_id, cell.stratum): cell
        for cell in session.scalars(select(Cell).where(Cell.unit_id == other))
    }
    for cell in mine[:factor]:
        source = theirs.get((cell.questionnaire_id, cell.stratum))
        if source is not None:
            cell.n, cell.counts, cell.moments = source.n, source.counts, source.moments
    session.commit()


def decide(session: Session, number: int, outcome: str, reason: str, now: datetime = TWO_DAYS) -> None:
    for member in (0, 1):
        objections.judge_objection(board(session, member), "2025", number, Judgement(outcome, "so I think"), now=now)
    objections.rule_on_objection(board(session), "2025", number, Judgement(outcome, reason), now=now)


def object_and_reply(client: FlaskClient, session: Session) -> int:
    """The head of U01 objects with a document, and replies in Arabic; returns the number of the objection."""
    draft = get_page(client, DRAFT)
    assert "Draft, not public" in draft.text
    assert "75.69" in draft.text
    sent = {
        **draft.fields("#objections form"),
        "objection-topic": "trust",
        "objection-text": "Forty answers are of another office.",
        "file": (io.BytesIO(PDF), "r.pdf"),
    }
    assert client.post(f"{DRAFT}/objections", data=sent).status_code == 302
    raised = session.scalars(select(Objection)).one()
    assert session.scalars(select(ObjectionDocument)).one().objection_id == raised.id
    assert session.scalars(select(Document)).one().title == "r"
    reply = {**draft.fields("#reply form"), "text": SAID, "language": "ar"}
    assert client.post(f"{DRAFT}/reply", data=reply).status_code == 302
    return raised.id


def until(session: Session, day: date) -> None:
    """The right of reply ends on this day."""
    session.execute(update(Round).values(reply_until=day))
    session.commit()


def test_an_upheld_objection_leads_to_a_new_run_whose_difference_is_explained(
    client: FlaskClient, session: Session
) -> None:
    share(session)
    until(session, datetime.now(NOW.tzinfo).date() + timedelta(days=3))
    sign_in(client, session, head_of(session, "U01"))
    decide(session, object_and_reply(client, session), "upheld", DECISION)
    correct_cells(session, "U01")
    analyst = actor_of(officer(session, Role.ANALYST))
    runs.score_round(analyst, "2025", now=TWO_DAYS, reason=REASON)
    first, second = session.scalars(select(Run).order_by(Run.number)).all()
    assert (first.reason, second.reason) == ("", REASON)
    assert first.result != second.result
    found = difference_page(analyst, "2025", (1, 2), "en")
    (moved,) = [one for one in found.movements if one.kinds]
    assert (moved.code, moved.kinds) == ("U01", ("cells",))
    parts = dict(moved.parts)
    assert moved.change is not None
    assert moved.change == parts["data"] != 0
    assert parts["weights"] == parts["coverage"] == 0
    again = get_page(client, DRAFT).text
    for words in ("This draft is a new one", REASON, DECISION, "Your score before: 75.69."):
        assert words in again


def test_the_reply_and_the_decision_become_public_with_the_result(client: FlaskClient, session: Session) -> None:
    share(session)
    until(session, datetime.now(NOW.tzinfo).date() + timedelta(days=3))
    sign_in(client, session, head_of(session, "U01"))
    decide(session, object_and_reply(client, session), "rejected", DECISION)
    until(session, date(2025, 12, 10))
    replies.adopt_results(board(session), "2025", now=AFTER)
    runs.publish_round(board(session, 1), "2025", now=AFTER)
    card = card_of(session, "U01")
    assert card.reply is not None
    assert (card.reply.text, card.reply.locale) == (SAID, "ar")
    assert card_of(session, "U02").reply is None
    guest = client.application.test_client()
    page = get_page(guest, "/en/rounds/2025/units/U01")
    assert SAID in page.text
    assert DECISION in page.text
    assert page.select('blockquote[dir="auto"][lang="ar"]')
    assert DECISION not in get_page(guest, "/en/rounds/2025/units/U02").text
    assert "raised 1 objection" in get_page(guest, "/en/rounds/2025").text
    assert DECISION in get_page(client, DRAFT).text


def test_a_draft_is_nobody_elses_and_is_not_there_before_it_is_shared(client: FlaskClient, session: Session) -> None:
    make_scored_round(session)
    sign_in(client, session, head_of(session, "U01"))
    check_page(client.get(DRAFT), 404)
    replies.share_results(actor_of(officer(session, Role.ANALYST)), "2025", now=NOW)
    text = get_page(client, DRAFT).text
    assert "75.69" in text
    assert "Read the draft result" in get_page(client, "/en/head").text
    stranger = make_account(session, Role.HEAD, unit=make_unit(session, code="U77"))
    other = client.application.test_client()
    sign_in(other, session, stranger)
    check_page(other.get(DRAFT), 404)
    assert "draft" not in get_page(other, "/en/head").text.lower()
    guest = client.application.test_client()
    check_page(guest.get("/en/rounds/2025"), 404)
    assert guest.get(DRAFT).status_code == 302
    with pytest.raises(NotFound):
        objections.raise_objection(actor_of(stranger), "2025", NewObjection("", "not ours"), now=NOW)
    with pytest.raises(NotFound):
        replies.write_reply(actor_of(stranger), "2025", replies.Words("not ours", "en"), now=NOW)


def test_what_is_hidden_from_the_public_is_hidden_in_the_draft(client: FlaskClient, session: Session) -> None:
    share(session)
    sign_in(client, session, head_of(session, "U20"))
    text = get_page(client, DRAFT).text
    assert "Not graded" in text
    assert "80.45" not in text


def test_the_last_day_counts_and_the_day_after_does_not(session: Session) -> None:
    share(session)
    head = actor_of(head_of(session, "U01"))
    last = session.scalars(select(Round.reply_until)).one()
    assert last is not None
    evening = datetime(last.year, last.month, last.day, 23, 59, tzinfo=NOW.tzinfo)
    replies.write_reply(head, "2025", replies.Words("first", "en"), now=evening)
    replies.write_reply(head, "2025", replies.Words("second", "zh"), now=evening)
    number = objections.raise_objection(head, "2025", NewObjection("", "wrong"), now=evening)
    objections.withdraw_objection(head, "2025", number, now=evening)
    for act in (
        lambda: replies.write_reply(head, "2025", replies.Words("third", "en"), now=evening + timedelta(minutes=1)),
        lambda: objections.raise_objection(head, "2025", NewObjection("", "late"), now=evening + timedelta(minutes=1)),
    ):
        with pytest.raises(Conflict, match="right of reply has ended"):
            act()


def test_a_decision_needs_two_votes_and_a_majority_for_it(session: Session) -> None:
    share(session)
    head = actor_of(head_of(session, "U01"))
    number = objections.raise_objection(head, "2025", NewObjection("", "wrong"), now=NOW)
    upheld, rejected = Judgement("upheld", "right"), Judgement("rejected", "wrong")
    objections.judge_objection(board(session), "2025", number, upheld, now=NOW)
    with pytest.raises(Conflict, match="1 of the 2 votes"):
        objections.rule_on_objection(board(session), "2025", number, upheld, now=NOW)
    objections.judge_objection(board(session, 1), "2025", number, rejected, now=NOW)
    for judgement in (upheld, rejected):
        with pytest.raises(Conflict, match="no majority"):
            objections.rule_on_objection(board(session), "2025", number, judgement, now=NOW)
    objections.judge_objection(board(session, 1), "2025", number, upheld, now=NOW)
    with pytest.raises(Invalid, match="Say why"):
        objections.rule_on_objection(board(session), "2025", number, Judgement("upheld", " "), now=NOW)
    objections.rule_on_objection(board(session), "2025", number, upheld, now=NOW)
    with pytest.raises(Conflict, match="decided or withdrawn"):
        objections.withdraw_objection(head, "2025", number, now=NOW)


def test_a_document_of_another_office_is_no_evidence(session: Session) -> None:
    share(session)
    theirs = NewObjection("", "wrong", files=(Sent("", "a.pdf", PDF),))
    objections.raise_objection(actor_of(head_of(session, "U02")), "2025", theirs, now=NOW)
    document = session.scalars(select(Document.id)).one()
    own = actor_of(head_of(session, "U01"))
    with pytest.raises(NotFound):
        objections.raise_objection(own, "2025", NewObjection("", "wrong", (document,)), now=NOW)
    with pytest.raises(Invalid, match="of no kind"):
        objections.raise_objection(
            own, "2025", NewObjection("", "wrong", files=(Sent("", "a.exe", b"MZ\x00"),)), now=NOW
        )
    assert len(session.scalars(select(Objection)).all()) == 1
