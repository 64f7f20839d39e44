"""All files of an edition, made once and kept as the one archive that is also offered for download.

Its name is the digest of everything that decides its content, so nothing old is ever served, and whoever asks again,
in whichever process, finds it made.
"""

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from flask import current_app

from evalsys.config import Config
from evalsys.errors import NotFound
from evalsys.services.files import write_whole
from evalsys.services.opendata.codebook import HEADER, codebook, codebook_rows
from evalsys.services.opendata.editions import NONE, Edition, content_of, digests_of, read_edition
from evalsys.services.opendata.formats import archive, csv_bytes, json_bytes, table_csv, table_json, table_parquet
from evalsys.services.opendata.readme import readme
from evalsys.services.opendata.rows import rows_of
from evalsys.services.opendata.tables import TABLES

FORMAT = 1
"""Raised whenever the files of the same cards look different."""

MANIFEST = "manifest.json"
MANIFESTS_IN_MEMORY = 32
MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "txt": "text/plain",
    "zip": "application/zip",
}


@dataclass(frozen=True)
class DataFile:
    """A file of an edition; `table` is "" and `rows` 0 where it is no table."""

    name: str
    kind: str
    table: str
    rows: int
    size: int
    digest: str


@dataclass(frozen=True)
class Bundle:
    """The files of an edition; `whole` is the archive of all, which lies at `path`."""

    path: Path
    files: tuple[DataFile, ...]
    whole: DataFile

    def read(self, name: str) -> bytes:
        """The bytes of one file. Raises NotFound."""
        if name not in {file.name for file in self.files}:
            raise NotFound(NONE)
        with zipfile.ZipFile(self.path) as packed:
            return packed.read(name)


@dataclass(frozen=True)
class Download:
    """A file on its way to a reader; `latest` is its address without a run where newer results replaced it."""

    content: bytes
    name: str
    media_type: str
    digest: str
    latest: str


def read_file(round_code: str, name: str, number: int | None = None) -> Download:
    """One file of the newest edition, or of the run that is named. Raises NotFound."""
    edition = read_edition(round_code, number)
    bundle = bundle_of(edition)
    content = bundle.read(name)
    found = next(file for file in bundle.files if file.name == name)
    latest = f"/data/{edition.round_code}/{name}" if edition.is_superseded else ""
    return Download(content, f"{_stem(edition)}-{name}", MEDIA_TYPES[found.kind], found.digest, latest)


def read_archive(round_code: str, number: int | None = None) -> Download:
    """All files in one archive. Raises NotFound."""
    edition = read_edition(round_code, number)
    bundle = bundle_of(edition)
    latest = f"/data/{edition.round_code}.zip" if edition.is_superseded else ""
    content, whole = bundle.path.read_bytes(), bundle.whole
    return Download(content, f"{_stem(edition)}.zip", MEDIA_TYPES["zip"], whole.digest, latest)


def bundle_of(edition: Edition) -> Bundle:
    """The files of an edition; made when nobody has asked before."""
    folder = Path(current_app.instance_path) / "opendata"
    path = folder / f"{_stem(edition)}-{_digest(edition)}.zip"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, archive(_made(edition)))
    return _opened(path)


@lru_cache(maxsize=MANIFESTS_IN_MEMORY)
def _opened(path: Path) -> Bundle:
    content = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        listed = json.loads(packed.read(MANIFEST))
    own = DataFile(path.name, "zip", "", 0, len(content), hashlib.sha256(content).hexdigest())
    return Bundle(path, tuple(DataFile(**entry) for entry in listed), own)


def _made(edition: Edition) -> dict[str, bytes]:
    content, files, rows = content_of(edition), _beside(edition), {}
    for table in TABLES:
        lines = rows_of(content, table.name)
        rows[table.name] = len(lines)
        files[f"{table.name}.csv"] = table_csv(table, lines)
        files[f"{table.name}.json"] = table_json(table, lines)
        files[f"{table.name}.parquet"] = table_parquet(table, lines)
    listed = [asdict(_listed(name, files[name], rows)) for name in _in_order(files)]
    return {**files, MANIFEST: json_bytes(listed)}


def _beside(edition: Edition) -> dict[str, bytes]:
    """The files that are no tables."""
    return {
        "codebook.json": json_bytes(codebook()),
        "codebook.csv": csv_bytes(HEADER, codebook_rows()),
        "scheme.json": edition.scheme.encode(),
        "README.txt": readme(edition, _config()).encode(),
    }


def _listed(name: str, content: bytes, rows: dict[str, int]) -> DataFile:
    stem, kind = name.rsplit(".", 1)
    table = stem if stem in rows else ""
    return DataFile(name, kind, table, rows.get(stem, 0), len(content), hashlib.sha256(content).hexdigest())


def _in_order(files: dict[str, bytes]) -> list[str]:
    """Tables in their order, then what explains them."""
    order = [table.name for table in TABLES]
    return sorted(files, key=lambda name: ((order.index(stem) if (stem := name.split(".")[0]) in order else 99), name))


def _digest(edition: Edition) -> str:
    parts = [str(FORMAT), json.dumps(codebook()), readme(edition, _config()), edition.scheme, *digests_of(edition)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _stem(edition: Edition) -> str:
    return f"{edition.round_code}-run{edition.number}"


def _config() -> Config:
    config: Config = current_app.config["EVALSYS"]
    return config
