"""How the acts on weights are done, for the table of acts, states and roles."""

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy.orm import Session

from evalsys.services import workbench
from evalsys.services.access import Actor
from evalsys.services.workbench import Bound
from tests.factories import NOW
from tests.integration.governing import World


def _bound(actor: Actor, _world: World) -> None:
    bounds = {"n-score": {"experience": Bound(Decimal(20), Decimal(60))}}
    workbench.set_bounds(actor, "2025", bounds, "citizens count, but not alone", now=NOW)


DO: dict[str, Callable[[Actor, World], object]] = {"bound": _bound}
PREPARE: dict[str, Callable[[Session, World], object]] = {}
