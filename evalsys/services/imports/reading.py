"""Reading a survey file row by row: what fits is handed on, what does not is named with line, column and reason."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from evalsys.errors import Invalid
from evalsys.services.imports.mapping import ImportMap, UnitSpec, answer_codes
from scoring.collect import pack

ROWS_BETWEEN_NEWS = 500
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Rejection:
    """A row, or a single cell of it, that was not imported; `column` is empty for a whole row."""

    line: int
    column: str
    value: str
    reason: str


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
class _Question:
    column: str
    place: int
    codes: Mapping[str, int]
    signs: Mapping[int, str]
    points: int


class Reader:
    """One pass over a file. Memory grows by some 70 bytes a respondent, to find those who stand in it twice."""

    def __init__(self, plan: ImportMap, reject: Callable[[Rejection], None], progress: Progress) -> None:
        self.count = Count()
        self._plan, self._reject, self._progress = plan, reject, progress
        self._seen: set[int] = set()
        self._places: dict[str, int] = {}
        self._units: list[tuple[str, list[_Question]]] = []

    def ballots(self, path: Path) -> Iterator[Ballot]:
        """All ballots of the file, in its order. Raises Invalid when it is no such file at all."""
        with open(path, "rb") as raw, _as_text(raw) as text:
            rows = csv.reader(text, strict=True)
            try:
                self._take_header(next(rows, []))
                for row in rows:
                    if row:
                        yield from self._row(rows.line_num, row)
                    if rows.line_num % ROWS_BETWEEN_NEWS == 0:
                        self._progress(raw.tell())
            except UnicodeDecodeError as error:
                raise Invalid("The file is not UTF-8 text near line %(line)s.", {"line": rows.line_num + 1}) from error
            except csv.Error as error:
                params = {"line": rows.line_num, "detail": str(error)}
                raise Invalid("The file cannot be read as CSV at line %(line)s: %(detail)s", params) from error
            self._progress(raw.tell())

    def _take_header(self, header: Sequence[str]) -> None:
        self._places = {name.strip(): place for place, name in enumerate(header)}
        missing = [name for name in self._plan.columns() if name not in self._places]
        if missing:
            problems = [("The file has no column “%(column)s”.", {"column": name}) for name in missing]
            raise Invalid("The file does not fit the mapping.", problems=problems)
        self._units = [(unit.code, self._questions(unit)) for unit in self._plan.units]

    def _questions(self, unit: UnitSpec) -> list[_Question]:
        found = []
        for column, indicator in unit.questions:
            points = self._plan.preset.points[indicator]
            codes = answer_codes(self._plan.answers, points)
            signs = {code: pack([code], [points]) for code in {0, *codes.values()}}
            found.append(_Question(column, self._places[column], codes, signs, points))
        return found

    def _row(self, line: int, row: Sequence[str]) -> Iterator[Ballot]:
        self.count.rows += 1
        head = self._head(line, row)
        if head is None:
            self.count.rejected_rows += 1
            return
        round_code, respondent, stratum, channel = head
        self.count.respondents[round_code] = self.count.respondents.get(round_code, 0) + 1
        for unit, questions in self._units:
            answers = self._answers(line, row, questions)
            if answers:
                yield Ballot(round_code, unit, respondent, stratum, channel, answers)

    def _head(self, line: int, row: Sequence[str]) -> tuple[str, str, str, str] | None:
        """Round, respondent, stratum and channel of a row, or None when the whole row is rejected."""
        if len(row) != len(self._places):
            self._refuse(line, "", str(len(row)), f"The row has not {len(self._places)} cells.")
            return None
        respondent = self._cell(row, self._plan.respondent)
        if not respondent:
            self._refuse(line, self._plan.respondent, "", "The row names no respondent.")
            return None
        found = []
        lookups = (("round", self._plan.round), ("stratum", self._plan.stratum), ("channel", self._plan.channel))
        for name, lookup in lookups:
            cell = self._cell(row, lookup.column)
            value = lookup.find(cell)
            if name == "round" and value not in self._plan.rounds:
                value = None
            if value is None:
                self._refuse(line, lookup.column, cell, f"The mapping knows no such {name}.")
                return None
            found.append(value)
        code = self._plan.rounds[found[0]].code
        key = hash((code, respondent))
        if key in self._seen:
            self._refuse(line, self._plan.respondent, respondent, "This respondent has a row already.")
            return None
        self._seen.add(key)
        return code, respondent, found[1], found[2]

    def _answers(self, line: int, row: Sequence[str], questions: Sequence[_Question]) -> str:
        """The packed answers; empty when not one question was answered."""
        signs, answered = [], False
        for question in questions:
            cell = row[question.place].strip()
            code = question.codes.get(cell)
            if code is None:
                self.count.rejected_cells += 1
                self._reject(Rejection(line, question.column, cell, "The mapping knows no such answer."))
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

    def _refuse(self, line: int, column: str, value: str, reason: str) -> None:
        self._reject(Rejection(line, column, value, reason))


def _as_text(raw: BinaryIO) -> TextIO:
    return open(raw.fileno(), encoding="utf-8-sig", newline="", closefd=False)
