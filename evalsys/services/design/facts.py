"""What the set-up of a round rests on, read in a few queries however large the round is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from evalsys.i18n import LANGUAGES
from evalsys.models import (
    Assignment,
    Consultation,
    Credential,
    Questionnaire,
    RaterGroup,
    RollEntry,
    Round,
    RoundUnit,
    SchemeVersion,
    Target,
)
from evalsys.services import content
from evalsys.services.content import Text
from evalsys.services.design.dates import dates_of
from evalsys.services.design.settings import board_size, titles_of
from evalsys.services.rounds.completeness import rules_in_force
from evalsys.services.weights import group_weights, scheme_of

CITIZENS, PUBLIC, ASSIGNED = "citizens", "public", "assigned"


@dataclass(frozen=True)
class GroupFacts:
    """A group of the weights: how it is asked, and whether it counts; `public_from` answers are published."""

    code: str
    name: Text
    mode: str
    is_named: bool
    is_anonymous: bool
    has_open_channel: bool
    public_from: int
    counts: bool


@dataclass(frozen=True)
class VersionFacts:
    """A version of the weights and the person behind it: who approved it, or who proposed it."""

    number: int
    person: str


@dataclass(frozen=True)
class SetupFacts:
    """`rated` and `invited` count units with a task and people by group; `rules` is the rule document's title."""

    untitled: tuple[str, ...]
    units: int
    forms: int
    groups: tuple[GroupFacts, ...]
    rated: Mapping[str, int]
    invited: Mapping[str, int]
    targets: int
    approved: VersionFacts | None
    proposal: VersionFacts | None
    rules: str
    dates: Mapping[str, date]
    has_consultation: bool
    quorum: int
    board: int


def read_facts(session: Session, round_: Round, locale: str) -> SetupFacts:
    """The facts of one round."""
    approved, proposal = _versions(session, round_)
    titles, rules = titles_of(session, round_.code), rules_in_force(session, round_.id)
    units, forms, targets, consultations = _counts(session, round_)
    return SetupFacts(
        untitled=tuple(name for code, name in LANGUAGES if not titles.get(code)),
        units=units,
        forms=forms,
        groups=_groups(session, round_, proposal or approved, locale),
        rated=_rated(session, round_),
        invited=_invited(session, round_),
        targets=targets,
        approved=_version(approved, approved.approver) if approved else None,
        proposal=_version(proposal, proposal.proposer) if proposal else None,
        rules=rules.title if rules else "",
        dates=dates_of(session, round_),
        has_consultation=bool(consultations),
        quorum=round_.quorum,
        board=board_size(session),
    )


def _versions(session: Session, round_: Round) -> tuple[SchemeVersion | None, SchemeVersion | None]:
    """The version in force, and the newest one that waits for a decision."""
    query = select(SchemeVersion).where(SchemeVersion.round_id == round_.id)
    query = query.options(joinedload(SchemeVersion.proposer), joinedload(SchemeVersion.approver))
    found = {
        version.state: version
        for version in session.scalars(
            query.where(SchemeVersion.state.in_(("approved", "proposed"))).order_by(SchemeVersion.number)
        )
    }
    return found.get("approved"), found.get("proposed")


def _version(version: SchemeVersion, person: Any) -> VersionFacts:
    return VersionFacts(version.number, person.name if person else "")


def _groups(session: Session, round_: Round, version: SchemeVersion | None, locale: str) -> tuple[GroupFacts, ...]:
    if version is None:
        return ()
    rows = {row.code: row for row in session.scalars(select(RaterGroup).where(RaterGroup.round_id == round_.id))}
    scheme, names = scheme_of(version.body), content.names("group", locale)
    weights, found = group_weights(scheme), []
    for group in scheme.groups:
        row = rows.get(group.code)
        found.append(
            GroupFacts(
                code=group.code,
                name=names.get(group.code) or Text(group.code, ""),
                mode=row.mode if row else PUBLIC if group.code == CITIZENS else ASSIGNED,
                is_named=group.promise == "accountable",
                is_anonymous=group.promise == "anonymous",
                has_open_channel=row.has_open_channel if row else group.code == CITIZENS,
                public_from=group.minimum[1],
                counts=weights[group.code] > 0,
            )
        )
    return tuple(found)


def _rated(session: Session, round_: Round) -> dict[str, int]:
    """How many units of the round somebody of each group is asked about."""
    query = (
        select(Questionnaire.group, func.count(Assignment.unit_id.distinct()))
        .join(Assignment, Assignment.questionnaire_id == Questionnaire.id)
        .join(RoundUnit, (RoundUnit.round_id == round_.id) & (RoundUnit.unit_id == Assignment.unit_id))
        .where(Questionnaire.round_id == round_.id, Assignment.state != "conflict")
    )
    return dict(session.execute(query.group_by(Questionnaire.group)).all())


def _invited(session: Session, round_: Round) -> Counter[str]:
    """How many people of each group are on the list or hold a code; whoever is on both counts once."""
    codes = select(Credential.group, func.count()).where(Credential.round_id == round_.id)
    people = select(RollEntry.group, func.count()).where(RollEntry.round_id == round_.id)
    held: Counter[str] = Counter(dict(session.execute(codes.group_by(Credential.group)).all()))
    return held | Counter(dict(session.execute(people.group_by(RollEntry.group)).all()))


def _counts(session: Session, round_: Round) -> Sequence[int]:
    """How many units, questionnaires, targets and consultations the round has."""
    counted = (RoundUnit, Questionnaire, Target, Consultation)
    rows = (select(func.count()).where(table.round_id == round_.id).scalar_subquery() for table in counted)
    return session.execute(select(*rows)).one()
