"""How tests read the open data: through the application, as anybody would, and from cards that were never stored."""

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from flask.testing import FlaskClient

from evalsys.services.opendata.formats import table_csv
from evalsys.services.opendata.rows import Content, rows_of
from evalsys.services.opendata.tables import TABLES

Rows = list[dict[str, str]]


def download(client: FlaskClient, folder: Path, address: str = "/data/2025.zip") -> Path:
    """Everything in the archive at this address, unpacked."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        packed.extractall(folder)
    return folder


def read_rows(path: Path) -> Rows:
    """The rows of a CSV file, texts as they stand there."""
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def write_tables(content: Content, folder: Path) -> Path:
    """The tables of cards as CSV, and the scheme, as the archive holds them."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        (folder / f"{table.name}.csv").write_bytes(table_csv(table, rows_of(content, table.name)))
    assert content.scheme is not None
    (folder / "scheme.json").write_text(content.scheme.canonical(), encoding="utf-8")
    return folder


def change(path: Path, values: Mapping[str, str], **keys: str) -> None:
    """Write these values into the rows of a CSV file that have these keys."""
    rows = read_rows(path)
    for row in rows:
        if all(row[name] == value for name, value in keys.items()):
            row.update(values)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text("\ufeff" + out.getvalue(), encoding="utf-8", newline="")
