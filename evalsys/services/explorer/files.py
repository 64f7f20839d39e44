"""A page's table as a file: CSV that no spreadsheet executes, or JSON; both hold what the page shows, unrounded."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evalsys.services.run_tables import csv_text
from evalsys.services.transfers.cells import visible

KINDS = ("csv", "json")
DIGITS = 12


@dataclass(frozen=True)
class Sheet:
    """A table to take along: `name` of the file without its ending, columns, and rows; None is nothing."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class File:
    """What is sent: name, content, type of content."""

    name: str
    text: str
    content_type: str


def file_of(sheet: Sheet, kind: str) -> File:
    """The table as "csv" or "json"."""
    if kind == "json":
        content = [dict(zip(sheet.columns, map(_value, row), strict=True)) for row in sheet.rows]
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        return File(f"{sheet.name}.json", text + "\n", "application/json")
    rows = [["" if cell is None else _value(cell) for cell in row] for row in sheet.rows]
    return File(f"{sheet.name}.csv", csv_text([sheet.columns, *rows]), "text/csv; charset=utf-8")


def _value(cell: Any) -> Any:
    """Plain values; numbers to the digits that the engine keeps, texts without signs that no file should hold."""
    if cell is None or isinstance(cell, bool | int):
        return cell
    if isinstance(cell, float | Decimal):
        return float(f"{float(cell):.{DIGITS}g}")
    return visible(str(cell))
