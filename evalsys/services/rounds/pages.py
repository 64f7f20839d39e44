"""What the oversight body sees of one round: everything in it but scores."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import exists, func, select

from evalsys.db import db
from evalsys.models import (
    BEFORE_OPENING,
    Account,
    Assignment,
    Category,
    Inbox,
    PublishedScorecard,
    Questionnaire,
    Response,
    Round,
    RoundState,
    RoundUnit,
    Run,
    SchemeVersion,
    Unit,
)
from evalsys.models.response import COUNTED
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.rounds.states import ACTS, NEVER_OF_PILOTS, find_round
from evalsys.services.versions import current_version, versions_of
from evalsys.services.weights import Labels, group_weights, leaf_weights, percent, scheme_of
from scoring.scheme import Node, Scheme

BUTTONS = (
    "open", "close", "check", "score", "share", "ballot", "adopt", "rescore", "publish", "republish", "improve",
    "follow_up", "archive", "reopen", "suspend", "resume",
)  # fmt: skip


@dataclass(frozen=True)
class GroupLine:
    """A group of raters: its promise, the n from which its figures are shown in full, and what it counts."""

    code: str
    name: Text
    promise: str
    minimum: tuple[int, int, int]
    weight: Decimal
    strata: tuple[tuple[Text, Decimal], ...]


@dataclass(frozen=True)
class TreeLine:
    """A node of the tree: its depth from 0, its weight within its parent and in the whole score, in percent."""

    name: Text
    depth: int
    weight: Decimal
    effective: Decimal | None
    shares: tuple[tuple[Text, Decimal], ...]


@dataclass(frozen=True)
class UnitLine:
    """A unit of the round, and how many answers each group gave about it, in the order of the groups."""

    code: str
    name: Text
    counts: tuple[int, ...]


@dataclass(frozen=True)
class CategoryLine:
    """The units of one peer category."""

    name: Text
    units: tuple[UnitLine, ...]


@dataclass(frozen=True)
class VersionLine:
    """A version of the weights in short."""

    number: int
    state: str
    digest: str
    proposer: str
    decider: str
    decided_at: datetime | None


@dataclass(frozen=True)
class RunLine:
    """A scoring run in short."""

    id: int
    number: int
    created_at: datetime
    actor: str
    digest: str
    was_public: bool


@dataclass(frozen=True)
class RoundFacts:
    """What a round is, apart from what is in it."""

    code: str
    name: Text
    state: RoundState
    method: str
    period_start: date
    period_end: date
    previous: Text | None
    previous_code: str
    is_pilot: bool
    rules_digest: str
    opened_at: datetime | None
    closed_at: datetime | None
    published_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str


@dataclass(frozen=True)
class RoundPage:
    """One round whole; no score is in it. `acts` are what this actor may do with it now."""

    facts: RoundFacts
    groups: tuple[GroupLine, ...]
    tree: tuple[TreeLine, ...]
    categories: tuple[CategoryLine, ...]
    totals: tuple[int, ...]
    waiting_answers: int
    unreleased: int
    version: VersionLine
    proposals: tuple[VersionLine, ...]
    runs: tuple[RunLine, ...]
    acts: tuple[str, ...]
    may_propose: bool
    may_amend: bool
    is_before_opening: bool


def round_page(actor: Actor, code: str, locale: str) -> RoundPage:
    """One round with everything in it but scores. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), code)
    labels, state = Labels(locale), RoundState(round_.state)
    version = current_version(db.session(), round_)
    scheme = scheme_of(version.body)
    groups = _groups(scheme, labels)
    categories = _categories(round_, tuple(group.code for group in groups), locale)
    units, runs = [unit for category in categories for unit in category.units], _runs(round_)
    waiting = select(func.count()).select_from(Inbox).join(Questionnaire, Questionnaire.id == Inbox.questionnaire_id)
    return RoundPage(
        facts=_facts(round_, locale),
        groups=groups,
        tree=tuple(_tree(scheme, labels)),
        categories=categories,
        totals=tuple(sum(unit.counts[place] for unit in units) for place in range(len(groups))),
        waiting_answers=db.session.scalar(waiting.where(Questionnaire.round_id == round_.id)) or 0,
        unreleased=_unreleased(round_),
        version=_version(version),
        proposals=tuple(_version(found) for found in versions_of(db.session(), round_) if _can_come(found, state)),
        runs=runs,
        acts=_acts(actor, round_, runs),
        may_propose=state in ACTS["propose"].sources and may(actor, ACTS["propose"].right),
        may_amend=state in ACTS["amend"].sources and may(actor, ACTS["amend"].right),
        is_before_opening=state in BEFORE_OPENING,
    )


