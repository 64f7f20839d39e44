"""Stored versions of a round's scheme: steps that use cases share inside their transaction."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from evalsys.errors import Invalid, NotFound
from evalsys.models import Round, SchemeVersion
from evalsys.services.audit import Act
from evalsys.services.bounds import refuse_outside
from scoring.scheme import Scheme


def add_version(session: Session, round_: Round, scheme: Scheme, act: Act) -> SchemeVersion:
    """Add `scheme` as the round's next proposal, by the actor and for the reason of `act`.

    Raises Invalid without a reason, or with every weight that is outside what the board allows.
    """
    if not act.reason.strip():
        raise Invalid("Say why you propose these weights.")
    refuse_outside(session, round_, scheme, act.subject)
    last = session.scalar(select(func.max(SchemeVersion.number)).where(SchemeVersion.round_id == round_.id))
    version = SchemeVersion(
        round=round_,
        number=(last or 0) + 1,
        body=scheme.canonical(),
        digest=scheme.digest,
        reason=act.reason,
        proposer_id=act.actor.account_id,
        proposed_at=act.now,
    )
    session.add(version)
    return version


def approved_version(session: Session, round_id: int) -> SchemeVersion | None:
    """The version in force, if any."""
    query = select(SchemeVersion).where(SchemeVersion.round_id == round_id, SchemeVersion.state == "approved")
    return session.scalar(query)


def current_version(session: Session, round_: Round) -> SchemeVersion:
    """The version in force, else the newest one: what a proposal starts from. Raises NotFound."""
    versions = select(SchemeVersion).where(SchemeVersion.round_id == round_.id)
    order = ((SchemeVersion.state == "approved").desc(), SchemeVersion.number.desc())
    found = session.scalar(versions.order_by(*order).limit(1))
    if found is None:
        raise NotFound("This round has no weights.")
    return found


def newest_version(session: Session, round_: Round) -> SchemeVersion:
    """The last version that is in force or waits for a decision, else what `current_version` finds."""
    versions = select(SchemeVersion).where(
        SchemeVersion.round_id == round_.id, SchemeVersion.state.in_(("approved", "proposed"))
    )
    return session.scalar(versions.order_by(SchemeVersion.number.desc()).limit(1)) or current_version(session, round_)


def version_numbered(session: Session, round_: Round, number: int) -> SchemeVersion:
    """One version of the round. Raises NotFound."""
    query = select(SchemeVersion).where(SchemeVersion.round_id == round_.id, SchemeVersion.number == number)
    found = session.scalar(query)
    if found is None:
        raise NotFound("This proposal does not exist.")
    return found


def versions_of(session: Session, round_: Round) -> list[SchemeVersion]:
    """All versions of the round, the newest first."""
    people = (joinedload(SchemeVersion.proposer), joinedload(SchemeVersion.approver))
    query = select(SchemeVersion).where(SchemeVersion.round_id == round_.id).options(*people)
    return list(session.scalars(query.order_by(SchemeVersion.number.desc())))


def opened_version(session: Session, round_: Round) -> SchemeVersion | None:
    """The version with whose weights the round opened, if others are in force now; else None."""
    present = approved_version(session, round_.id)
    if not round_.opened_scheme or present is None or present.digest == round_.opened_scheme:
        return None
    query = select(SchemeVersion).where(
        SchemeVersion.round_id == round_.id,
        SchemeVersion.digest == round_.opened_scheme,
        SchemeVersion.state == "superseded",
    )
    return session.scalar(query.order_by(SchemeVersion.number.desc()).limit(1))


def replaced_by(session: Session, round_: Round, version: SchemeVersion) -> SchemeVersion | None:
    """What `version` is compared with: the one in force while it is open, then the one in force before it.

    Before there is one in this round, it is the one in force in the former round, else the version before it.
    """
    query = select(SchemeVersion).where(SchemeVersion.round_id == round_.id, SchemeVersion.id != version.id)
    in_force = query.where(SchemeVersion.state.in_(("approved", "superseded")))
    if version.decided_at is not None:
        in_force = in_force.where(SchemeVersion.decided_at < version.decided_at)
    found = session.scalar(in_force.order_by(SchemeVersion.decided_at.desc(), SchemeVersion.number.desc()).limit(1))
    if found is None and round_.previous_id is not None:
        found = approved_version(session, round_.previous_id)
    if found is None:
        before = query.where(SchemeVersion.number < version.number).order_by(SchemeVersion.number.desc())
        found = session.scalar(before.limit(1))
    return found
