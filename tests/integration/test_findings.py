"""Findings: two people, only what the weights know, and the score, band and card that follow."""

import json
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import PublishedScorecard, RoundState, Run, SchemeVersion
from evalsys.reports.scorecard import Scorecard
from evalsys.services import runs
from evalsys.services.findings import deciding
from evalsys.services.run_tables import overseen_tables, rows_of
from evalsys.services.weights import read_scheme
from tests.factories import NOW, sign_in
from tests.integration.acts_findings import add_finding, propose
from tests.integration.governing import World, add_answers, make_world, scheme_mapping
from tests.pages import check_page, get_page, post_form
from tests.published import adopt

PAGE = "/en/oversight/rounds/2025/findings"
LIMITS = {"limiters": [{"code": "integrity", "band": "B"}], "vetoes": [{"code": "fraud", "band": "B"}]}


def answered(session: Session) -> World:
    """A closed round whose weights know a limiter and a veto: U01 has 90 points and band A, U02 40 and B."""
    world = make_world(session, RoundState.COLLECTING)
    scheme = read_scheme({**scheme_mapping(), **LIMITS})
    version = world.round.id
    session.execute(update(SchemeVersion).values(state="superseded"))
    session.add(
        SchemeVersion(
            round_id=version,
            number=2,
            body=scheme.canonical(),
            digest=scheme.digest,
            state="approved",
            reason="with limits",
            proposer_id=world.analyst.id,
            proposed_at=NOW,
            approver_id=world.first.id,
            decided_at=NOW,
        )
    )
    world.round.state = RoundState.QUALITY_CONTROL
    session.commit()
    for unit, level, points in ((world.units[0], 5, 80), (world.units[1], 3, 30)):
        add_answers(session, world.forms["citizens"], unit, [[level, level]] * 4)
        add_answers(session, world.forms["peers"], unit, [[level]] * 3)
        add_answers(session, world.forms["experts"], unit, [[points]] * 3)
    return world


def confirm(world: World, number: int) -> None:
    decision = deciding.Decision(number, is_confirmed=True, reason="")
    deciding.decide_finding(world.actor(world.first), "2025", decision, now=NOW)


def score(session: Session, world: World) -> dict[str, dict[str, Any]]:
    run = session.get_one(Run, runs.score_round(world.actor(world.analyst), "2025", now=NOW))
    return {row["unit"]: dict(row) for row in rows_of(overseen_tables(run)["scores"])}


def test_a_finding_counts_only_once_a_member_of_the_board_has_confirmed_it(session: Session) -> None:
    world = answered(session)
    number = propose(world.actor(world.analyst), world)
    before = score(session, world)["U01"]
    confirm(world, number)
    after = score(session, world)["U01"]
    assert before["score"] - after["score"] == pytest.approx(2)
    with pytest.raises(Conflict, match="decided this already"):
        confirm(world, number)
    deciding.lift_finding(world.actor(world.second), "2025", number, "the court acquitted", now=NOW)
    assert score(session, world)["U01"]["score"] == before["score"]
    with pytest.raises(Conflict, match="not in force"):
        deciding.lift_finding(world.actor(world.second), "2025", number, "again", now=NOW)


def test_a_limiter_bounds_the_band_and_a_veto_takes_the_rank_as_well(session: Session) -> None:
    world = answered(session)
    first = score(session, world)["U01"]
    assert (first["band"], first["rank"]) == ("A", 1)
    confirm(world, propose(world.actor(world.analyst), world, "limiter:integrity", ""))
    limited = score(session, world)["U01"]
    assert (limited["band"], limited["rank"], limited["score"]) == ("B", 1, first["score"])
    confirm(world, propose(world.actor(world.analyst), world, "veto:fraud", ""))
    vetoed = score(session, world)
    assert (vetoed["U01"]["band"], vetoed["U01"]["score"]) == ("B", first["score"])
    assert vetoed["U01"]["rank"] is None
    assert vetoed["U02"]["rank"] == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_the_reason_stands_on_the_public_card(client: FlaskClient, session: Session, locale: str) -> None:
    world = answered(session)
    confirm(world, propose(world.actor(world.analyst), world, "limiter:integrity", ""))
    score(session, world)
    adopt(session, "2025")
    runs.publish_round(world.actor(world.first), "2025", now=NOW)
    row = session.scalars(select(PublishedScorecard).where(PublishedScorecard.locale == locale)).first()
    assert row is not None
    card = Scorecard.from_json(row.content)
    assert [(one.kind, one.code, one.reason) for one in card.adjustments] == [("limiter", "integrity", "a proven case")]
    assert "a proven case" in get_page(client, f"/{locale}/rounds/2025/units/U01").text


