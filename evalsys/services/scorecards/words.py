"""The names of things on a card, in one language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalsys.services.content import Text
from evalsys.services.figures.needs import Measures


@dataclass(frozen=True)
class Words:
    """The names of things in one language, by code; a code stands for itself where there is no name."""

    locale: str
    body_name: str
    round_title: str
    units: Mapping[str, Text]
    categories: Mapping[str, Text]
    groups: Mapping[str, Text]
    indicators: Mapping[str, Text]
    dimensions: Mapping[str, Text]
    strata: Mapping[str, Text] = field(default_factory=dict)
    measures: Measures | None = None

    def measure(self, indicator: str, stored: str) -> str:
        """The unit of measure of an administrative figure."""
        return self.measures.of(indicator, stored) if self.measures else stored

    def node(self, code: str) -> str:
        """The name of a part of the tree, be it a dimension or an indicator."""
        return named(self.dimensions if code in self.dimensions else self.indicators, code)


def named(names: Mapping[str, Text], code: str) -> str:
    """The name of one thing."""
    return str(names.get(code, code))
