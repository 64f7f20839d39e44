"""A small register of offices for the tests of the tree and of reorganisations."""

from typing import Any

from evalsys.services.register.checking import UnitFacts

NAMES = {"en": "Harbour Office", "zh": "港口办公室", "ar": "مكتب الميناء"}
WRONG_NAMES = {"en": "Harbour Office", "zh": "", "ar": "مكتب الميناء"}


def facts(code: str = "U09", **over: Any) -> UnitFacts:
    """An office of category A that stands at the top and offers nothing."""
    known: dict[str, Any] = {"names": NAMES, "category": "A", "parent": "", "services": ()}
    return UnitFacts(code, **known | over)
