"""What the workbench shows beside the weights: bounds, the weights in force, units to watch, the trial of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from evalsys.db import db
from evalsys.models import Round, RoundUnit, Unit
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.bounds import Bounds, bounds_of
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round
from evalsys.services.trial import Focus, Trial, try_scheme
from evalsys.services.versions import approved_version, current_version
from evalsys.services.weights import Effect, Labels, Weights, effects_of, families_of, scheme_of, with_weights

MOVERS_SHOWN = 8


@dataclass(frozen=True)
class Bench:
    """What stands beside the numbers. `adopted`: the weights in force, here or else in the former round, by family."""

    bounds: Bounds
    adopted: Mapping[str, Mapping[str, Decimal]]
    units: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Sight:
    """What the typed numbers would mean: of each indicator, and for a scored round that fits, if there is one."""

    effects: tuple[Effect, ...]
    trial: Trial | None
    is_watched: bool


def bench_of(actor: Actor, round_code: str, locale: str) -> Bench:
    """What the workbench of a round shows. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    query = select(Unit.code).join(RoundUnit, RoundUnit.unit_id == Unit.id).where(RoundUnit.round_id == round_.id)
    names = content.names("unit", locale)
    units = [(code, names.get(code) or Text(code, "")) for code in session.scalars(query)]
    return Bench(
        bounds=bounds_of(session, round_.id),
        adopted=_adopted(round_, locale),
        units=tuple(sorted(units, key=lambda unit: str(unit[1]))),
    )


def look_at(actor: Actor, round_code: str, weights: Weights, unit: str, locale: str) -> Sight:
    """What these weights would do, in short; stores nothing. Raises Forbidden, NotFound, Invalid."""
    require(actor, "oversight.read")
    session = db.session()
    basis = scheme_of(current_version(session, find_round(session, round_code)).body)
    scheme = with_weights(basis, weights)
    trial = try_scheme(session, scheme, locale, Focus(MOVERS_SHOWN, unit))
    return Sight(effects_of(scheme, basis, Labels(locale)), trial, is_watched=bool(unit))


def _adopted(round_: Round, locale: str) -> dict[str, dict[str, Decimal]]:
    session = db.session()
    version = approved_version(session, round_.id)
    if version is None and round_.previous_id is not None:
        version = approved_version(session, round_.previous_id)
    if version is None:
        return {}
    families = families_of(scheme_of(version.body), Labels(locale))
    return {family.code: {member.code: member.percent for member in family.members} for family in families}
