"""Reading a survey file portion by portion: what fits is handed on, what does not is named by place and reason."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from evalsys.errors import Invalid
from evalsys.i18n import _l
from evalsys.services.imports.layout import Column, Layout
from evalsys.services.rowlist import WRONG_WIDTH, RowProblem, header_problems, no_csv
from evalsys.services.transfers.cells import visible
from scoring.collect import pack

LINE_BYTES = 1024 * 1024
MARK_OF_UTF8 = "\ufeff"

NO_RESPONDENT = _l("The row names no respondent.")
TWICE = _l("This respondent has a row already.")
UNKNOWN_ANSWER = _l("The mapping knows no such answer.")
UNKNOWN = {
    "round": _l("The mapping knows no such round."),
    "stratum": _l("The mapping knows no such stratum."),
    "channel": _l("The mapping knows no such channel."),
    "unit": _l("The mapping knows no such office."),
}

MOST_CHARACTERS = {"stratum": 30, "channel": 20, "unit": 30}


@dataclass(frozen=True)
class Ballot:
    """The answers of one respondent about one unit, packed."""

    round_code: str
    unit_code: str
    respondent: str
    stratum: str
    channel: str
    answers: str


@dataclass
class Count:
    """What was met in the file; cells are single answers."""

    rows: int = 0
    rejected_rows: int = 0
    rejected_cells: int = 0
    valid: int = 0
    dont_know: int = 0
    not_applicable: int = 0
    respondents: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """A place between two rows: bytes and lines that lie before it."""

    position: int = 0
    line: int = 0


@dataclass(frozen=True)
class Portion:
    """Some rows of a file; `end` is where the next portion begins."""

    ballots: list[Ballot]
    rejections: list[RowProblem]
    end: Mark
    is_last: bool


@dataclass(frozen=True)
class _Question:
    column: str
    place: int
    codes: Mapping[str, int]
    signs: Mapping[int, str]
    points: int


class Reader:
    """One portion of a file. `is_new` is asked about each respondent: (round, unit or "", respondent), line."""

    def __init__(self, layout: Layout, count: Count, is_new: Callable[[tuple[str, ...], int], bool]) -> None:
        self.count = count
        self._layout, self._is_new = layout, is_new
        self._places: dict[str, int] = {}
        self._forms: list[tuple[str, list[_Question]]] = []
        self._ballots: list[Ballot] = []
        self._rejections: list[RowProblem] = []

    @property
    def columns(self) -> list[str]:
        """The names of the header, once it was read."""
        return list(self._places)

    def read(self, path: Path, start: Mark, most: int) -> Portion:
        """The rows from `start` on, until there are `most` rows or ballots. Raises Invalid: no such file at all."""
        with open(path, "rb") as raw:
            header = _Lines(raw)
            self._take_header(next(_rows(header), []))
            lines = header
            if start.position:
                raw.seek(start.position)
                lines = _Lines(raw, start)
            is_last = True
            for read, row in enumerate(_rows(lines), 1):
                if row:
                    self._take_row(lines.number, row)
                if max(read, len(self._ballots)) >= most:
                    is_last = False
                    break
            return Portion(self._ballots, self._rejections, Mark(lines.position, lines.number), is_last)

    def _take_header(self, header: Sequence[str]) -> None:
        names = [name.strip() for name in header]
        self._places = {name: place for place, name in enumerate(names)}
        problems = header_problems(names, [*self._layout.columns(), *names])
        if problems:
            raise Invalid("The file does not fit the mapping.", problems=problems)
        self._forms = [(unit, [self._question(column) for column in columns]) for unit, columns in self._layout.forms]

    def _question(self, column: Column) -> _Question:
        signs = {code: pack([code], [column.points]) for code in {0, *column.codes.values()}}
        return _Question(column.name, self._places[column.name], column.codes, signs, column.points)

    def _take_row(self, line: int, row: Sequence[str]) -> None:
        self.count.rows += 1
        head = self._head(line, row)
        if head is None:
            self.count.rejected_rows += 1
            return
        round_code, named, respondent, stratum, channel = head
        self.count.respondents[round_code] = self.count.respondents.get(round_code, 0) + 1
        for unit, questions in self._forms:
            answers = self._answers(line, row, questions)
            if answers:
                self._ballots.append(Ballot(round_code, unit or named, respondent, stratum, channel, answers))

    def _head(self, line: int, row: Sequence[str]) -> tuple[str, str, str, str, str] | None:
        """Round, unit, respondent, stratum and channel of a row, or None when the whole row is rejected."""
        if len(row) != len(self._places):
            params = {"cells": len(row), "columns": len(self._places)}
            self._refuse(line, "", str(len(row)), WRONG_WIDTH, params)
            return None
        respondent = self._cell(row, self._layout.respondent)
        if not respondent:
            self._refuse(line, self._layout.respondent, "", NO_RESPONDENT)
            return None
        found: dict[str, str] = {}
        for name in UNKNOWN:
            value = self._find(name, line, row)
            if value is None:
                return None
            found[name] = value
        code = self._layout.rounds[found["round"]]
        if not self._is_new((code, found["unit"], respondent), line):
            self._refuse(line, self._layout.respondent, respondent, TWICE)
            return None
        return code, found["unit"], respondent, found["stratum"], found["channel"]

    def _find(self, name: str, line: int, row: Sequence[str]) -> str | None:
        lookup = getattr(self._layout, name)
        if not lookup.column and not lookup.constant:
            return ""
        cell = self._cell(row, lookup.column)
        value: str | None = lookup.find(cell)
        if value is None or not self._fits(name, value):
            self._refuse(line, lookup.column, cell, UNKNOWN[name])
            return None
        return value

    def _fits(self, name: str, value: str) -> bool:
        """False for what no row of the database could bear, and for a round that the mapping does not describe."""
        if name == "round":
            return value in self._layout.rounds
        return len(value) <= MOST_CHARACTERS[name] and value == visible(value)

    def _answers(self, line: int, row: Sequence[str], questions: Sequence[_Question]) -> str:
        """The packed answers; empty when not one question was answered."""
        signs, answered = [], False
        for question in questions:
            cell = row[question.place].strip()
            code = question.codes.get(cell)
            if code is None:
                self.count.rejected_cells += 1
                self._refuse(line, question.column, cell, UNKNOWN_ANSWER)
                code = 0
            answered = answered or code > 0
            self._tell(code, question.points)
            signs.append(question.signs[code])
        return "".join(signs) if answered else ""

    def _tell(self, code: int, points: int) -> None:
        if 1 <= code <= points:
            self.count.valid += 1
        elif code == points + 1:
            self.count.dont_know += 1
        elif code:
            self.count.not_applicable += 1

    def _cell(self, row: Sequence[str], column: str) -> str:
        return row[self._places[column]].strip() if column else ""

    def _refuse(
        self, line: int, column: str, value: str, reason: str, params: Mapping[str, object] | None = None
    ) -> None:
        self._rejections.append(RowProblem(line, column, value, reason, params or {}))


class _Lines:
    """The lines of a file as text, counted in lines and bytes: between two rows, that is the place of the next one."""

    def __init__(self, raw: BinaryIO, start: Mark | None = None) -> None:
        self._raw = raw
        self.position, self.number = (start.position, start.line) if start else (0, 0)

    def __iter__(self) -> Iterator[str]:
        while line := self._raw.readline(LINE_BYTES):
            self.position += len(line)
            self.number += 1
            if len(line) == LINE_BYTES and not line.endswith(b"\n"):
                raise Invalid("Line %(line)s of the file is too long.", {"line": self.number})
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Invalid("The file is not UTF-8 text near line %(line)s.", {"line": self.number}) from error
            yield text.removeprefix(MARK_OF_UTF8) if self.position == len(line) else text


def _rows(lines: _Lines) -> Iterator[list[str]]:
    try:
        yield from csv.reader(iter(lines), strict=True)
    except csv.Error as error:
        raise no_csv(lines.number, error) from error
