"""What all pages of the explorer start from: a run, its scheme, its tables as the overseer sees them, and names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from evalsys.errors import NotFound
from evalsys.models import Run
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.run_influence import clear_units
from evalsys.services.run_pages import RunFacts, facts_of
from evalsys.services.run_tables import Row, Tables, overseen_tables, rows_of
from evalsys.services.runs import find_run
from evalsys.services.weights import Labels, scheme_of
from scoring.scheme import Scheme

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Basis:
    """A run as it is read. `tables` hold what the overseer may see; `places` are the categories of the units."""

    run: Run
    facts: RunFacts
    scheme: Scheme
    tables: Tables
    labels: Labels
    units: Mapping[str, Text]
    categories: Mapping[str, Text]

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The category of each unit, units in order."""
        table = self.tables["scores"].sort_values("unit")
        return dict(zip(table["unit"], table["category"], strict=True))

    @cached_property
    def clear(self) -> tuple[str, ...]:
        """The units of which nothing is hidden, in order."""
        return tuple(sorted(clear_units(self.tables)))

    @cached_property
    def scores(self) -> Mapping[str, Row]:
        """The row of scores of each unit."""
        return {row["unit"]: row for row in rows_of(self.tables["scores"])}

    @cached_property
    def nodes(self) -> Mapping[tuple[str, str], Row]:
        """The row of each unit and part of the tree; the top's is that of the scores: as it counts in the end."""
        found = {(row["unit"], row["node"]): row for row in rows_of(self.tables["nodes"])}
        return found | {(unit, self.scheme.tree.code): row for unit, row in self.scores.items()}

    def unit(self, code: str) -> Text:
        """The name of a unit of the run. Raises NotFound."""
        if code not in self.places:
            raise NotFound("This office is not part of the run.")
        return self.units.get(code) or Text(code, "")

    def category(self, code: str) -> Text:
        """The name of a category that has units in the run. Raises NotFound."""
        if code not in set(self.places.values()):
            raise NotFound("No office of the run is in this category.")
        return self.categories.get(code) or Text(code, "")

    def members(self, category: str) -> tuple[str, ...]:
        """The units of a category."""
        return tuple(unit for unit, place in self.places.items() if place == category)

    def file_name(self, page: str) -> str:
        """What a file of this run is called, without its ending."""
        return f"{self.facts.round_code}-run-{self.facts.number}-{page}"


def basis_of(actor: Actor, run_id: int, locale: str) -> Basis:
    """What pages of a run start from. Raises Forbidden, NotFound."""
    require(actor, "run.read")
    return read_basis(find_run(run_id), locale)


def read_basis(run: Run, locale: str) -> Basis:
    """What pages of this run start from, for an actor who may read it."""
    return Basis(
        run=run,
        facts=facts_of(run, locale),
        scheme=scheme_of(run.scheme_version.body),
        tables=overseen_tables(run),
        labels=Labels(locale),
        units=content.names("unit", locale),
        categories=content.names("category", locale),
    )


def bounds_of(row: Row) -> Bounds | None:
    """The 95 % interval of a row; None where it has none."""
    return None if row["low"] is None or row["high"] is None else (row["low"], row["high"])
