"""Short lists that staff hand in as CSV: read row by row, with a reason for every row that does not fit.

Larger files and those with columns of their own (figures, lists of people, imports) are read by their own readers;
what they refuse is named here in the same way and written to the same kind of file.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext

from evalsys.errors import Invalid
from evalsys.i18n import _l
from evalsys.services.transfers.cells import UNWANTED, safe_cell, visible

MOST_ROWS = 20_000
SEPARATORS = ",;\t"
SHOWN_CHARACTERS = 80
HEAD = ("line", "column", "value", "reason")

WRONG_WIDTH = _l("The row has %(cells)s cells, but the first row has %(columns)s.")
UNREADABLE = _l("The row is left out, since this cell holds a character that cannot be stored.")
STANDS_ABOVE = _l("The same stands in line %(first)s already.")
Problem = tuple[str, Mapping[str, object]]


@dataclass(frozen=True)
class RowProblem:
    """Why a row or a cell was not taken: line, column ("" for the whole row), what stood there, message id, params."""

    line: int
    column: str
    value: str
    reason: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One row: its line in the text (from 1), and its cells by column, without spaces around them."""

    line: int
    cells: Mapping[str, str]

    def problem(self, column: str, reason: str, value: str | None = None, **params: object) -> RowProblem:
        """Why this row is not taken; `value` is the part of the cell that is wrong, without it the whole cell is."""
        said = self.cells.get(column, "") if value is None else value
        return RowProblem(self.line, column, said[:SHOWN_CHARACTERS], reason, params)


def read_rows(
    content: bytes | str, columns: Sequence[str], most: int = MOST_ROWS
) -> tuple[list[Row], list[RowProblem]]:
    """The rows of a CSV text whose first row names all `columns`, in any order; other columns are left alone.

    Bytes are UTF-8, with or without a mark at their start. Cells are separated by commas, semicolons or tabs, as the
    first row is. Empty lines are skipped. A row with another number of cells than the first one, or with control
    characters, becomes a problem. Raises Invalid when it is no such list at all, is empty, or has over `most` rows.
    """
    text = (utf8_text(content) if isinstance(content, bytes) else content).removeprefix("\ufeff")
    lines = list(filled_lines(text.replace("\r\n", "\n").replace("\r", "\n")))
    head = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    wrong = header_problems(head, columns)
    if wrong:
        names = {"columns": ", ".join(columns)}
        raise Invalid("The first row must name these columns, each once: %(columns)s.", names, problems=wrong)
    if not 0 < len(lines) - 1 <= most:
        raise Invalid("The list must have 1 to %(most)s rows below its first row.", {"most": most})
    read = [_row(line, head, cells) for line, cells in lines[1:]]
    return [one for one in read if isinstance(one, Row)], [one for one in read if isinstance(one, RowProblem)]


def utf8_text(content: bytes) -> str:
    """The text without the mark at its start. Raises Invalid naming the line that is no UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid("The file is not UTF-8 text near line %(line)s.", {"line": line}) from error


def filled_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """(Number of its last line, cells) of every row that is not empty. Raises Invalid for what is no CSV.

    The separator is the one that stands most often in the first line that is not empty.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count), strict=True)
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, row
    except csv.Error as error:
        raise no_csv(rows.line_num, error) from error


def no_csv(line: int, error: csv.Error) -> Invalid:
    """The refusal of a file that breaks the rules of CSV at this line."""
    params = {"line": line, "detail": str(error)}
    return Invalid("The file cannot be read as CSV at line %(line)s: %(detail)s", params)


def header_problems(head: Sequence[str], needed: Iterable[str]) -> list[Problem]:
    """(Message id, params) for each needed column that is missing, and for each of them that is there twice."""
    missing, twice = _l("The file has no column “%(column)s”."), _l("The column “%(column)s” is there twice.")
    there = Counter(head)
    wrong = [name for name in dict.fromkeys(needed) if there[name] != 1]
    return [(twice if there[name] else missing, {"column": name}) for name in wrong]


def refuse_rows(problems: Iterable[RowProblem]) -> None:
    """Raise Invalid when there is any problem: for lists of which all rows are stored or none.

    Each problem of the refusal has line, column and value among its params.
    """
    found = sorted(problems, key=lambda one: one.line)
    if found:
        said = [(one.reason, {**one.params, **_place(one)}) for one in found]
        raise Invalid("Nothing was stored. Correct what is named below and send it again.", problems=said)


def problems_csv(problems: Iterable[RowProblem], *, with_head: bool = True) -> str:
    """The file of rows that were not taken, safe to open in a spreadsheet; reasons are in the locale in force."""
    out = io.StringIO()
    writer = csv.writer(out)
    if with_head:
        writer.writerow(HEAD)
    for one in problems:
        said = one.column, one.value, str(gettext(one.reason, **one.params))
        writer.writerow([one.line, *map(safe_cell, said)])
    return out.getvalue()


def _row(line: int, head: Sequence[str], cells: Sequence[str]) -> Row | RowProblem:
    if len(cells) != len(head):
        whole = visible(", ".join(cells))[:SHOWN_CHARACTERS]
        return RowProblem(line, "", whole, WRONG_WIDTH, {"cells": len(cells), "columns": len(head)})
    row = Row(line, {name: cell.strip() for name, cell in zip(head, cells, strict=True)})
    broken = next(((name, cell) for name, cell in row.cells.items() if UNWANTED.search(cell)), None)
    return row.problem(broken[0], UNREADABLE, visible(broken[1])) if broken else row


def _place(one: RowProblem) -> dict[str, object]:
    return {"line": one.line, "column": one.column, "value": one.value}
