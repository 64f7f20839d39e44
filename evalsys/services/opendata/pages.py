"""What the pages about open data show: editions, files, code book, licence, how to cite."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import current_app

from evalsys.config import Config
from evalsys.errors import NotFound
from evalsys.services.opendata.bundles import DataFile, bundle_of
from evalsys.services.opendata.codebook import Line, codebook, titles
from evalsys.services.opendata.described import address
from evalsys.services.opendata.editions import NONE, Edition, newest_editions, read_editions
from evalsys.services.opendata.readme import citation
from evalsys.services.opendata.tables import TABLES

FORMATS = ("csv", "json", "parquet")
BYTES_OF_A_KILOBYTE = 1000
CREATIVE_COMMONS = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class FileLine:
    """A file with its address, its size in bytes and the digest by which anybody can tell that it is this one."""

    name: str
    kind: str
    url: str
    size: int
    digest: str

    @property
    def kilobytes(self) -> int:
        """Its size, rounded up."""
        return -(-self.size // BYTES_OF_A_KILOBYTE)


@dataclass(frozen=True)
class TableLine:
    """A table: what it holds, how many rows, one file a format; `columns` are its lines of the code book."""

    name: str
    title: str
    rows: int
    files: tuple[FileLine, ...]
    columns: tuple[Line, ...]


@dataclass(frozen=True)
class EditionLine:
    """A published run of a round; `corrected` says why it replaced the one before."""

    number: int
    published_on: date
    corrected: str
    url: str


@dataclass(frozen=True)
class RoundLine:
    """A round with open data, in the list of all."""

    code: str
    title: str
    published_on: date
    run_number: int
    archive: FileLine


@dataclass(frozen=True)
class CatalogPage:
    """All rounds with open data, the newest first, and the licence: its address and a name, "" where none is known."""

    rounds: tuple[RoundLine, ...]
    licence: str
    licence_name: str


@dataclass(frozen=True)
class DataPage:
    """The open data of one edition. `meaning` is the column of the code book in the page's language."""

    code: str
    title: str
    run_number: int
    newest: int
    published_on: date
    archive: FileLine
    tables: tuple[TableLine, ...]
    others: tuple[FileLine, ...]
    editions: tuple[EditionLine, ...]
    citation: str
    licence: str
    licence_name: str
    meaning: str


def read_catalog(locale: str) -> CatalogPage:
    """Every round with open data."""
    lines = (
        RoundLine(
            code=edition.round_code,
            title=edition.titles[locale],
            published_on=edition.published_on,
            run_number=edition.number,
            archive=_file(edition, bundle_of(edition).whole, None),
        )
        for edition in newest_editions()
    )
    return CatalogPage(tuple(lines), _config().data_licence, _licence_name())


def read_data(round_code: str, locale: str, number: int | None = None) -> DataPage:
    """The open data of a round: the newest, or that of one run. Raises NotFound."""
    editions = read_editions(round_code)
    edition = next((one for one in editions if number in (None, one.number)), None)
    if edition is None:
        raise NotFound(NONE)
    bundle, place = bundle_of(edition), number
    files = {file.name: _file(edition, file, place) for file in bundle.files}
    rows = {file.table: file.rows for file in bundle.files if file.table}
    tabled = {f"{table.name}.{kind}" for table in TABLES for kind in FORMATS}
    return DataPage(
        code=edition.round_code,
        title=edition.titles[locale],
        run_number=edition.number,
        newest=edition.newest,
        published_on=edition.published_on,
        archive=_file(edition, bundle.whole, place),
        tables=tuple(_tables(files, rows, locale)),
        others=tuple(line for name, line in files.items() if name not in tabled),
        editions=tuple(_edition(one) for one in editions),
        citation=citation(edition, _config(), locale),
        licence=_config().data_licence,
        licence_name=_licence_name(),
        meaning=f"meaning_{locale}",
    )


def _tables(files: Mapping[str, FileLine], rows: Mapping[str, int], locale: str) -> list[TableLine]:
    said = titles(locale)
    return [
        TableLine(
            table.name,
            said[table.name],
            rows[table.name],
            tuple(files[f"{table.name}.{kind}"] for kind in FORMATS),
            tuple(line for line in codebook() if line["table"] == table.name),
        )
        for table in TABLES
    ]


def _file(edition: Edition, file: DataFile, number: int | None) -> FileLine:
    return FileLine(file.name, file.kind, address(edition.round_code, file, number), file.size, file.digest)


def _edition(edition: Edition) -> EditionLine:
    place = f"/data/{edition.round_code}/runs/{edition.number}"
    return EditionLine(edition.number, edition.published_on, edition.corrected, place)


def _licence_name() -> str:
    return "CC BY 4.0" if _config().data_licence == CREATIVE_COMMONS else ""


def _config() -> Config:
    config: Config = current_app.config["EVALSYS"]
    return config
