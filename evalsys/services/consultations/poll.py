"""The advisory poll: how people would weigh the parts of the score; shown beside the weights, counted nowhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Consultation, PollAnswer
from evalsys.services.content import Text
from evalsys.services.weights import Labels, group_weights, percent
from scoring.scheme import Scheme

MOST = 10
PUBLIC_FROM = 10
STEP = 10
PART, GROUP = "n-", "g-"


@dataclass(frozen=True)
class Asked:
    """One thing of which people say how important it is; `key` is its name in an answer."""

    key: str
    name: Text


@dataclass(frozen=True)
class PollLine:
    """What a part weighs in the scheme, and what the poll gives it on average, both in percent."""

    name: Text
    weight: Decimal
    mean: Decimal


@dataclass(frozen=True)
class PollTable:
    """The parts of the first level ("parts") or the groups ("groups"); `n` answers say something about them."""

    kind: str
    n: int
    lines: tuple[PollLine, ...]


@dataclass(frozen=True)
class Poll:
    """The result of a poll; tables only once it is over, and where their n is large enough for whoever looks.

    Until then `n` is cut down to whole tens: from what each single answer moves, it could be worked out.
    """

    n: int
    tables: tuple[PollTable, ...]
    least: int
    is_over: bool


@dataclass(frozen=True)
class Look:
    """What somebody may see of a poll: tables from `least` answers on, once it `is_over`."""

    least: int
    is_over: bool


def asked_in(scheme: Scheme, labels: Labels) -> dict[str, tuple[Asked, ...]]:
    """What people are asked about, by kind; a family of one is not asked."""
    parts = tuple(Asked(PART + node.code, labels.node(node.code)) for node in scheme.tree.children)
    groups = tuple(Asked(GROUP + group.code, labels.of("group", group.code)) for group in scheme.groups)
    return {kind: asked for kind, asked in (("parts", parts), ("groups", groups)) if len(asked) > 1}


def read_poll(session: Session, consultation: Consultation, look: Look, scheme: Scheme, labels: Labels) -> Poll:
    """The poll beside the weights of `scheme`, as far as `look` allows."""
    bodies = list(session.scalars(select(PollAnswer.body).where(PollAnswer.consultation_id == consultation.id)))
    if not look.is_over:
        return Poll(len(bodies) // STEP * STEP, (), look.least, is_over=False)
    weights = {
        "parts": {PART + node.code: percent(node.weight) for node in scheme.tree.children},
        "groups": {GROUP + code: weight for code, weight in group_weights(scheme).items()},
    }
    tables = tuple(_table(kind, asked, weights[kind], bodies) for kind, asked in asked_in(scheme, labels).items())
    told = tuple(table for table in tables if table.n >= max(1, look.least))
    return Poll(len(bodies), told, look.least, is_over=True)


def mean_shares(keys: Sequence[str], bodies: Iterable[Mapping[str, Any]]) -> tuple[int, tuple[Decimal, ...]]:
    """Every answer made to shares of 100, then the mean; answers that give nothing or know other parts are left out.

    >>> mean_shares(["a", "b"], [{"a": 9, "b": 1}, {"a": 5, "b": 5}, {"a": 0, "b": 0}])
    (2, (Decimal('70.0'), Decimal('30.0')))
    """
    given = [[body[key] for key in keys] for body in bodies if all(key in body for key in keys)]
    shares = [[Fraction(value, sum(values)) for value in values] for values in given if sum(values)]
    if not shares:
        return 0, ()
    means = (sum(column, Fraction(0)) * 100 / len(shares) for column in zip(*shares, strict=True))
    return len(shares), tuple(_tenths(mean) for mean in means)


def _table(
    kind: str, asked: Sequence[Asked], weights: Mapping[str, Decimal], bodies: list[dict[str, Any]]
) -> PollTable:
    n, means = mean_shares([one.key for one in asked], bodies)
    lines = (PollLine(one.name, weights[one.key], mean) for one, mean in zip(asked, means, strict=bool(n)))
    return PollTable(kind, n, tuple(lines))


def _tenths(number: Fraction) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal("0.1"), ROUND_HALF_UP)
