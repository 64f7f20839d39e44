"""Tables as files, row by row in flat memory: CSV, XLSX, Parquet. Texts come in safe (cells.safe_cell)."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from evalsys.services.transfers.selection import Row

SHEET_ROWS = 1_000_000
ROW_GROUP = 50_000
TEXTS = ("response", "rater")
SMALL = pa.int8()


class Writer(Protocol):
    """Takes rows until it is closed; `count` is how many rows the file then holds."""

    count: int

    def __enter__(self) -> "Writer":
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file."""
        ...

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        ...


class CsvWriter:
    """UTF-8 with a byte order mark, as spreadsheets want it; what does not apply to a row is empty."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.count = 0
        self._file = open(path, "w", encoding="utf-8-sig", newline="")  # noqa: SIM115 - closed by __exit__
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(header)

    def __enter__(self) -> "CsvWriter":
        return self

    def __exit__(self, *_why: object) -> None:
        self._file.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        some = list(rows)
        self._writer.writerows(some)
        self.count += len(some)


class XlsxWriter:
    """A workbook written row by row; after a million rows the next sheet begins. Nothing is taken for a formula."""

    def __init__(self, path: Path, header: Sequence[str], codebook: tuple[Sequence[str], Sequence[Row]]) -> None:
        self.count = 0
        plain = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent), **plain})
        self._header, self._codebook = header, codebook
        self._bold = self._book.add_format({"bold": True})
        self._sheet: Any = None
        self._line = SHEET_ROWS + 1

    def __enter__(self) -> "XlsxWriter":
        self._begin_sheet("answers", self._header)
        return self

    def __exit__(self, *_why: object) -> None:
        header, rows = self._codebook
        self._begin_sheet("codebook", header)
        for row in rows:
            self._put(row)
        self._book.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        for row in rows:
            if self._line > SHEET_ROWS:
                self._begin_sheet(f"answers {self.count // SHEET_ROWS + 1}", self._header)
            self._put(row)
            self.count += 1

    def _begin_sheet(self, name: str, header: Sequence[str]) -> None:
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, title in enumerate(header):
            self._sheet.write_string(0, place, title, self._bold)
        self._line = 1

    def _put(self, row: Row) -> None:
        sheet, line = self._sheet, self._line
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif cell is not None:
                sheet.write_number(line, place, cell)
        self._line += 1


class ParquetWriter:
    """Columns of small integers and dictionaries, in groups of 50,000 rows."""

    def __init__(self, path: Path, header: Sequence[str], facts: int) -> None:
        self.count = 0
        self._header = list(header)
        self._schema = pa.schema([(name, _kind(name, place < facts)) for place, name in enumerate(header)])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Row] = []

    def __enter__(self) -> "ParquetWriter":
        return self

    def __exit__(self, *_why: object) -> None:
        self._flush()
        self._writer.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        self._rows.extend(rows)
        if len(self._rows) >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        columns = [
            _column(list(cells), one) for cells, one in zip(zip(*self._rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema), row_group_size=ROW_GROUP)
        self.count += len(self._rows)
        self._rows.clear()


def _kind(name: str, is_fact: bool) -> pa.DataType:
    if name in TEXTS:
        return pa.string()
    if name == "day":
        return pa.date32()
    return pa.dictionary(pa.int32(), pa.string()) if is_fact and name != "pace" else SMALL


def _column(cells: list[Any], one: pa.Field) -> pa.Array:
    if one.name == "day":
        return pa.array([date.fromisoformat(cell) for cell in cells], pa.date32())
    return pa.array(cells, one.type)
