"""Which groups of a round people can be invited to, and with which strata."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.models import RaterGroup, Round, RoundState
from evalsys.services.access import Actor, require
from evalsys.services.collection.forms import CITIZENS
from evalsys.services.collection.submission import OPEN_STRATUM
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round
from evalsys.services.versions import current_version
from evalsys.services.weights import Labels, scheme_of


@dataclass(frozen=True)
class PublicGroup:
    """A group that rates by form, and the strata that people of a list can belong to."""

    code: str
    name: Text
    strata: tuple[tuple[str, Text], ...]


def public_groups(actor: Actor, round_code: str, locale: str) -> tuple[PublicGroup, ...]:
    """The groups of a round that people can be invited to. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    labels, round_ = Labels(locale), find_round(db.session(), round_code)
    return tuple(
        PublicGroup(
            code, labels.of("group", code), tuple((stratum, labels.of("stratum", stratum)) for stratum in strata)
        )
        for code, strata in strata_of_groups(db.session(), round_).items()
    )


def strata_of_groups(session: Session, round_: Round) -> dict[str, tuple[str, ...]]:
    """The strata of each public group of the round's scheme; nobody can be invited to the open one."""
    said = select(RaterGroup.code, RaterGroup.mode).where(RaterGroup.round_id == round_.id)
    modes = {CITIZENS: "public", **dict(session.execute(said).all())}
    scheme = scheme_of(current_version(session, round_).body)
    return {
        group.code: tuple(part.code for part in group.strata if part.code != OPEN_STRATUM)
        for group in scheme.groups
        if modes.get(group.code) == "public"
    }


def find_strata(session: Session, round_: Round, group: str) -> tuple[str, ...]:
    """The strata of one public group. Raises Invalid when the round has no such group."""
    found = strata_of_groups(session, round_).get(group)
    if not found:
        raise Invalid("People cannot be invited to this group: it is no group that rates by form.")
    return found


def find_inviting_round(session: Session, code: str) -> Round:
    """The round, while people can be invited to it. Raises NotFound, Conflict."""
    found = find_round(session, code)
    if found.state not in (RoundState.APPROVED, RoundState.COLLECTING):
        raise Conflict("People can be invited while a round is approved or collecting.")
    return found
