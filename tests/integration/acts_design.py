"""How the acts of the round's design are done, for the table of acts."""

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from evalsys.services.access import Actor
from evalsys.services.design import settings
from tests.factories import NOW
from tests.integration.governing import World

TITLES = {"en": "City 2025", "zh": "城市 2025", "ar": "المدينة 2025"}


def new_settings(**over: object) -> settings.Settings:
    """Settings that any round may have."""
    facts = {"titles": TITLES, "period_start": date(2025, 2, 1), "period_end": date(2025, 11, 30)}
    return settings.Settings(**{**facts, "reply_days": 10, **over})  # type: ignore[arg-type]


def _design(actor: Actor, _world: World) -> None:
    settings.set_settings(actor, "2025", new_settings(), now=NOW)


def _govern(actor: Actor, _world: World) -> None:
    settings.set_board_rule(actor, "2025", settings.BoardRule(1, "two_thirds"), now=NOW)


DO: dict[str, Callable[[Actor, World], object]] = {"design": _design, "govern": _govern}
PREPARE: dict[str, Callable[[Session, World], object]] = {}
