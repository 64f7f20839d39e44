"""A small round for the tests of rounds, weights and runs: two units, three groups, an analyst, two board members."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from evalsys.models import Account, AuditEntry, Questionnaire, Response, Role, Round, RoundState, SchemeVersion, Unit
from evalsys.services.access import Actor, actor_of
from evalsys.services.cells import recount
from evalsys.services.mixing import mark_dirty
from evalsys.services.runs import score_round
from evalsys.services.weights import read_scheme
from scoring.collect import pack
from tests.factories import (
    NOW,
    anchor_it,
    make_account,
    make_indicator,
    make_questionnaire,
    make_round,
    make_scheme_version,
    make_unit,
    name_it,
)

ORDER = tuple(RoundState)


def scheme_mapping(experience: int = 50, cooperation: int = 20, management: int = 30) -> dict[str, Any]:
    """A scheme whose three groups count 50, 20 and 30 unless told otherwise."""

    def group(code: str, promise: str, minimum: list[int], **strata: int) -> dict[str, Any]:
        weighted = [{"code": name, "weight": weight} for name, weight in strata.items()]
        return {"code": code, "promise": promise, "minimum": minimum, "strata": weighted}

    def leaf(code: str, weight: int, points: int, asked: str) -> dict[str, Any]:
        return {"code": code, "weight": weight, "points": points, "groups": {asked: 100}}

    citizens = [leaf("satisfaction", 60, 5, "citizens"), leaf("trust", 40, 5, "citizens")]
    return {
        "code": "small",
        "groups": [
            group("citizens", "anonymous", [2, 3, 4], users=100, open=0),
            group("peers", "confidential", [1, 1, 1], all=100),
            group("experts", "accountable", [1, 1, 1], all=100),
        ],
        "tree": {
            "code": "score",
            "children": [
                {"code": "experience", "weight": experience, "children": citizens},
                leaf("cooperation", cooperation, 5, "peers"),
                leaf("leadership", management, 101, "experts"),
            ],
        },
        "bands": [{"code": "A", "from": 75}, {"code": "B", "from": 0}],
    }


@dataclass(frozen=True)
class World:
    """Who is there, and what they work on."""

    round: Round
    units: tuple[Unit, Unit]
    forms: dict[str, Questionnaire]
    analyst: Account
    first: Account
    second: Account

    def actor(self, account: Account) -> Actor:
        return actor_of(account)


def make_world(session: Session, state: RoundState = RoundState.DRAFT, code: str = "2025") -> World:
    """A round in `state`; version 1 of its weights waits in a draft and is in force later."""
    units = make_unit(session, code="U01"), make_unit(session, code="U02")
    for entity, named in (("dimension", "experience"), ("group", "citizens"), ("group", "peers"), ("group", "experts")):
        name_it(session, entity, named, en=named.title())
    asked = {name: make_indicator(session, code=name) for name in ("satisfaction", "trust", "cooperation")}
    asked["leadership"] = make_indicator(session, code="leadership", points=101)
    for indicator in asked.values():
        anchor_it(session, indicator)
    new = make_round(session, units, code=code, state=state)
    forms = {
        "citizens": make_questionnaire(session, new, "citizens", [asked["satisfaction"], asked["trust"]]),
        "peers": make_questionnaire(session, new, "peers", [asked["cooperation"]]),
        "experts": make_questionnaire(session, new, "experts", [asked["leadership"]]),
    }
    analyst, first, second = (make_account(session, role) for role in (Role.ANALYST, Role.BOARD, Role.BOARD))
    world = World(new, units, forms, analyst, first, second)
    is_decided = state not in (RoundState.DRAFT, RoundState.CONSULTED)
    decided: dict[str, Any] = {"state": "approved", "approver": world.first, "decided_at": NOW} if is_decided else {}
    add_proposal(session, world, **decided)
    if ORDER.index(state) >= ORDER.index(RoundState.DRAFT_RESULTS):
        new.state = RoundState.QUALITY_CONTROL
        session.commit()
        score_round(world.actor(world.analyst), code, now=NOW)
        new.state = state
        session.commit()
    return world


def add_proposal(session: Session, world: World, number: int = 1, **over: Any) -> SchemeVersion:
    """A version of the weights by the analyst."""
    scheme = read_scheme(scheme_mapping())
    facts = {"number": number, "digest": scheme.digest, "body": scheme.canonical(), **over}
    proposer, body = facts.pop("proposer", world.analyst), facts.pop("body")
    return make_scheme_version(session, world.round, proposer, body, **facts)


def add_answers(session: Session, form: Questionnaire, unit: Unit, answers: list[list[int]], stratum: str = "") -> None:
    """Counted responses, and their cells."""
    points = [question.indicator.points for question in form.questions]
    part = stratum or ("users" if form.group == "citizens" else "all")
    for codes in answers:
        session.add(
            Response(
                id=secrets.token_hex(16),
                questionnaire_id=form.id,
                unit_id=unit.id,
                stratum=part,
                channel="web",
                day=date(2025, 6, 1),
                answers=pack(codes, points),
            )
        )
    mark_dirty(session, form.id, {unit.id})
    session.commit()
    recount()


def audit_of(session: Session, act: str = "") -> list[tuple[str, str]]:
    """(act, outcome) of all entries in their order, or of one act."""
    session.expire_all()
    rows = session.query(AuditEntry).order_by(AuditEntry.id)
    return [(row.act, row.outcome) for row in rows if act in ("", row.act)]
