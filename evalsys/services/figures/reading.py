"""A file of figures cell by cell: one row a figure, or one row a unit and period with a column a figure."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalsys.errors import Invalid
from evalsys.i18n import _l
from evalsys.services.transfers.cells import visible

FILE_BYTES = 5 * 1024 * 1024
SEPARATORS = ",;\t"
SHOWN_OF_A_ROW = 80
LONG = ("unit", "indicator", "period", "value", "measure", "source")
LONG_NEEDED = ("unit", "indicator", "value", "source")
WIDE = ("unit", "name", "period", "source")
HEADING = re.compile(r"(?P<code>[^\[\]]+?)\s*(?:\[(?P<measure>[^\[\]]*)\])?")
NOT_STORED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")

WRONG_WIDTH = _l("The row has %(cells)s cells, but the first row has %(columns)s.")
UNREADABLE = _l("The row is left out, since this cell holds a character that cannot be stored.")
Row = Mapping[str, str]


@dataclass(frozen=True)
class Rejection:
    """A cell that is not taken, or a whole row (then `column` is empty): where, what it says, and why.

    `reason` is a message id with `params`.
    """

    line: int
    column: str
    value: str
    reason: str
    params: Mapping[str, object] = field(default_factory=dict)


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

    def refuse(self, name: str, reason: str, **params: object) -> Rejection:
        """Not taken for what its `name` (unit, indicator …) says; in a wide file the cell itself is named."""
        column, value = (self.column, self.value) if self.is_wide else (name, str(getattr(self, name)))
        return Rejection(self.line, column, value, reason, params)


CellsOf = Callable[[int, Row], Iterator[Cell]]


def read_cells(file: bytes) -> Iterator[Cell | Rejection]:
    """Every cell that holds a figure, and every row or cell that cannot be read.

    Raises Invalid when it is no such file at all.
    """
    if len(file) > FILE_BYTES:
        raise Invalid("The file is larger than 5 MB. Split it, and load the parts one after the other.")
    lines = _rows(_text(file))
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


def _text(file: bytes) -> str:
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.count(b"\n", 0, error.start) + 1
        raise Invalid("The file is not UTF-8 text near line %(line)s.", {"line": line}) from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their last line; the separator is the one that stands most often in the first line."""
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count), strict=True)
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, row
    except csv.Error as error:
        params = {"line": rows.line_num, "detail": str(error)}
        raise Invalid("The file cannot be read as CSV at line %(line)s: %(detail)s", params) from error


def _readable(
    lines: Iterator[tuple[int, list[str]]], names: Sequence[str], cells_of: CellsOf
) -> Iterator[Cell | Rejection]:
    for line, row in lines:
        if len(row) != len(names):
            whole = {"cells": len(row), "columns": len(names)}
            yield Rejection(line, "", visible(" · ".join(row))[:SHOWN_OF_A_ROW], WRONG_WIDTH, whole)
            continue
        broken = [(name, cell) for name, cell in zip(names, row, strict=True) if NOT_STORED.search(cell)]
        for name, cell in broken:
            yield Rejection(line, name, NOT_STORED.sub("\ufffd", cell), UNREADABLE)
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
