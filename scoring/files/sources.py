"""Files of data as rows: what each holds is told by its header, which period is scored by its column ``period``."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from scoring.frames import InputError
from scoring.scheme import Scheme

RATINGS = ("unit", "group", "indicator", "value")
RATINGS_MORE = ("respondent", "stratum", "category", "rater", "weight", "period")
FIGURES_MORE = ("unit", "category", "period")
ADJUSTMENTS = ("unit", "kind", "code")
ADJUSTMENTS_MORE = ("points", "source", "reason", "period")


class Refusal(NamedTuple):
    """Something in the data that was not used: its file and line, what it said, and why.

    Of a figure ``indicator`` names the column; of an adjustment ``group`` is its kind and ``indicator`` its code.
    """

    file: str
    line: int
    unit: str
    group: str
    indicator: str
    value: str
    reason: str


class RowError(ValueError):
    """One row cannot be used; the text is the reason."""


class Row(NamedTuple):
    """One row: the line it begins on, its fields by column, and how many there were."""

    line: int
    fields: dict[str, str]
    size: int


@dataclass(frozen=True)
class Source:
    """One file of data: its name, and its lines, which are read twice (first for the periods).

    >>> list(Source("data", lambda: ["unit,value", "U1, 5"]).rows())
    [Row(line=2, fields={'unit': 'U1', 'value': '5'}, size=2)]
    """

    name: str
    lines: Callable[[], Iterable[str]]

    def header(self) -> tuple[str, ...]:
        """The names of the columns.

        Raises:
            InputError: when a name stands twice, or the file cannot be read.
        """
        with self._read() as table:
            return self._names(table)

    def rows(self) -> Iterator[Row]:
        """All rows but empty ones, with the spaces around each field taken off.

        Raises:
            InputError: when a quote stays open or the file is not UTF-8.
        """
        with self._read() as table:
            header = self._names(table)
            line = table.line_num + 1
            for fields in table:
                if fields:
                    texts = dict(zip(header, (text.strip() for text in fields), strict=False))
                    yield Row(line, texts, len(fields))
                line = table.line_num + 1

    def periods(self) -> set[str]:
        """The periods that the rows name."""
        if "period" not in self.header():
            return set()
        return {row.fields.get("period", "") for row in self.rows()} - {""}

    @contextmanager
    def _read(self) -> Iterator[Any]:
        table = csv.reader(self.lines(), strict=True)
        try:
            yield table
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{self.name}, at or after line {max(table.line_num, 1)}: {error}") from error

    def _names(self, table: Any) -> tuple[str, ...]:
        header = tuple(name.strip() for name in next(table, []))
        if len(set(header)) < len(header):
            raise InputError(f"{self.name} has two columns of the same name")
        return header


def file_source(path: Path) -> Source:
    """A file of the disk; the byte order mark at its beginning is skipped."""

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from file

    return Source(path.name, lines)


def figure_codes(scheme: Scheme) -> tuple[str, ...]:
    """Everything that may be a column of figures: the administrative indicators, then their denominators."""
    leaves = [leaf for leaf in scheme.leaves() if not leaf.is_rated]
    denominators = [leaf.denominator for leaf in leaves if leaf.denominator]
    return tuple(dict.fromkeys([*(leaf.code for leaf in leaves), *denominators]))


def kind_of(source: Source, scheme: Scheme) -> str:
    """What a file holds: ``ratings``, ``figures`` or ``adjustments``, by the columns of its header.

    Raises:
        InputError: when it is none of them, or lacks a column.
    """
    header = source.header()
    if "kind" in header and "code" in header:
        return _complete(source.name, "adjustments", header, ADJUSTMENTS)
    if {"group", "indicator"} & set(header):
        return _complete(source.name, "ratings", header, RATINGS)
    codes = figure_codes(scheme)
    if set(codes) & set(header):
        return _complete(source.name, "figures", header, ("unit",))
    figures = f"figures (unit and a column for {', '.join(codes)})" if codes else "figures (the scheme has none)"
    raise InputError(
        f"{source.name} is neither ratings ({', '.join(RATINGS)}) nor {figures} nor adjustments"
        f" ({', '.join(ADJUSTMENTS)}): its columns are {', '.join(header) or 'missing'}"
    )


def choose_period(sources: Sequence[Source], wanted: str | None) -> str:
    """The period that is scored: the one wanted, else the last in the order of their texts; empty without periods.

    Raises:
        InputError: when no row is of the period wanted.
    """
    known = sorted(set().union(*(source.periods() for source in sources)))
    if wanted is not None and wanted not in known:
        raise InputError(f"no row is of the period {wanted}: there is {', '.join(known) or 'no period in the data'}")
    return wanted if wanted is not None else (known or [""])[-1]


def _complete(name: str, kind: str, header: Sequence[str], needed: Sequence[str]) -> str:
    missing = [column for column in needed if column not in header]
    if missing:
        raise InputError(f"{name} holds {kind}, but lacks the column {', '.join(missing)}")
    return kind
