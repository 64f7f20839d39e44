"""Tables as bytes: CSV, JSON, Parquet and one archive of all. The same rows always give the same bytes."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from evalsys.services.opendata.columns import DAY, FLAG, NUMBER, TEXT, WHOLE, Cell, Table
from evalsys.services.opendata.rows import Row
from evalsys.services.transfers.cells import safe_cell, visible

ARCHIVE_DAY = (2000, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
MARK = "\ufeff"
ARROW = {TEXT: pa.string(), WHOLE: pa.int64(), NUMBER: pa.float64(), FLAG: pa.bool_(), DAY: pa.date32()}


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, lines end as RFC 4180 says; texts that a spreadsheet would execute get a quote."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    return (MARK + out.getvalue()).encode()


def table_csv(table: Table, rows: Iterable[Row]) -> bytes:
    """A table as CSV."""
    return csv_bytes(table.names, ([row.get(name) for name in table.names] for row in rows))


def table_json(table: Table, rows: Iterable[Row]) -> bytes:
    """A table as one JSON array of objects; what is missing or withheld is null."""
    return json_bytes([{name: plain_value(row.get(name)) for name in table.names} for row in rows])


def table_parquet(table: Table, rows: Sequence[Row]) -> bytes:
    """A table as Parquet with typed columns."""
    fields = [pa.field(column.name, ARROW[column.kind]) for column in table.columns]
    columns = [pa.array([_arrow_value(row.get(field.name)) for row in rows], field.type) for field in fields]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), out, compression="zstd")
    return out.getvalue()


def json_bytes(value: object) -> bytes:
    """UTF-8 JSON, indented a little, so that a person can read it as well."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def archive(files: Mapping[str, bytes]) -> bytes:
    """All files in one ZIP archive, in the order of their names, without the hour at which it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, ARCHIVE_DAY)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, READABLE, 3
            packed.writestr(entry, files[name])
    return out.getvalue()


def plain_value(cell: Cell) -> Any:
    """A cell as JSON knows it."""
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return visible(cell) if isinstance(cell, str) else cell


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return safe_cell(cell) if isinstance(cell, str) else str(cell)


def _arrow_value(cell: Cell) -> Any:
    if isinstance(cell, Decimal):
        return float(cell)
    return visible(cell) if isinstance(cell, str) else cell