def _acts(actor: Actor, round_: Round, runs: tuple[RunLine, ...]) -> tuple[str, ...]:
    """What the actor may do now; in a suspended round that is to take it up again, and nothing else.

    There is nothing to publish anew while the newest run is the public one.
    """
    is_suspended, is_corrected = round_.suspended_at is not None, bool(runs) and not runs[0].was_public
    possible = (act for act in BUTTONS if (act == "resume") == is_suspended and (act != "republish" or is_corrected))
    return tuple(act for act in possible if _is_possible(act, round_) and may(actor, ACTS[act].right))


def _is_possible(act: str, round_: Round) -> bool:
    return round_.state in ACTS[act].sources and not (round_.is_pilot and act in NEVER_OF_PILOTS)


def _facts(round_: Round, locale: str) -> RoundFacts:
    previous = round_.previous
    return RoundFacts(
        code=round_.code,
        name=content.text_of("round", round_.code, "name", locale),
        state=RoundState(round_.state),
        method=round_.method,
        period_start=round_.period_start,
        period_end=round_.period_end,
        previous=content.text_of("round", previous.code, "name", locale) if previous else None,
        previous_code=previous.code if previous else "",
        is_pilot=round_.is_pilot,
        rules_digest=round_.rules_digest,
        opened_at=round_.opened_at,
        closed_at=round_.closed_at,
        published_at=round_.published_at,
        suspended_at=round_.suspended_at,
        suspended_reason=round_.suspended_reason,
    )


def _groups(scheme: Scheme, labels: Labels) -> tuple[GroupLine, ...]:
    weights = group_weights(scheme)
    return tuple(
        GroupLine(
            code=group.code,
            name=labels.of("group", group.code),
            promise=group.promise,
            minimum=group.minimum,
            weight=weights[group.code],
            strata=tuple((labels.of("stratum", part.code), percent(part.weight)) for part in group.strata),
        )
        for group in scheme.groups
    )


def _tree(scheme: Scheme, labels: Labels) -> list[TreeLine]:
    effective = {leaf.code: percent(weight) for leaf, weight in leaf_weights(scheme)}

    def lines(node: Node, depth: int) -> list[TreeLine]:
        shares = tuple((labels.of("group", group), percent(share)) for group, share in node.shares)
        line = TreeLine(labels.node(node.code), depth, percent(node.weight), effective.get(node.code), shares)
        return [line, *(below for child in node.children for below in lines(child, depth + 1))]

    return [line for child in scheme.tree.children for line in lines(child, 0)]


def _categories(round_: Round, groups: tuple[str, ...], locale: str) -> tuple[CategoryLine, ...]:
    counts = _counts(round_)
    names, categories = content.names("unit", locale), content.names("category", locale)
    places = (
        select(Category.code, Unit.id, Unit.code)
        .join(RoundUnit, RoundUnit.category_id == Category.id)
        .join(Unit, Unit.id == RoundUnit.unit_id)
        .where(RoundUnit.round_id == round_.id)
        .order_by(Category.position, Category.code, Unit.code)
    )
    found: dict[str, list[UnitLine]] = {}
    for category, unit_id, unit in db.session.execute(places):
        given = tuple(counts.get((unit_id, group), 0) for group in groups)
        found.setdefault(category, []).append(UnitLine(unit, names.get(unit) or Text(unit, ""), given))
    return tuple(CategoryLine(categories.get(code) or Text(code, ""), tuple(units)) for code, units in found.items())


def _counts(round_: Round) -> dict[tuple[int, str], int]:
    given = (
        select(Response.unit_id, Questionnaire.group, func.count())
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .where(Questionnaire.round_id == round_.id, Response.status == COUNTED)
        .group_by(Response.unit_id, Questionnaire.group)
    )
    return {(unit, group): count for unit, group, count in db.session.execute(given)}


def _unreleased(round_: Round) -> int:
    """Answers that the head of the rater's unit has not released: they are not in the box."""
    query = select(func.count()).select_from(Assignment).join(Questionnaire)
    return db.session.scalar(query.where(Questionnaire.round_id == round_.id, Assignment.state == "waiting")) or 0


def _can_come(version: SchemeVersion, state: RoundState) -> bool:
    """Whether a version waits for a decision and can still come into force."""
    approval = ACTS["approve_amendment" if version.is_amendment else "approve"]
    return version.state == "proposed" and state in approval.sources


def _version(version: SchemeVersion) -> VersionLine:
    decider = version.approver.name if version.approver else ""
    return VersionLine(
        version.number, version.state, version.digest, version.proposer.name, decider, version.decided_at
    )


def _runs(round_: Round) -> tuple[RunLine, ...]:
    was_public = exists().where(PublishedScorecard.run_id == Run.id)
    query = select(Run.id, Run.number, Run.created_at, Account.name, Run.result_digest, was_public).join(Account)
    rows = db.session.execute(
        query.where(Run.round_id == round_.id, Run.is_as_opened.is_(False)).order_by(Run.number.desc())
    )
    return tuple(RunLine(*row) for row in rows)
