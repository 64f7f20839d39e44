"""The first page of the explorer: what can be asked of a run, and of which units and categories."""

from dataclasses import dataclass
from decimal import Decimal

from evalsys.services.access import Actor
from evalsys.services.content import Text
from evalsys.services.explorer.basis import basis_of
from evalsys.services.explorer.periods import RunLine, other_runs
from evalsys.services.run_pages import RunFacts, figure


@dataclass(frozen=True)
class Place:
    """A unit with its score, when it may be shown."""

    code: str
    name: Text
    score: Decimal | None


@dataclass(frozen=True)
class CategoryPlaces:
    """A category and its units, the best first."""

    code: str
    name: Text
    units: tuple[Place, ...]


@dataclass(frozen=True)
class ExplorerIndex:
    """Where one can go from here."""

    facts: RunFacts
    categories: tuple[CategoryPlaces, ...]
    others: tuple[RunLine, ...]


def explorer_index(actor: Actor, run_id: int, locale: str) -> ExplorerIndex:
    """All ways into a run. Raises Forbidden, NotFound."""
    basis = basis_of(actor, run_id, locale)
    found = []
    for category in dict.fromkeys(basis.places.values()):
        places = [
            Place(unit, basis.unit(unit), figure(basis.scores[unit]["score"])) for unit in basis.members(category)
        ]
        ordered = sorted(places, key=lambda place: (place.score is None, -(place.score or Decimal(0)), place.code))
        found.append(CategoryPlaces(category, basis.category(category), tuple(ordered)))
    found.sort(key=lambda block: block.code)
    return ExplorerIndex(basis.facts, tuple(found), other_runs(basis, locale))
