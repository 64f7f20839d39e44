"""The method page: every weight in use, read from the scheme, so that the page cannot say anything else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from evalsys.db import db
from evalsys.models import Round, RoundState, SchemeVersion
from evalsys.services import content
from evalsys.services.results import RoundLine, published_round
from evalsys.services.versions import approved_version
from evalsys.services.weights import Labels, group_weights, percent, scheme_of
from scoring.scheme import Group, Node, Scheme

OPEN_TO_ALL = (RoundState.COLLECTING, RoundState.CLOSED, RoundState.SCORED, RoundState.PUBLISHED)


@dataclass(frozen=True)
class StratumLine:
    """A part of a group and its share of the group's mean, in percent."""

    code: str
    name: str
    weight: Decimal


@dataclass(frozen=True)
class MethodGroup:
    """A group: its promise, what it counts in the score (percent) and the three least numbers of answers."""

    code: str
    name: str
    promise: str
    weight: Decimal
    minimum: tuple[int, int, int]
    strata: tuple[StratumLine, ...]


@dataclass(frozen=True)
class MethodNode:
    """A part of the tree: weights within its parent and in the score (percent), names of the groups asked."""

    depth: int
    code: str
    name: str
    weight: Decimal
    effective: Decimal
    asked: tuple[str, ...]
    points: int
    units: tuple[str, ...]


@dataclass(frozen=True)
class MethodBand:
    """A band and the score from which it is given."""

    letter: str
    low: Decimal


@dataclass(frozen=True)
class MethodScheme:
    """A scheme in plain values, and who adopted it when."""

    version: int
    digest: str
    adopted_on: date
    adopted_by: str
    groups: tuple[MethodGroup, ...]
    nodes: tuple[MethodNode, ...]
    bands: tuple[MethodBand, ...]


@dataclass(frozen=True)
class MethodPage:
    """What the page says about one round; both are None before the first round is open."""

    round: RoundLine | None
    scheme: MethodScheme | None


def read_method(locale: str) -> MethodPage:
    """The method of the newest round that has been opened; a page without weights while there is none."""
    query = select(Round).where(Round.state.in_(OPEN_TO_ALL)).order_by(Round.period_end.desc(), Round.id.desc())
    newest = db.session.scalar(query.limit(1))
    return _page(newest, locale) if newest else MethodPage(None, None)


def read_round_method(round_code: str, locale: str) -> MethodPage:
    """The method of a published round. Raises NotFound."""
    return _page(published_round(round_code), locale)


def _page(round_: Round, locale: str) -> MethodPage:
    version = approved_version(db.session(), round_.id)
    title = content.text_of("round", round_.code, "name", locale).text
    return MethodPage(RoundLine(round_.code, title), _scheme(version, locale) if version else None)


def _scheme(version: SchemeVersion, locale: str) -> MethodScheme:
    scheme, labels = scheme_of(version.body), Labels(locale)
    weights = group_weights(scheme)
    return MethodScheme(
        version=version.number,
        digest=version.digest,
        adopted_on=(version.decided_at or version.proposed_at).date(),
        adopted_by=version.approver.name if version.approver else version.proposer.name,
        groups=tuple(_group(group, weights[group.code], labels) for group in scheme.groups),
        nodes=tuple(_nodes(scheme, labels)),
        bands=tuple(MethodBand(band.code, band.start) for band in sorted(scheme.bands, key=lambda band: -band.start)),
    )


def _group(group: Group, weight: Decimal, labels: Labels) -> MethodGroup:
    strata = tuple(StratumLine(s.code, str(labels.of("stratum", s.code)), percent(s.weight)) for s in group.strata)
    return MethodGroup(group.code, str(labels.of("group", group.code)), group.promise, weight, group.minimum, strata)


def _nodes(scheme: Scheme, labels: Labels) -> Iterator[MethodNode]:
    yield from _walk(scheme.tree, labels, 0, (Fraction(1), Fraction(1)))


def _walk(node: Node, labels: Labels, depth: int, weights: tuple[Fraction, Fraction]) -> Iterator[MethodNode]:
    within, effective = weights
    asked = dict.fromkeys(group for leaf in node.walk() for group, share in leaf.shares if share)
    yield MethodNode(
        depth,
        node.code,
        str(labels.node(node.code)),
        percent(within),
        percent(effective),
        tuple(str(labels.of("group", code)) for code in asked),
        node.points,
        node.units,
    )
    for child in node.children:
        yield from _walk(child, labels, depth + 1, (child.weight, effective * child.weight))
