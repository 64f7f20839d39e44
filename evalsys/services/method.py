"""The method page: every weight in use, read from the scheme, so that the page cannot say anything else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from evalsys.db import db
from evalsys.models import OVER, Round, RoundState, SchemeVersion
from evalsys.services import content
from evalsys.services.method_record import MethodRecord, record_of
from evalsys.services.method_rules import FULL_RANGE, Rule, group_rules, node_rules, ranking_rules, simulation_rules
from evalsys.services.results import RoundLine, published_round
from evalsys.services.rounds.completeness import rules_in_force
from evalsys.services.schemes import PublicChapter, public_history
from evalsys.services.versions import approved_version, opened_version
from evalsys.services.weights import Labels, group_weights, leaf_weights, percent, scheme_of
from scoring.scheme import Band, Group, Node, Scheme

FIVE = 5
OPEN_TO_ALL = (RoundState.COLLECTING, *OVER)


@dataclass(frozen=True)
class StratumLine:
    """A part of a group and its share of the group's mean, in percent."""

    code: str
    name: str
    weight: Decimal


@dataclass(frozen=True)
class MarginLine:
    """A variable of the population, and the share of each of its values in percent."""

    variable: str
    targets: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class MethodGroup:
    """A group: its promise, what it counts in the score (percent) and the three least numbers of answers.

    A group that is raked has `margins`: variables, each with the shares of its values in the population.
    """

    code: str
    name: str
    promise: str
    weight: Decimal
    minimum: tuple[int, int, int]
    strata: tuple[StratumLine, ...]
    margins: tuple[MarginLine, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class MethodNode:
    """A part of the tree: weights within its parent and in the score (percent), names of the groups asked.

    `shares` is what each group counts in an indicator, in percent.
    """

    depth: int
    code: str
    name: str
    weight: Decimal
    effective: Decimal
    asked: tuple[str, ...]
    points: int
    units: tuple[str, ...]
    is_leaf: bool
    rules: tuple[Rule, ...]
    shares: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class MethodBand:
    """A band and the score from which it is given, or the percent of the offices that get it."""

    letter: str
    low: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class MethodScheme:
    """A scheme in plain values, and who adopted it when.

    `has_five_points`: some question has five points that become 0 to 100; `is_outside`: each group has an index of its
    own. `opened_version` is the one the round opened with, where other weights are in force now.
    """

    version: int
    digest: str
    adopted_on: date
    adopted_by: str
    groups: tuple[MethodGroup, ...]
    nodes: tuple[MethodNode, ...]
    bands: tuple[MethodBand, ...]
    has_five_points: bool
    is_outside: bool
    ranking: tuple[Rule, ...]
    simulation: tuple[Rule, ...]
    public_reason: content.Text
    opened_version: int | None


@dataclass(frozen=True)
class HistoryPage:
    """How the weights of a round came about, for everybody; `former` names the round that came before."""

    round: RoundLine | None
    former: str
    chapters: tuple[PublicChapter, ...]


@dataclass(frozen=True)
class MethodRules:
    """The rule document that the round rests on, and the digest by which anybody can tell that it is this one."""

    title: str
    digest: str


@dataclass(frozen=True)
class MethodPage:
    """What the page says about one round; both are None before the first round is open."""

    round: RoundLine | None
    scheme: MethodScheme | None
    record: MethodRecord | None = None
    rules: MethodRules | None = None


def read_method(locale: str) -> MethodPage:
    """The method of the newest round that has been opened; pilots apart; without weights while there is none."""
    newest = _newest()
    return _page(newest, locale) if newest else MethodPage(None, None)


def read_round_method(round_code: str, locale: str) -> MethodPage:
    """The method of a published round. Raises NotFound."""
    return _page(published_round(round_code), locale)


def read_history(locale: str) -> HistoryPage:
    """How the weights of the newest round that has been opened came about; empty while there is none."""
    newest = _newest()
    return _history(newest, locale) if newest else HistoryPage(None, "", ())


def read_round_history(round_code: str, locale: str) -> HistoryPage:
    """How the weights of a published round came about. Raises NotFound."""
    return _history(published_round(round_code), locale)


def _newest() -> Round | None:
    query = select(Round).where(Round.state.in_(OPEN_TO_ALL), Round.is_pilot.is_(False))
    return db.session.scalar(query.order_by(Round.period_end.desc(), Round.id.desc()).limit(1))


def _history(round_: Round, locale: str) -> HistoryPage:
    title = content.text_of("round", round_.code, "name", locale).text
    former = content.text_of("round", round_.previous.code, "name", locale).text if round_.previous else ""
    return HistoryPage(RoundLine(round_.code, title), former, public_history(db.session(), round_, locale))


def describe_scheme(version: SchemeVersion, locale: str) -> MethodScheme:
    """Any version of the weights in plain values, as the pages for everybody show it."""
    return _scheme(version, None, locale)


def _page(round_: Round, locale: str) -> MethodPage:
    version = approved_version(db.session(), round_.id)
    title = content.text_of("round", round_.code, "name", locale).text
    opened = opened_version(db.session(), round_)
    document = rules_in_force(db.session(), round_.id)
    return MethodPage(
        RoundLine(round_.code, title),
        _scheme(version, opened, locale) if version else None,
        record_of(db.session(), round_, locale),
        MethodRules(document.title, document.digest) if document else None,
    )


def _scheme(version: SchemeVersion, opened: SchemeVersion | None, locale: str) -> MethodScheme:
    scheme, labels = scheme_of(version.body), Labels(locale)
    weights = group_weights(scheme)
    return MethodScheme(
        version=version.number,
        digest=version.digest,
        adopted_on=(version.decided_at or version.proposed_at).date(),
        adopted_by=version.approver.name if version.approver else version.proposer.name,
        groups=tuple(_group(group, weights[group.code], labels) for group in scheme.groups),
        nodes=tuple(_nodes(scheme, labels)),
        bands=tuple(_band(band) for band in scheme.bands),
        has_five_points=any(_is_plain(leaf) for leaf in scheme.leaves()),
        is_outside=scheme.order == "group-outside",
        ranking=ranking_rules(scheme),
        simulation=simulation_rules(scheme),
        public_reason=content.Text(version.public_reason, version.public_reason_locale),
        opened_version=opened.number if opened else None,
    )


def _group(group: Group, weight: Decimal, labels: Labels) -> MethodGroup:
    strata = tuple(StratumLine(s.code, str(labels.of("stratum", s.code)), percent(s.weight)) for s in group.strata)
    margins = tuple(
        MarginLine(margin.variable, tuple((value, percent(share)) for value, share in margin.targets))
        for margin in group.margins
    )
    return MethodGroup(
        code=group.code,
        name=str(labels.of("group", group.code)),
        promise=group.promise,
        weight=weight,
        minimum=group.minimum,
        strata=() if margins else strata,
        margins=margins,
        rules=group_rules(group),
    )


def _band(band: Band) -> MethodBand:
    return MethodBand(band.code, band.start, None if band.share is None else percent(band.share))


def _is_plain(leaf: Node) -> bool:
    turned = leaf.direction == "down" or leaf.rescale != "linear"
    return leaf.points == FIVE and not turned and leaf.output == FULL_RANGE


def _nodes(scheme: Scheme, labels: Labels) -> Iterator[MethodNode]:
    effective = {leaf.code: weight for leaf, weight in leaf_weights(scheme)}
    yield from _walk(scheme.tree, labels, 0, effective)


def _walk(node: Node, labels: Labels, depth: int, effective: Mapping[str, Fraction]) -> Iterator[MethodNode]:
    whole = sum((effective[leaf.code] for leaf in node.walk() if not leaf.children), Fraction(0))
    asked = dict.fromkeys(group for leaf in node.walk() for group, share in leaf.shares if share)
    yield MethodNode(
        depth,
        node.code,
        str(labels.node(node.code)),
        percent(node.weight if depth else Fraction(1)),
        percent(whole),
        tuple(str(labels.of("group", code)) for code in asked),
        node.points,
        node.units,
        not node.children,
        node_rules(node, labels),
        tuple((str(labels.of("group", code)), percent(share)) for code, share in node.shares if share),
    )
    for child in node.children:
        yield from _walk(child, labels, depth + 1, effective)
