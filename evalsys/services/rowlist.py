"""Short lists that staff hand in as CSV: read row by row, with a reason for every row that does not fit."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evalsys.errors import Invalid
from evalsys.i18n import _l

MOST_ROWS = 20_000
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Row:
    """One row: its line in the text (from 1), and its cells by column, without spaces around them."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class RowProblem:
    """Why a row was not taken: line, column ("" for the whole row), what stood there, message id and its params."""

    line: int
    column: str
    value: str
    reason: str
    params: Mapping[str, object] = field(default_factory=dict)


def read_rows(text: str, columns: Sequence[str]) -> tuple[list[Row], list[RowProblem]]:
    """The rows of a CSV text whose first row names all `columns`, in any order; other columns are left alone.

    Cells are separated by commas, semicolons or tabs, as the first row is. Empty lines are skipped; a row with
    another number of cells than the first one becomes a problem. Raises Invalid when it is no such list at all.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=max(SEPARATORS, key=first.count), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        params = {"line": reader.line_num, "detail": str(error)}
        raise Invalid("The list cannot be read as CSV at line %(line)s: %(detail)s", params) from error
    if len(rows) - 1 > MOST_ROWS:
        raise Invalid("The list has more than %(most)s rows. Hand it in in parts.", {"most": MOST_ROWS})
    head = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    missing = [column for column in columns if column not in head]
    if missing or len(set(head)) < len(head):
        raise Invalid("The first row must name these columns, each once: %(columns)s.", {"columns": ", ".join(columns)})
    return _split(head, rows[1:])


def _split(head: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> tuple[list[Row], list[RowProblem]]:
    found, problems = [], []
    for line, row in rows:
        if len(row) == len(head):
            found.append(Row(line, {name: cell.strip() for name, cell in zip(head, row, strict=True)}))
        else:
            params = {"wanted": len(head), "there": len(row)}
            reason = _l("This row has %(there)s cells; the first row has %(wanted)s.")
            problems.append(RowProblem(line, "", ",".join(row)[:80], reason, params))
    return found, problems
