"""A file of figures cell by cell: one row a figure, or one row a unit and period with a column a figure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalsys.errors import Invalid
from evalsys.services.rowlist import SHOWN_CHARACTERS, UNREADABLE, WRONG_WIDTH, RowProblem, filled_lines, utf8_text
from evalsys.services.transfers.cells import UNWANTED, visible

FILE_BYTES = 5 * 1024 * 1024
LONG = ("unit", "indicator", "period", "value", "measure", "source")
LONG_NEEDED = ("unit", "indicator", "value", "source")
WIDE = ("unit", "name", "period", "source")
HEADING = re.compile(r"(?P<code>[^\[\]]+?)\s*(?:\[(?P<measure>[^\[\]]*)\])?")
Row = Mapping[str, str]


@dataclass(frozen=True)
class Cell:
    """One figure as the file says it; `column` is the heading above its value."""

    line: int
    column: str
    is_wide: bool
    unit: str
    indicator: str
    period: str
    value: str
    measure: str
    source: str

    def refuse(self, name: str, reason: str, **params: object) -> RowProblem:
        """Not taken for what its `name` (unit, indicator …) says; in a wide file the cell itself is named."""
        column, value = (self.column, self.value) if self.is_wide else (name, str(getattr(self, name)))
        return RowProblem(self.line, column, value, reason, params)


CellsOf = Callable[[int, Row], Iterator[Cell]]


def read_cells(file: bytes) -> Iterator[Cell | RowProblem]:
    """Every cell that holds a figure, and every row or cell that cannot be read.

    Raises Invalid when it is no such file at all.
    """
    if len(file) > FILE_BYTES:
        raise Invalid("The file is larger than 5 MB. Split it, and load the parts one after the other.")
    lines = filled_lines(utf8_text(file))
    header = next(lines, (1, []))[1]
    names = [visible(name).strip() for name in header]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid("Two columns are called “%(column)s”. Give each a name of its own.", {"column": twice})
    small = [name.lower() for name in names]
    if set(LONG_NEEDED) <= set(small):
        return _readable(lines, small, _long)
    if {"unit", "source"} <= set(small):
        return _readable(lines, [low if low in WIDE else name for low, name in zip(small, names, strict=True)], _wide)
    raise Invalid("The first row must name the columns (unit, indicator, value, source …) or be that of the template.")


def _readable(
    lines: Iterator[tuple[int, list[str]]], names: Sequence[str], cells_of: CellsOf
) -> Iterator[Cell | RowProblem]:
    for line, row in lines:
        if len(row) != len(names):
            whole = {"cells": len(row), "columns": len(names)}
            yield RowProblem(line, "", visible(" · ".join(row))[:SHOWN_CHARACTERS], WRONG_WIDTH, whole)
            continue
        broken = [(name, cell) for name, cell in zip(names, row, strict=True) if UNWANTED.search(cell)]
        for name, cell in broken:
            yield RowProblem(line, name, UNWANTED.sub("\ufffd", cell), UNREADABLE)
        if not broken:
            yield from cells_of(line, {name: cell.strip() for name, cell in zip(names, row, strict=True)})


def _long(line: int, row: Row) -> Iterator[Cell]:
    said = {name: row.get(name, "") for name in LONG}
    yield Cell(line, "value", is_wide=False, **said)


def _wide(line: int, row: Row) -> Iterator[Cell]:
    said = {name: row.get(name, "") for name in ("unit", "period", "source")}
    for column, value in row.items():
        if column in WIDE or not value:
            continue
        heading = HEADING.fullmatch(column)
        code, measure = heading.group("code", "measure") if heading else (column, "")
        yield Cell(line, column, is_wide=True, indicator=code, value=value, measure=(measure or "").strip(), **said)
