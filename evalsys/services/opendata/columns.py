"""What a table of the open data is made of: columns, each with a type, a unit and a meaning."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from evalsys.i18n import LOCALES

TEXT, WHOLE, NUMBER, FLAG, DAY = "text", "integer", "number", "boolean", "date"
Cell = str | int | Decimal | bool | date | None


@dataclass(frozen=True)
class Column:
    """A column: `kind` is one of the five types, `meaning` a message id, `allowed` the only values there can be.

    `measure` is the unit in which a number is: "points", "percent", "answers", "places" or "".
    """

    name: str
    kind: str
    meaning: str
    measure: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of the open data: `title` is a message id, `key` are the columns that no two rows share."""

    name: str
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def text(name: str, meaning: str, *allowed: str) -> Column:
    """A column of text."""
    return Column(name, TEXT, meaning, allowed=allowed)


def in_languages(name: str, meaning: str) -> Iterator[Column]:
    """The same text in every language, a column each: name_en, name_zh, name_ar."""
    return (Column(f"{name}_{locale}", TEXT, meaning) for locale in LOCALES)


def whole(name: str, meaning: str, measure: str = "") -> Column:
    """A column of whole numbers."""
    return Column(name, WHOLE, meaning, measure)


def number(name: str, meaning: str, measure: str = "points") -> Column:
    """A column of decimal numbers."""
    return Column(name, NUMBER, meaning, measure)


def flag(name: str, meaning: str) -> Column:
    """A column of yes and no."""
    return Column(name, FLAG, meaning, allowed=("true", "false"))


def day(name: str, meaning: str) -> Column:
    """A column of dates."""
    return Column(name, DAY, meaning)
