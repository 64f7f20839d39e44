"""A small round that collects, for the tests of collecting: one unit, forms for all three groups, three raters."""

from dataclasses import dataclass

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Assignment, Inbox, Questionnaire, Role, Round, RoundState, Unit
from evalsys.services import sealing
from evalsys.services.credentials import add_credentials
from evalsys.services.sealing import Content
from tests.factories import (
    NOW,
    make_account,
    make_assignment,
    make_indicator,
    make_questionnaire,
    make_round,
    make_service,
    make_unit,
)
from tests.pages import Page, get_page

ANSWERS = {"q_satisfaction": "4", "q_trust": "na", "q_speed": "1"}
PACKED = "471"


@dataclass(frozen=True)
class World:
    """What the tests of collecting need to know."""

    round: Round
    unit: Unit
    citizens: Questionnaire
    peers: Questionnaire
    experts: Questionnaire
    peer: Account
    expert: Account
    peer_task: Assignment
    expert_task: Assignment


def make_world(session: Session) -> World:
    """Build it; the form's questions are satisfaction, trust, speed."""
    unit, other = make_unit(session, code="U01"), make_unit(session, code="U02")
    make_service(session, [unit, other], code="S01")
    new = make_round(session, [unit, other], code="2025", state=RoundState.COLLECTING, opened_at=NOW)
    asked = [make_indicator(session, code=code) for code in ("satisfaction", "trust", "speed")]
    cooperation = make_indicator(session, code="cooperation")
    panels = [make_indicator(session, code=code, points=101) for code in ("leadership", "results")]
    peers = make_questionnaire(session, new, "peers", [cooperation])
    experts = make_questionnaire(session, new, "experts", panels)
    peer, expert = make_account(session, Role.PEER, unit=other), make_account(session, Role.EXPERT)
    return World(
        round=new,
        unit=unit,
        citizens=make_questionnaire(session, new, "citizens", asked),
        peers=peers,
        experts=experts,
        peer=peer,
        expert=expert,
        peer_task=make_assignment(session, peers, peer, unit),
        expert_task=make_assignment(session, experts, expert, unit),
    )


def make_tokens(session: Session, world: World, number: int, stratum: str = "users") -> list[str]:
    tokens = add_credentials(session, world.round.id, stratum, number)
    session.commit()
    return tokens


def filled(client: FlaskClient, url: str = "/en/units/U01/rating", **over: str) -> dict[str, str]:
    """Everything a browser would send of a filled form."""
    page: Page = get_page(client, url)
    return {**page.fields(), **ANSWERS, **over}


def in_box(session: Session) -> list[Content]:
    """What lies sealed in the box, opened with the key of each rating's round."""
    rows = session.execute(
        select(Inbox.sealed, Round.seal_key)
        .join(Questionnaire, Questionnaire.id == Inbox.questionnaire_id)
        .join(Round, Round.id == Questionnaire.round_id)
    )
    return [sealing.unseal(sealed, key or b"") for sealed, key in rows]
