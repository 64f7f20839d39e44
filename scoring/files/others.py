"""Reading what is not a rating: one row of administrative figures a unit, one row an adjustment."""

import re
from collections.abc import Callable, Sequence

from scoring.files.data import Adjustment, Data, Figure, check_size, check_unit
from scoring.files.sources import FIGURES_MORE, Row, RowError
from scoring.scheme import Scheme

NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
Tell = Callable[[str, str, str], None]
"""Told of a figure that is refused: its column, its text, and why."""


class FigureReader:
    """Puts rows of figures into ``data``, field by field: one that cannot be read does not cost the others."""

    def __init__(self, scheme: Scheme, data: Data, codes: Sequence[str]) -> None:
        self.data = data
        self.codes = codes
        self.leaves = {leaf.code: leaf for leaf in scheme.leaves()}
        self.known: set[tuple[str, str, str]] = set()

    def take(self, row: Row, header: Sequence[str], tell: Tell) -> None:
        """Add the figures of one unit; an empty field is a figure that is missing.

        Raises:
            RowError: when the row as a whole cannot be used.
        """
        check_size(row.size, header)
        unit = check_unit(row.fields["unit"])
        category = self.data.category(unit, row.fields.get("category", ""))
        for column in header:
            if column in self.codes and column not in FIGURES_MORE and row.fields[column]:
                try:
                    self._figure(unit, column, row.fields.get("period", ""), row.fields[column])
                except RowError as error:
                    tell(column, row.fields[column], str(error))
        self.data.categories[unit] = category

    def _figure(self, unit: str, column: str, period: str, text: str) -> None:
        if not NUMBER.fullmatch(text):
            raise RowError("value is no number such as 12, -3.5 or 1.2e6")
        if column in self.leaves and not self.leaves[column].applies_to(unit):
            raise RowError("indicator does not apply to this unit")
        if (unit, column, period) in self.known:
            raise RowError("unit has this figure already")
        self.known.add((unit, column, period))
        self.data.figures.append(Figure(unit, column, period, float(text)))


def take_adjustment(row: Row, header: Sequence[str], data: Data) -> None:
    """Add one finding; without points it has 0, without a source it is external. The engine checks the rest.

    Raises:
        RowError: when the row cannot be used.
    """
    check_size(row.size, header)
    said = row.fields
    data.adjustments.append(
        Adjustment(
            unit=check_unit(said["unit"]),
            kind=said["kind"],
            code=said["code"],
            points=said.get("points") or "0",
            source=said.get("source") or "external",
            reason=said.get("reason", ""),
        )
    )
