"""The workbench of weights: numbers tried at once, scaled to 100, and what the board allows them to be."""

from dataclasses import replace
from decimal import Decimal

import html5lib
import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid
from evalsys.i18n import LOCALES
from evalsys.models import Round, RoundState, Run, SchemeVersion
from evalsys.services import rescoring, runs, schemes, workbench
from evalsys.services.rescoring import StoredRun, standings_with
from evalsys.services.run_input import RunInput
from evalsys.services.run_tables import shown_tables
from evalsys.services.weights import scheme_of, with_weights
from evalsys.services.workbench import Bound
from evalsys.services.workbench.scaling import scale_to_whole
from scoring import pipeline
from tests.factories import NOW, sign_in
from tests.integration.governing import World, audit_of, make_world
from tests.integration.test_trials import next_round, parts
from tests.pages import Page, check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")

WEIGHTS = "/en/oversight/rounds/2026/weights"
SENT = {"w-n-score-experience": "10", "w-n-score-cooperation": "20", "w-n-score-leadership": "70"}
FRAGMENT = {"X-Fragment": "1"}


def typed(client: FlaskClient, url: str = WEIGHTS, **over: str) -> dict[str, str]:
    return {**get_page(client, url).fields("#form"), **over}


def allow(world: World, low: str, high: str, code: str = "2026") -> None:
    bounds = {"n-score": {"experience": Bound(Decimal(low), Decimal(high))}}
    workbench.set_bounds(world.actor(world.first), code, bounds, "citizens first", now=NOW)


def test_the_quick_way_gives_the_numbers_of_a_whole_run(session: Session) -> None:
    next_round(session)
    run = session.query(Run).one()
    scheme = with_weights(scheme_of(run.scheme_version.body), parts("12.5", "20", "67.5"))
    whole = shown_tables(runs.score_input(RunInput.from_bytes(run.input), scheme), scheme, "overseer")
    quick = standings_with(StoredRun(run.id, run.input_digest, run.result_digest), scheme)
    behind = ("scores", "nodes", "groups", "means", "strata")
    hidden = {unit for name in behind for unit in whole[name].loc[whole[name]["withheld"] != "", "unit"]}
    clear = set(whole["scores"]["unit"]) - hidden
    assert quick.clear(behind) == clear
    for name in rescoring.SHOWN:
        rows, found = (tables[name][tables[name]["unit"].isin(clear)] for tables in (whole, quick.tables))
        pd.testing.assert_frame_equal(found, rows, rtol=0, atol=1e-9)


