"""Weights that move far: everybody is told why before the board may put them in force."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from sqlalchemy.orm import Session

from evalsys.models import Round, SchemeVersion
from evalsys.services.versions import approved_version, replaced_by
from evalsys.services.weights import NODE, OUTSIDE, SHARES, STRATA, percent, scheme_of
from scoring.scheme import Scheme

FAR_POINTS = Decimal(5)
Key = tuple[str, str]
Family = dict[str, Decimal]


def moves_far(session: Session, round_: Round, version: SchemeVersion) -> bool:
    """Whether a weight moves more than 5 points: against the version it replaces, or against the former round's.

    The second keeps a way in small steps from going unexplained.
    """
    former = approved_version(session, round_.previous_id) if round_.previous_id else None
    return is_far(version, (replaced_by(session, round_, version), former))


def is_far(version: SchemeVersion, others: Iterable[SchemeVersion | None]) -> bool:
    """Whether a weight moves more than 5 points against one of these versions."""
    scheme = scheme_of(version.body)
    return any(
        far_moves(scheme_of(other.body), scheme)
        for other in others
        if other is not None and other.digest != version.digest
    )


def far_moves(former: Scheme, new: Scheme) -> frozenset[Key]:
    """The (family, member) whose percent differ by more than 5 points; one that is new or gone counts from 0 or to 0.

    A family that only one of the two has tells nothing: there the weight of its parent is what moves.
    """
    before, after = dict(_families(former)), dict(_families(new))
    return frozenset(
        (family, member)
        for family in before.keys() & after.keys()
        for member in before[family].keys() | after[family].keys()
        if abs(after[family].get(member, Decimal(0)) - before[family].get(member, Decimal(0))) > FAR_POINTS
    )


def _families(scheme: Scheme) -> Iterator[tuple[str, Family]]:
    """Every family of a scheme, those of one member and of equal parts too."""
    for node in scheme.nodes():
        if node.children:
            yield NODE + node.code, {child.code: percent(child.weight) for child in node.children}
    for leaf in scheme.leaves():
        yield SHARES + leaf.code, {code: percent(share) for code, share in leaf.shares}
    for group in scheme.groups:
        if not group.margins:
            yield STRATA + group.code, {part.code: percent(part.weight) for part in group.strata}
    if scheme.order == "group-outside":
        yield OUTSIDE + scheme.tree.code, {one.code: percent(one.weight) for one in scheme.groups if one.weight}