def test_a_run_is_repeated_with_the_findings_it_was_made_from(session: Session) -> None:
    world = answered(session)
    number = propose(world.actor(world.analyst), world)
    confirm(world, number)
    run_id = runs.score_round(world.actor(world.analyst), "2025", now=NOW)
    deciding.lift_finding(world.actor(world.first), "2025", number, "a mistake", now=NOW)
    assert runs.repeat_run(world.actor(world.first), run_id, now=NOW).is_identical
    stored = json.loads(session.get_one(Run, run_id).input)
    assert stored["adjustments"] == [["U01", "deduction", "case", "2", "external", "a proven case"]]


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"unit_code": "U99"}, NotFound),
        ({"rule": "veto:integrity"}, Invalid),
        ({"rule": "veto"}, Invalid),
        ({"points": None}, Invalid),
        ({"points": Decimal(0)}, Invalid),
        ({"points": Decimal("100.01")}, Invalid),
        ({"source": "rumour"}, Invalid),
        ({"reason": " "}, Invalid),
    ],
)
def test_a_finding_that_fits_nothing_is_refused(
    session: Session, over: dict[str, object], error: type[Exception]
) -> None:
    world = answered(session)
    facts = {"unit_code": "U01", "rule": "deduction:case", "source": "external", "points": Decimal(2), "reason": "why"}
    new = deciding.NewFinding(**{**facts, **over})  # type: ignore[arg-type]
    with pytest.raises(error):
        deciding.propose_finding(world.actor(world.analyst), "2025", new, now=NOW)


def test_a_refusal_needs_a_reason_and_the_finding_never_counts(session: Session) -> None:
    world = answered(session)
    number = propose(world.actor(world.analyst), world)
    before = score(session, world)["U01"]["score"]
    board = world.actor(world.first)
    with pytest.raises(Invalid):
        deciding.decide_finding(board, "2025", deciding.Decision(number, False, " "), now=NOW)
    deciding.decide_finding(board, "2025", deciding.Decision(number, False, "not proven"), now=NOW)
    assert score(session, world)["U01"]["score"] == before


def test_whoever_proposed_a_finding_does_not_decide_it(session: Session) -> None:
    world = answered(session)
    found = add_finding(session, world, proposer_id=world.first.id)
    with pytest.raises(Conflict, match="Somebody else decides"):
        confirm(world, found.id)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("locale", LOCALES)
def test_the_pages_take_a_finding_from_its_first_word_to_its_end(
    client: FlaskClient, session: Session, locale: str
) -> None:
    world = answered(session)
    page = PAGE.replace("/en/", f"/{locale}/")
    sign_in(client, session, world.analyst)
    assert not get_page(client, page).select("table")
    wrong = {"unit": "U01", "rule": "deduction:case", "source": "self", "points": "", "reason": "late"}
    refused = check_page(post_form(client, f"{page}/new", wrong, "#form"), 422)
    assert refused.select(".error-summary")
    assert refused.fields("#form")["reason"] == "late"
    made = post_form(client, f"{page}/new", {**wrong, "points": "1,5"}, "#form")
    assert made.status_code == 302
    own = get_page(client, made.location)
    assert not own.select("main form")
    sign_in(client, session, world.first)
    get_page(client, page)
    assert check_page(post_form(client, made.location, {"decision": "decline"}, "main form"), 422).select(
        ".error-summary"
    )
    assert post_form(client, made.location, {"decision": "confirm"}, "main form").status_code == 302
    assert check_page(post_form(client, made.location, {}, "main form"), 422).select(".error-summary")
    assert post_form(client, made.location, {"reason": "a mistake"}, "main form").status_code == 302
    assert "a mistake" in get_page(client, made.location).text
