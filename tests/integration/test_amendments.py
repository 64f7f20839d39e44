"""Locked weights are changed: two persons, a public reason, and both results are kept and shown."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.i18n import LOCALES
from evalsys.models import Account, PublishedScorecard, Role, Round, RoundState, Run, SchemeVersion
from evalsys.services import method, replies, run_beside, runs, schemes
from evalsys.services.access import Actor, actor_of
from evalsys.services.rounds import round_page
from evalsys.services.schemes import Decision, Reasons
from evalsys.services.weights import Weights, scheme_of
from tests.factories import NOW, make_account, sign_in
from tests.integration.governing import World, add_proposal, audit_of, make_world
from tests.pages import check_page, get_page, post_form
from tests.published import adopt, card_of, make_once, make_published_round, make_scored_round

LATER = NOW + timedelta(hours=1)
WHY = "Responsiveness had been entered with a typing error."


def top(experience: str, cooperation: str, leadership: str) -> Weights:
    numbers = {"experience": experience, "cooperation": cooperation, "leadership": leadership}
    return {"n-score": {code: Decimal(number) for code, number in numbers.items()}}


def amend(actor: Actor, weights: Weights, public: str = WHY) -> int:
    return schemes.propose_amendment(actor, "2025", weights, Reasons("a mistake", public, "en"), now=LATER)


def officer(session: Session, role: Role) -> Actor:
    account = session.scalars(select(Account).where(Account.role == role).order_by(Account.id)).first()
    return actor_of(account or make_account(session, role))


def amended_city(session: Session, publication: str = "scores-and-grades") -> int:
    """The city's round, opened with 50/20/30, scored, changed to 45/25/30 and scored again; returns the run's id."""
    make_once(session, f"amended-{publication}", lambda: _amend_city(session, publication))
    return max(session.scalars(select(Run.id)))


def _amend_city(session: Session, publication: str) -> None:
    round_ = make_scored_round(session, publication=publication)
    opened = session.scalars(select(SchemeVersion).where(SchemeVersion.round_id == round_.id)).one()
    round_.opened_scheme = opened.digest
    session.commit()
    first, *others = [(child.code, str(child.weight * 100)) for child in scheme_of(opened.body).tree.children]
    (second, share), *rest = others
    weights = {first[0]: "45", second: str(int(share) + 5), **dict(rest)}
    node = {f"n-{scheme_of(opened.body).tree.code}": {code: Decimal(number) for code, number in weights.items()}}
    analyst, board = officer(session, Role.ANALYST), officer(session, Role.BOARD)
    number = amend(analyst, node)
    schemes.decide_amendment(board, Decision("2025", number, True, "true"), now=LATER)
    runs.score_round(analyst, "2025", now=LATER)


def test_an_amendment_says_why_in_public_and_an_ordinary_proposal_stays_refused(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    actor = world.actor(world.analyst)
    with pytest.raises(Conflict, match="locked"):
        schemes.propose_weights(actor, "2025", top("45", "25", "30"), "late", now=LATER)
    with pytest.raises(Invalid, match="everybody must be told"):
        amend(actor, top("45", "25", "30"), " ")
    number = amend(actor, top("45", "25", "30"))
    version = session.scalars(select(SchemeVersion).where(SchemeVersion.number == number)).one()
    assert (version.is_amendment, version.state, version.public_reason) == (True, "proposed", WHY)
    assert audit_of(session) == [
        ("scheme.propose", "refused"),
        ("scheme.amend", "refused"),
        ("scheme.amend", "done"),
    ]


def test_weights_cannot_be_amended_before_the_opening_or_after_the_right_of_reply(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    for state in (RoundState.APPROVED, RoundState.FINAL, RoundState.PUBLISHED):
        world.round.state = state
        session.commit()
        with pytest.raises(Conflict):
            amend(world.actor(world.analyst), top("45", "25", "30"))


def test_an_indicator_that_no_form_asks_about_cannot_get_weight_once_the_forms_are_locked(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    session.delete(world.forms["experts"])
    session.commit()
    with pytest.raises(Conflict, match="no form asks about"):
        amend(world.actor(world.analyst), top("45", "25", "30"))
    amend(world.actor(world.analyst), top("70", "30", "0"))


def test_an_amendment_is_decided_by_two_persons_under_the_rule_and_replaces_the_weights(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    world.round.quorum = 2
    session.commit()
    number = amend(world.actor(world.first), top("40", "30", "30"))
    decision = Decision("2025", number, True, "")
    with pytest.raises(Conflict, match="You proposed"):
        schemes.decide_amendment(world.actor(world.first), decision, now=LATER)
    with pytest.raises(Conflict, match="Votes needed: 2"):
        schemes.decide_amendment(world.actor(world.second), decision, now=LATER)
    with pytest.raises(Conflict, match="locked"):
        schemes.decide_proposal(world.actor(world.second), decision, now=LATER)
    schemes.cast_vote(world.actor(world.first), schemes.Vote("2025", number, "for", ""), now=LATER)
    schemes.decide_amendment(world.actor(world.second), decision, now=LATER)
    states = dict(session.execute(select(SchemeVersion.number, SchemeVersion.state)).all())
    assert states == {1: "superseded", number: "approved"}
    session.expire_all()
    assert session.get_one(Round, world.round.id).state == RoundState.COLLECTING


def test_what_was_proposed_before_the_opening_can_only_be_declined_after_it(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    add_proposal(session, world, number=2)
    actor = world.actor(world.first)
    page = schemes.proposal_page(actor, "2025", 2, "en")
    assert (page.standing.is_open, page.standing.is_late) == (True, True)
    with pytest.raises(Conflict, match="before the round opened"):
        schemes.decide_amendment(actor, Decision("2025", 2, True, ""), now=LATER)
    schemes.decide_proposal(actor, Decision("2025", 2, False, "too late"), now=LATER)


def test_the_database_refuses_an_amendment_without_a_public_reason(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    with pytest.raises(IntegrityError):
        add_proposal(session, world, number=2, is_amendment=True)
    session.rollback()


def test_a_changed_round_is_scored_twice_and_the_companion_never_counts_as_the_newest_run(session: Session) -> None:
    run_id = amended_city(session)
    found = {run.number: run.is_as_opened for run in session.scalars(select(Run))}
    assert found == {1: False, 2: True, 3: False}
    round_ = session.scalars(select(Round)).one()
    newest = runs.latest_run(session, round_)
    assert newest is not None
    assert (newest.id, newest.number) == (run_id, 3)
    board = officer(session, Role.BOARD)
    assert [line.number for line in round_page(board, "2025", "en").runs] == [3, 1]
    entry = audit_of(session, "round.score")
    assert entry == [("round.score", "done")] * 2
    beside = run_beside.read_beside(board, run_id, "en")
    assert beside is not None
    lines = {line.code: line for line in beside.lines}
    assert (lines["U01"].before.score, lines["U01"].before.band) == (Decimal("75.69"), "B")
    assert (lines["U01"].after.score, lines["U01"].points) == (Decimal("75.09"), Decimal("-0.60"))
    assert "U21" not in lines
    assert beside.hidden == 7 - len(lines)
    first = session.scalars(select(Run.id).where(Run.number == 1)).one()
    assert run_beside.read_beside(board, first, "en") is None
    companion = session.scalars(select(Run).where(Run.number == 2)).one()
    one = session.get_one(Run, first)
    assert companion.result_digest == one.result_digest
    assert runs.repeat_run(board, companion.id, now=LATER).is_identical


def test_the_published_cards_say_both_results_where_nothing_is_hidden(session: Session) -> None:
    amended_city(session)
    adopt(session, "2025")
    runs.publish_round(officer(session, Role.BOARD), "2025", now=LATER)
    card = card_of(session, "U01")
    assert (card.score, card.band) == (Decimal("75.09"), "B")
    assert (card.opened_version, card.opened_score, card.opened_band) == ("1", Decimal("75.69"), "B")
    assert card.run_id == "2025/3"
    hidden = card_of(session, "U20")
    assert (hidden.opened_version, hidden.opened_score, hidden.opened_band) == ("1", None, "")
    assert len(session.scalars(select(PublishedScorecard.run_id).distinct()).all()) == 1
    page = method.read_round_method("2025", "en")
    assert page.scheme is not None
    assert (page.scheme.version, page.scheme.opened_version, page.scheme.public_reason.text) == (2, 1, WHY)


@pytest.mark.database("sqlite")
def test_where_bands_alone_are_published_the_score_of_the_opening_stays_unsaid(
    client: FlaskClient, session: Session
) -> None:
    amended_city(session, publication="grades")
    adopt(session, "2025")
    runs.publish_round(officer(session, Role.BOARD), "2025", now=LATER)
    card = card_of(session, "U01")
    assert (card.opened_version, card.opened_score, card.opened_band) == ("1", None, "B")
    page = get_page(client, "/en/rounds/2025/units/U01")
    assert "With the weights of the opening the band would be B." in page.text
    assert "75.69" not in page.text


def test_without_a_change_the_stored_card_knows_nothing_of_it(session: Session) -> None:
    make_published_round(session)
    for text in session.scalars(select(PublishedScorecard.content)):
        assert "opened" not in text


def test_results_scored_with_former_weights_are_not_adopted(session: Session) -> None:
    world = make_world(session, RoundState.RIGHT_OF_REPLY)
    number = amend(world.actor(world.analyst), top("45", "25", "30"))
    schemes.decide_amendment(world.actor(world.first), Decision("2025", number, True, ""), now=LATER)
    with pytest.raises(Conflict) as refusal:
        replies.adopt_results(world.actor(world.first), "2025", now=LATER)
    assert any("Score again first" in message for message, _params in refusal.value.problems)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("locale", LOCALES)
def test_both_results_stand_on_the_pages_of_run_card_and_method(
    client: FlaskClient, session: Session, locale: str
) -> None:
    run_id = amended_city(session)
    adopt(session, "2025")
    runs.publish_round(officer(session, Role.BOARD), "2025", now=LATER)
    public = get_page(client, f"/{locale}/rounds/2025/units/U01")
    assert "75.69" in public.text
    get_page(client, f"/{locale}/rounds/2025/method")
    history = get_page(client, f"/{locale}/rounds/2025/method/history")
    assert WHY in history.text
    sign_in(client, session, make_account(session, Role.ANALYST))
    page = get_page(client, f"/{locale}/oversight/runs/{run_id}")
    assert "75.69" in page.texts("#as-opened")[0]
    companion = session.scalars(select(Run.id).where(Run.number == 2)).one()
    assert not get_page(client, f"/{locale}/oversight/runs/{companion}").select("#as-opened")
    if locale == "en":
        assert "With the weights of the opening the score would be 75.69 (band B)." in public.text
        assert "With the weights of the opening75.69 Band B" in page.texts("#as-opened")[0]


@pytest.mark.database("sqlite")
def test_the_page_of_a_change_warns_asks_for_both_reasons_and_keeps_what_was_typed(
    client: FlaskClient, session: Session
) -> None:
    world: World = make_world(session, RoundState.COLLECTING)
    sign_in(client, session, world.analyst)
    url = "/en/oversight/rounds/2025/weights/amendment"
    page = get_page(client, url)
    assert page.texts("h1") == ["Change locked weights"]
    assert "Both results are published" in page.text
    typed = {"w-n-score-experience": "45", "w-n-score-cooperation": "25", "act": "propose"}
    refused = check_page(post_form(client, url, typed, form="#form"), 422)
    assert refused.texts(".error-summary li") == [
        "Say why you propose these weights.",
        "Write the public reason: everybody must be told why locked weights change.",
    ]
    assert refused.one("#w-n-score-experience").get("value") == "45"
    looked = check_page(post_form(client, url, {**typed, "act": "check"}, form="#form"))
    assert "Not adopted" in looked.text
    sent = {**typed, "reason": "a mistake", "public_reason": WHY, "public_locale": "en"}
    answer = post_form(client, url, sent, form="#form")
    assert answer.headers["Location"] == "/en/oversight/rounds/2025/proposals/2"
    assert "Change of locked weights" in get_page(client, answer.headers["Location"]).text
    sign_in(client, session, world.first)
    decided = post_form(client, answer.headers["Location"], {"decision": "approve"}, form="#form")
    assert decided.status_code == 302
    session.expire_all()
    states = dict(session.execute(select(SchemeVersion.number, SchemeVersion.state)).all())
    assert states == {1: "superseded", 2: "approved"}