def test_what_weights_do_not_touch_is_worked_out_once_for_what_was_read(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_round(session)
    run = session.query(Run).one()
    scheme, stored = scheme_of(run.scheme_version.body), StoredRun(run.id, run.input_digest, run.result_digest)
    standings_with(stored, scheme)

    def refuse(*_given: object) -> None:
        raise Conflict("counted again")

    monkeypatch.setattr(pipeline, "prepare", refuse)
    standings_with(stored, with_weights(scheme, parts("12.5", "20", "67.5")))
    with pytest.raises(Conflict, match="counted again"):
        standings_with(replace(stored, input_digest="other answers"), scheme)
    strata = with_weights(scheme, {"s-citizens": {"users": Decimal(50), "open": Decimal(50)}})
    with pytest.raises(Conflict, match="counted again"):
        standings_with(stored, strata)


def test_no_round_that_is_still_collecting_is_tried(session: Session) -> None:
    world = next_round(session)
    session.query(Round).filter_by(code="2025").one().state = RoundState.COLLECTING
    session.commit()
    weights = parts("10", "20", "70")
    assert workbench.look_at(world.actor(world.analyst), "2026", weights, "", "en").trial is None


def test_a_run_with_the_weights_of_the_opening_is_never_tried(session: Session) -> None:
    world = next_round(session)
    run = session.query(Run).one()
    facts = {column.key: getattr(run, column.key) for column in Run.__table__.columns if column.key != "id"}
    session.add(Run(**{**facts, "number": 2, "is_as_opened": True}))
    session.commit()
    trial = workbench.look_at(world.actor(world.analyst), "2026", parts("10", "20", "70"), "", "en").trial
    assert trial is not None
    assert trial.run_number == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_the_preview_is_a_part_of_a_page_with_one_sentence_and_the_unit_to_watch(
    client: FlaskClient, session: Session, locale: str
) -> None:
    world = next_round(session)
    sign_in(client, session, world.analyst)
    url = f"/{locale}/oversight/rounds/2026/weights"
    before = len(audit_of(session))
    answer = client.post(f"{url}/preview", data=typed(client, url, **SENT, watched="U02"), headers=FRAGMENT)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    page = get_part(answer.text)
    assert len(page.select("[data-status]")) == 1
    assert len(page.select("#movers tbody tr")) == 2
    watched = page.one("#movers tr.watched")
    assert page.select("#movers tbody tr")[0] is watched
    assert len(page.select("#pull tbody tr")) == 5
    assert (session.query(Run).count(), session.query(SchemeVersion).count()) == (1, 2)
    assert len(audit_of(session)) == before


def get_part(text: str) -> Page:
    return Page("fragment", 200, html5lib.parse(text, namespaceHTMLElements=False))


def test_the_preview_says_which_numbers_cannot_be_used(client: FlaskClient, session: Session) -> None:
    world = next_round(session)
    sign_in(client, session, world.analyst)
    sent = typed(client, **{**SENT, "w-n-score-leadership": "60"})
    answer = client.post(f"{WEIGHTS}/preview", data=sent, headers=FRAGMENT)
    assert answer.status_code == 422
    assert "add up to 90" in answer.text
    assert client.post(f"{WEIGHTS}/preview", data=sent).status_code == 400


def test_a_wrong_sum_is_scaled_as_a_proposal_and_never_stored(client: FlaskClient, session: Session) -> None:
    world = next_round(session)
    sign_in(client, session, world.analyst)
    sent = {"w-n-score-experience": "30", "w-n-score-cooperation": "30", "w-n-score-leadership": "30"}
    refused = check_page(post_form(client, WEIGHTS, {**sent, "act": "propose", "reason": "alike"}, form="#form"), 422)
    assert not refused.one("[data-act=scale]:not([hidden])").get("type")
    page = check_page(post_form(client, WEIGHTS, {**sent, "act": "scale"}, form="#form"))
    assert [page.fields("#form")[name] for name in sent] == ["33.34", "33.33", "33.33"]
    assert "Scaled to 100" in page.text
    assert session.query(SchemeVersion).count() == 2


def test_what_cannot_be_scaled_is_said(client: FlaskClient, session: Session) -> None:
    world = next_round(session)
    sign_in(client, session, world.analyst)
    nothing = {"w-n-score-experience": "0", "w-n-score-cooperation": "0", "w-n-score-leadership": "0"}
    page = check_page(post_form(client, WEIGHTS, {**nothing, "act": "scale"}, form="#form"), 422)
    assert "add up to 0" in page.text
    page = check_page(
        post_form(client, WEIGHTS, {**SENT, "w-n-score-leadership": "many", "act": "scale"}, form="#form"), 422
    )
    assert page.fields("#form")["w-n-score-leadership"] == "many"


def test_scaling_keeps_proportions_and_the_sum() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        numbers = [Decimal(int(n)).scaleb(-1) for n in rng.integers(0, 900, rng.integers(2, 8))]
        if sum(numbers):
            scaled = scale_to_whole(numbers)
            assert sum(scaled) == 100
            exact = [number * 100 / sum(numbers) for number in numbers]
            assert all(abs(one - other) <= Decimal("0.01") for one, other in zip(scaled, exact, strict=True))


def test_a_bound_holds_for_every_proposal_and_all_broken_ones_are_named(session: Session) -> None:
    world = next_round(session)
    bounds = {
        "n-score": {"experience": Bound(Decimal(40)), "leadership": Bound(high=Decimal(35))},
        "n-experience": {"trust": Bound(high=Decimal(40))},
    }
    workbench.set_bounds(world.actor(world.first), "2026", bounds, "citizens first", now=NOW)
    with pytest.raises(Invalid) as refused:
        schemes.propose_weights(world.actor(world.analyst), "2026", parts("10", "20", "70"), "why not", now=NOW)
    said = [message % params for message, params in refused.value.problems]
    assert said == [
        "Experience, in “score”, has 10 %. The board allows 40 % to 100 %.",
        "leadership name (en), in “score”, has 70 %. The board allows 0 % to 35 %.",
    ]
    number = schemes.propose_weights(world.actor(world.analyst), "2026", parts("45", "20", "35"), "why not", now=NOW)
    assert number == 2
    workbench.set_bounds(world.actor(world.second), "2026", {}, "free again", now=NOW)
    schemes.propose_weights(world.actor(world.analyst), "2026", parts("10", "20", "70"), "why not", now=NOW)


def test_bounds_that_cannot_be_kept_are_refused_with_every_reason(session: Session) -> None:
    world = next_round(session)
    bounds = {
        "n-score": {"experience": Bound(Decimal(60), Decimal(50)), "leadership": Bound(Decimal(50))},
        "n-experience": {"trust": Bound(high=Decimal(30)), "satisfaction": Bound(high=Decimal(60))},
    }
    with pytest.raises(Invalid) as refused:
        workbench.set_bounds(world.actor(world.first), "2026", bounds, "so", now=NOW)
    said = [message % params for message, params in refused.value.problems]
    assert said == [
        "Experience, in “score”: the least (60) is above the most (50).",
        "score: the least that all parts must have adds up to 110, which is above 100.",
        "Experience: the most that all parts may have adds up to 90, which is below 100.",
    ]
    with pytest.raises(Invalid, match="Say why"):
        workbench.set_bounds(world.actor(world.first), "2026", {}, " ", now=NOW)
    with pytest.raises(Forbidden):
        workbench.set_bounds(world.actor(world.analyst), "2026", {}, "so", now=NOW)


def test_bounds_stay_as_they_are_while_a_proposal_has_votes(client: FlaskClient, session: Session) -> None:
    world = next_round(session)
    allow(world, "10", "60")
    number = schemes.propose_weights(world.actor(world.analyst), "2026", parts("45", "20", "35"), "why not", now=NOW)
    allow(world, "20", "60")
    schemes.cast_vote(world.actor(world.second), schemes.Vote("2026", number, "for", ""), now=NOW)
    with pytest.raises(Conflict, match="votes on a proposal"):
        allow(world, "50", "60")
    sign_in(client, session, world.first)
    page = get_page(client, f"{WEIGHTS}/bounds")
    assert "The bounds cannot be changed now" in page.text
    assert not page.select("main form")
    decision = schemes.Decision("2026", number, is_approved=False, reason="too much")
    schemes.decide_proposal(world.actor(world.first), decision, now=NOW)
    allow(world, "50", "60")


def test_whoever_set_the_bounds_is_named_on_the_page_and_in_the_refusal(client: FlaskClient, session: Session) -> None:
    world = next_round(session)
    allow(world, "10", "60")
    workbench.set_bounds(
        world.actor(world.second), "2026", {"n-score": {"experience": Bound(Decimal(40))}}, "more", now=NOW
    )
    with pytest.raises(Invalid) as refused:
        schemes.propose_weights(world.actor(world.analyst), "2026", parts("10", "20", "70"), "why not", now=NOW)
    assert str(refused.value) == f"Some weights are outside the bounds that {world.second.name} set on 2025-11-03."
    sign_in(client, session, world.analyst)
    assert f"Set by {world.second.name} on November 3, 2025: more" in get_page(client, f"{WEIGHTS}/bounds").text


def test_bounds_are_locked_once_a_round_is_open(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    with pytest.raises(Conflict):
        allow(world, "10", "50", "2025")


def test_a_board_member_sets_bounds_on_a_page_and_everybody_sees_them_beside_the_weights(
    client: FlaskClient, session: Session
) -> None:
    world = next_round(session)
    sign_in(client, session, world.first)
    url = f"{WEIGHTS}/bounds"
    wrong = {"low-n-score-experience": "70", "high-n-score-experience": "٦٠", "reason": "so"}
    page = check_page(post_form(client, url, wrong), 422)
    assert "the least (70) is above the most (60)" in page.text
    assert page.fields()["high-n-score-experience"] == "٦٠"
    assert "Say why" in check_page(post_form(client, url, {"low-n-score-experience": "20"}), 422).text
    answer = post_form(client, url, {"low-n-score-experience": "20", "high-n-score-experience": "60.5", "reason": "so"})
    assert answer.status_code == 302
    page = get_page(client, WEIGHTS)
    assert "The board allows 20 % to 60.5 %." in page.text
    assert next(row.get("data-low") for row in page.select("[data-weight]")) == "20"
    assert get_page(client, url).fields()["high-n-score-experience"] == "60.5"
    refused = check_page(post_form(client, WEIGHTS, {**SENT, "reason": "x", "act": "propose"}, form="#form"), 422)
    assert "has 10 %. The board allows 20 % to 60.5 %." in refused.text
    sign_in(client, session, world.analyst)
    assert not get_page(client, url).select("main form")


def test_the_weights_in_force_are_there_to_go_back_to(client: FlaskClient, session: Session) -> None:
    world = next_round(session)
    sign_in(client, session, world.analyst)
    page = get_page(client, WEIGHTS)
    assert [row.get("data-adopted") for row in page.select("[data-weight]")][:3] == ["50", "20", "30"]
    assert all(slider.get("hidden") == "" for slider in page.select("[data-slider], [data-lock-label]"))
    names = [control.get("aria-label") for control in page.select("[data-slider], [data-lock]")]
    assert len(set(names)) == len(names) > 0
