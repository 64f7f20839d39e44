"""Reading a small CSV file that an analyst sends: named columns, numbered lines, nothing guessed."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from evalsys.errors import Invalid
from evalsys.i18n import _l

MOST_ROWS = 50_000


@dataclass(frozen=True)
class Row:
    """One line of the file: its number as people count (the header is 1) and its cells by column."""

    line: int
    cells: dict[str, str]


def read_rows(content: bytes, columns: Sequence[str]) -> list[Row]:
    """All rows of a UTF-8 CSV file with at least these columns, cells stripped; empty lines are left out.

    Raises Invalid when it is no such file, has no row, or a row of another length.
    """
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("This is not a CSV file in UTF-8. Save the table as “CSV UTF-8” and send it again.") from error
    if any("\0" in cell for _, row in lines for cell in row):
        raise Invalid("This is not a CSV file in UTF-8. Save the table as “CSV UTF-8” and send it again.")
    header = lines[0][1] if lines else []
    missing = [name for name in columns if name not in header]
    if missing:
        problems = [(_l("The file has no column “%(column)s”."), {"column": name}) for name in missing]
        raise Invalid("The first line of the file must name its columns.", problems=problems)
    rows = [(line, row) for line, row in lines[1:] if any(row)]
    if not rows or len(rows) > MOST_ROWS:
        raise Invalid("The file must have between 1 and %(most)s rows below its header.", {"most": MOST_ROWS})
    wrong = [line for line, row in rows if len(row) != len(header)]
    if wrong:
        raise Invalid(_l("Line %(line)s has another number of cells than the header."), {"line": wrong[0]})
    return [Row(line, dict(zip(header, row, strict=True))) for line, row in rows]
