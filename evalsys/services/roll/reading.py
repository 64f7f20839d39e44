"""Reading a list of people row by row: who fits is handed on, every problem of a row is named with line and column."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from evalsys.errors import Invalid
from evalsys.i18n import LOCALES, _l
from evalsys.services import mail
from evalsys.services.roll.people import Contact, normalised
from evalsys.services.rowlist import (
    SEPARATORS,
    WRONG_WIDTH,
    Problem,
    RowProblem,
    header_problems,
    no_csv,
)
from evalsys.services.transfers.cells import visible

LETTER, MAIL = "letter", "mail"
CHANNELS = (LETTER, MAIL)
ADDRESS_COLUMNS = tuple(f"address_{number}" for number in range(1, 6))
ALWAYS = ("identifier", "stratum", "language")
NEEDED = {LETTER: (*ALWAYS, "name", "address_1"), MAIL: (*ALWAYS, "email")}
COLUMNS = (*ALWAYS, "name", *ADDRESS_COLUMNS, "email")
MOST_CHARACTERS = {"identifier": 100, "name": 100, **dict.fromkeys(ADDRESS_COLUMNS, 80), "email": 254}
OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass(frozen=True)
class Person:
    """One row that fits."""

    line: int
    identifier: str
    stratum: str
    locale: str
    contact: Contact


class Reader:
    """One pass over a file, for people of these strata who are written to by `channel`."""

    def __init__(self, channel: str, strata: Iterable[str]) -> None:
        self._channel, self._strata = channel, frozenset(strata)
        self._places: dict[str, int] = {}

    def rows(self, path: Path) -> Iterator[tuple[int, Person | list[RowProblem]]]:
        """(Position in bytes, person or problems) of each row. Raises Invalid when it is no such file at all."""
        with open(path, "rb") as raw, _as_text(raw) as text:
            rows = csv.reader(text, delimiter=_delimiter(path), strict=True)
            try:
                self._take_header(next(rows, []))
                for row in rows:
                    if any(cell.strip() for cell in row):
                        yield raw.tell(), self._row(rows.line_num, row)
            except UnicodeDecodeError as error:
                raise Invalid("The file is not UTF-8 text near line %(line)s.", {"line": rows.line_num + 1}) from error
            except csv.Error as error:
                raise no_csv(rows.line_num, error) from error

    def _take_header(self, header: Sequence[str]) -> None:
        names = [name.strip().casefold() for name in header]
        there = [name for name in COLUMNS if name in NEEDED[self._channel] or name in names]
        problems = header_problems(names, there)
        problems += [
            (_l("The column “%(column)s” is not needed. Take it out of the file."), {"column": visible(name)[:60]})
            for name in names
            if name not in COLUMNS
        ]
        if problems:
            raise Invalid("The first line of the file does not fit.", problems=problems)
        self._places = {name: place for place, name in enumerate(names)}

    def _row(self, line: int, row: Sequence[str]) -> Person | list[RowProblem]:
        if len(row) != len(self._places):
            params = {"cells": len(row), "columns": len(self._places)}
            return [RowProblem(line, "", str(len(row)), WRONG_WIDTH, params)]
        cells = {name: _clean(row[place]) for name, place in self._places.items()}
        locale = cells["language"].casefold().replace("_", "-").split("-")[0]
        problems = [RowProblem(line, name, cells.get(name, ""), *why) for name, why in self._problems(cells, locale)]
        if problems:
            return problems
        address = tuple(cells[name] for name in ADDRESS_COLUMNS if cells.get(name))
        contact = Contact(cells.get("name", ""), address, cells.get("email", ""))
        return Person(line, cells["identifier"], cells["stratum"], locale, contact)

    def _problems(self, cells: Mapping[str, str], locale: str) -> Iterator[tuple[str, Problem]]:
        yield from ((name, (_l("The cell is empty."), {})) for name in NEEDED[self._channel] if not cells[name])
        lengths = ((name, most) for name, most in MOST_CHARACTERS.items() if len(cells.get(name, "")) > most)
        yield from (
            (name, (_l("The cell has more than %(most)s characters."), {"most": most})) for name, most in lengths
        )
        if any(unicodedata.category(mark) == "Cc" for cell in cells.values() for mark in cell):
            yield "", (_l("The row holds a control character."), {})
        if cells["identifier"] and not normalised(cells["identifier"]):
            yield "identifier", (_l("The cell holds no letter and no digit."), {})
        if cells["stratum"] and cells["stratum"] not in self._strata:
            yield (
                "stratum",
                (_l("The group has no such stratum; it has: %(known)s."), {"known": ", ".join(sorted(self._strata))}),
            )
        if cells["language"] and locale not in LOCALES:
            yield "language", (_l("Letters are written in: %(known)s."), {"known": ", ".join(LOCALES)})
        if cells.get("email") and not mail.is_address(cells["email"]):
            yield "email", (_l("This is no mail address."), {})


def _as_text(raw: BinaryIO) -> TextIO:
    return open(raw.fileno(), encoding="utf-8-sig", newline="", closefd=False)


def _clean(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).translate(OVERRIDES).split(" ")).strip()


def _delimiter(path: Path) -> str:
    """The sign that the first line uses most: spreadsheets of some countries write semicolons."""
    with open(path, "rb") as raw:
        first = raw.readline(10_000).decode("utf-8-sig", "replace")
    return max(SEPARATORS, key=first.count)
