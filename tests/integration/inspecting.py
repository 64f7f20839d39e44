"""A round that takes visits, for the tests of supervisors: two units, a supervisor whose term is June 2025."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import (
    Account,
    Questionnaire,
    RaterGroup,
    Role,
    Round,
    RoundState,
    SchemeVersion,
    Unit,
)
from evalsys.services import visits
from evalsys.services.access import Actor, actor_of
from evalsys.services.visits import FilledVisit, NewTerm
from evalsys.services.weights import read_scheme
from scoring.scheme import Scheme
from tests.factories import make_account, make_questionnaire, make_scheme_version
from tests.integration.governing import World as Governed
from tests.integration.governing import make_world, scheme_mapping

TODAY = date(2025, 6, 15)
NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
VISITS = "inspections"


@dataclass(frozen=True)
class World:
    governed: Governed
    form: Questionnaire
    supervisor: Account

    @property
    def round(self) -> Round:
        return self.governed.round

    @property
    def units(self) -> tuple[Unit, Unit]:
        return self.governed.units

    @property
    def actor(self) -> Actor:
        return actor_of(self.supervisor)

    @property
    def analyst(self) -> Actor:
        return actor_of(self.governed.analyst)


def scheme_with_visits(strata: dict[str, int]) -> Scheme:
    """The small scheme, where visits judge cooperation together with peers."""
    made = scheme_mapping()
    weighted = [{"code": name, "weight": weight} for name, weight in strata.items()]
    group = {"code": VISITS, "promise": "accountable", "minimum": [1, 1, 1], "strata": weighted}
    made["groups"].append(group)
    made["tree"]["children"][1]["groups"] = {"peers": 50, VISITS: 50}
    return read_scheme(made)


def set_scheme(session: Session, governed: Governed, strata: dict[str, int]) -> None:
    """Put other weights in force; versions are never changed, only replaced."""
    former = session.scalars(select(SchemeVersion).order_by(SchemeVersion.number.desc())).all()
    for version in former:
        version.state = "superseded"
    session.commit()
    scheme = scheme_with_visits(strata)
    decided = {"state": "approved", "approver": governed.first, "decided_at": NOON}
    number, body, digest = former[0].number + 1, scheme.canonical(), scheme.digest
    make_scheme_version(session, governed.round, governed.analyst, body, number=number, digest=digest, **decided)


def make_visited_world(session: Session) -> World:
    """A round that collects the whole year 2025, a supervisor whose term covers June for both units."""
    governed = make_world(session, RoundState.COLLECTING)
    set_scheme(session, governed, {"supervisors": 60, "all": 40})
    session.add(RaterGroup(round_id=governed.round.id, code=VISITS, mode="visit"))
    asked = [question.indicator for question in governed.forms["peers"].questions]
    form = make_questionnaire(session, governed.round, VISITS, asked)
    supervisor = make_account(session, Role.SUPERVISOR, name="Sara Supervisor", login="sara@example.org")
    made = World(governed, form, supervisor)
    give(made)
    return made


def give(world: World, first: date = date(2025, 6, 1), last: date = date(2025, 6, 30), *units: str) -> None:
    visits.give_term(world.analyst, NewTerm(world.supervisor.login, first, last, units), now=NOON)


def filled(nonce: str = "n" * 20, **over: object) -> FilledVisit:
    facts: dict[str, object] = {"codes": [4], "visited_on": TODAY, "place": "Counter 3", "note": "A clean hall."}
    return FilledVisit(**{**facts, "nonce": nonce, **over})  # type: ignore[arg-type]


def send(world: World, unit: str = "U01", now: datetime = NOON, **over: object) -> None:
    visits.send_visit(world.actor, unit, filled(**over), now=now)  # type: ignore[arg-type]


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
