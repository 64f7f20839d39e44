"""Weights: what may be proposed, who decides, and what stays for ever."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Role, Round, RoundState, SchemeVersion
from evalsys.services import rounds, schemes
from evalsys.services.access import actor_of
from evalsys.services.schemes import Decision
from evalsys.services.weights import Labels, Weights, changes_between, families_of, read_scheme, scheme_of
from tests.factories import NOW, make_account
from tests.integration.governing import World, add_proposal, audit_of, make_world, scheme_mapping

LATER = NOW + timedelta(hours=1)


def parts(experience: str, cooperation: str, leadership: str) -> Weights:
    numbers = {"experience": experience, "cooperation": cooperation, "leadership": leadership}
    return {"n-score": {code: Decimal(number) for code, number in numbers.items()}}


def propose(session: Session, world: World, weights: Weights) -> int:
    return schemes.propose_weights(world.actor(world.analyst), "2025", weights, "peers know best", now=LATER)


def test_weights_that_sum_to_99_are_refused_with_the_sum(session: Session) -> None:
    world = make_world(session)
    with pytest.raises(Invalid) as refusal:
        propose(session, world, parts("50", "20", "29"))
    assert [message % params for message, params in refusal.value.problems] == [
        "score: the weights add up to 99. They must add up to exactly 100."
    ]
    assert audit_of(session) == [("scheme.propose", "refused")]
    assert len(session.scalars(select(SchemeVersion)).all()) == 1


def test_decimal_weights_are_kept_exactly(session: Session) -> None:
    world = make_world(session)
    number = propose(session, world, parts("33.333333", "33.333333", "33.333334"))
    version = session.scalars(select(SchemeVersion).where(SchemeVersion.number == number)).one()
    assert '"weight":"33.333334"' in version.body
    assert scheme_of(version.body).digest == version.digest


def test_a_proposal_does_not_change_the_weights_in_force(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    assert propose(session, world, parts("40", "30", "30")) == 2
    states = dict(session.execute(select(SchemeVersion.number, SchemeVersion.state)).all())
    assert states == {1: "approved", 2: "proposed"}


def test_the_weights_in_force_cannot_be_proposed_again(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    with pytest.raises(Invalid):
        propose(session, world, parts("50", "20", "30"))


def test_a_proposal_without_a_reason_is_refused(session: Session) -> None:
    world = make_world(session)
    with pytest.raises(Invalid):
        schemes.propose_weights(world.actor(world.analyst), "2025", parts("40", "30", "30"), "  ", now=LATER)


def test_another_board_member_approves_and_the_former_version_becomes_history(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    number = propose(session, world, parts("45", "25", "30"))
    schemes.decide_proposal(world.actor(world.second), Decision("2025", number, True, "fair"), now=LATER)
    session.expire_all()
    states = dict(session.execute(select(SchemeVersion.number, SchemeVersion.state)).all())
    assert states == {1: "superseded", 2: "approved"}
    version = session.scalars(select(SchemeVersion).where(SchemeVersion.number == 2)).one()
    assert (version.proposer_id, version.approver_id) == (world.analyst.id, world.second.id)
    assert version.decision_reason == "fair"


def test_the_first_approval_moves_a_draft_to_approved(session: Session) -> None:
    world = make_world(session)
    schemes.decide_proposal(world.actor(world.first), Decision("2025", 1, True, ""), now=LATER)
    session.expire_all()
    assert session.get_one(Round, world.round.id).state == RoundState.APPROVED


def test_nobody_decides_on_her_own_proposal(session: Session) -> None:
    world = make_world(session)
    own = world.actor(world.first)
    number = schemes.propose_weights(own, "2025", parts("40", "30", "30"), "mine", now=NOW)
    with pytest.raises(Conflict, match="Another member of the board"):
        schemes.decide_proposal(own, Decision("2025", number, True, ""), now=LATER)
    assert audit_of(session, "scheme.decide") == [("scheme.decide", "refused")]


def test_a_proposal_is_decided_once(session: Session) -> None:
    world = make_world(session)
    schemes.decide_proposal(world.actor(world.first), Decision("2025", 1, False, "too much"), now=LATER)
    with pytest.raises(Conflict, match="decided already"):
        schemes.decide_proposal(world.actor(world.second), Decision("2025", 1, True, ""), now=LATER)


def test_declining_needs_a_reason(session: Session) -> None:
    world = make_world(session)
    with pytest.raises(Invalid):
        schemes.decide_proposal(world.actor(world.first), Decision("2025", 1, False, " "), now=LATER)


def test_a_proposal_of_another_round_is_not_found(session: Session) -> None:
    world = make_world(session)
    with pytest.raises(NotFound):
        schemes.decide_proposal(world.actor(world.first), Decision("2025", 9, True, ""), now=LATER)


def test_an_open_round_refuses_proposals_and_says_so_in_the_audit_log(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    rounds.open_round(world.actor(world.analyst), "2025", now=LATER)
    with pytest.raises(Conflict, match="locked"):
        propose(session, world, parts("40", "30", "30"))
    assert audit_of(session) == [("round.open", "done"), ("scheme.propose", "refused")]


def test_a_peer_may_not_read_weights(session: Session) -> None:
    make_world(session)
    with pytest.raises(Forbidden):
        schemes.weights_page(actor_of(make_account(session, Role.PEER)), "2025", "en")


def test_the_page_shows_families_and_effective_weights(session: Session) -> None:
    world = make_world(session)
    page = schemes.weights_page(world.actor(world.analyst), "2025", "en")
    assert [family.code for family in page.families] == ["n-score", "n-experience", "s-citizens"]
    assert [str(family.name) for family in page.families] == ["score", "Experience", "Citizens"]
    assert {one.code: one.after for one in page.effects.indicators} == {
        "satisfaction": 30,
        "trust": 20,
        "cooperation": 20,
        "leadership": 30,
    }
    assert [(str(name), weight) for name, weight in page.effects.groups] == [
        ("Citizens", "50"),
        ("Peers", "20"),
        ("Experts", "30"),
    ]


def test_a_preview_compares_and_stores_nothing(session: Session) -> None:
    world = make_world(session)
    effects = schemes.preview_weights(world.actor(world.analyst), "2025", parts("40", "30", "30"), "en")
    assert [(one.code, str(one.before), str(one.after)) for one in effects.indicators][:2] == [
        ("satisfaction", "30", "24"),
        ("trust", "20", "16"),
    ]
    assert audit_of(session) == []


def test_a_proposal_is_compared_with_the_weights_in_force(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    number = propose(session, world, parts("40", "30", "30"))
    page = schemes.proposal_page(world.actor(world.second), "2025", number, "en")
    assert page.against is not None
    assert page.against.number == 1
    assert [(str(change.name), str(change.before), str(change.after)) for change in page.changes] == [
        ("Experience", "50", "40"),
        ("cooperation name (en)", "20", "30"),
    ]
    assert page.standing.may_decide
    assert not schemes.proposal_page(world.actor(world.analyst), "2025", number, "en").standing.may_decide


def test_a_first_version_is_compared_with_the_former_round(session: Session) -> None:
    former = make_world(session, RoundState.APPROVED, code="2024")
    new = rounds.NewRound("2025", "round:2024", former.round.period_start, former.round.period_end, {"en": "New"})
    rounds.create_round(former.actor(former.analyst), new, now=NOW)
    page = schemes.proposal_page(former.actor(former.first), "2025", 1, "en")
    assert page.against is not None
    assert page.changes == ()


def test_differences_name_what_is_new_and_what_is_gone(session: Session) -> None:
    mapping = scheme_mapping()
    mapping["tree"]["children"][0]["children"][1] |= {"code": "speed"}
    labels = Labels("en")
    found = changes_between(read_scheme(scheme_mapping()), read_scheme(mapping), labels)
    assert [(str(change.name), change.before, change.after) for change in found] == [
        ("speed", None, 40),
        ("trust", 40, None),
    ]


def test_families_of_one_and_equal_parts_have_nothing_to_weigh(session: Session) -> None:
    mapping = scheme_mapping()
    mapping["tree"]["children"][0] |= {"weights": "equal"}
    for leaf in mapping["tree"]["children"][0]["children"]:
        del leaf["weight"]
    scheme = read_scheme(mapping)
    assert [family.code for family in families_of(scheme, Labels("en"))] == ["n-score", "s-citizens"]


def test_the_newest_open_proposal_is_found_for_the_command(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    actor = world.actor(world.first)
    with pytest.raises(Conflict):
        schemes.newest_proposal(actor, "2025")
    add_proposal(session, world, number=2)
    add_proposal(session, world, number=3)
    assert schemes.newest_proposal(actor, "2025") == 3
