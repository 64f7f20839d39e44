"""The code book: every column of every table, what it means in each language, and which values there can be."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import flask_babel

from evalsys.i18n import LOCALES
from evalsys.services.opendata.columns import Column, Table
from evalsys.services.opendata.tables import TABLES

HEADER = ("table", "column", "type", "unit", *(f"meaning_{locale}" for locale in LOCALES), "allowed", "key")
Line = Mapping[str, str | bool | list[str]]


@lru_cache(maxsize=1)
def codebook() -> tuple[Line, ...]:
    """One entry a column; `allowed` is empty where any value of the type may stand."""
    said = {locale: _meanings(locale) for locale in LOCALES}
    return tuple(
        {
            "table": table.name,
            "column": column.name,
            "type": column.kind,
            "unit": column.measure,
            **{f"meaning_{locale}": said[locale][column.meaning] for locale in LOCALES},
            "allowed": list(column.allowed),
            "key": column.name in table.key,
        }
        for table, column in _columns()
    )


def codebook_rows() -> Iterator[Sequence[str | bool]]:
    """The same as rows of cells, in the order of `HEADER`."""
    for line in codebook():
        cells = (line[name] for name in HEADER)
        yield [" ".join(cell) if isinstance(cell, list) else cell for cell in cells]


def titles(locale: str) -> dict[str, str]:
    """What each table holds, in one language."""
    with flask_babel.force_locale(locale):
        return {table.name: str(flask_babel.gettext(table.title)) for table in TABLES}


def _columns() -> list[tuple[Table, Column]]:
    return [(table, column) for table in TABLES for column in table.columns]


def _meanings(locale: str) -> dict[str, str]:
    with flask_babel.force_locale(locale):
        return {column.meaning: str(flask_babel.gettext(column.meaning)) for _table, column in _columns()}
