"""What was read from all files of data together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scoring.collect import Form
from scoring.files.sources import RowError


class Figure(NamedTuple):
    """An administrative figure in raw units; without a period it stands for every period."""

    unit: str
    indicator: str
    period: str
    value: float


class PanelRating(NamedTuple):
    """What one rater said, for a group whose severity is adjusted; ``value`` is the code 1 to k."""

    unit: str
    group: str
    indicator: str
    rater: str
    value: int


class Adjustment(NamedTuple):
    """A finding about a unit, as it stands in the file."""

    unit: str
    kind: str
    code: str
    points: str
    source: str
    reason: str


@dataclass
class Account:
    """What happened to the rows, and the columns of each file that were not read.

    ``unnamed`` counts ratings that are a respondent of their own, ``aside`` rows of other periods than ``period``.
    """

    used: int = 0
    refused: int = 0
    unnamed: int = 0
    aside: int = 0
    period: str = ""
    unread: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Data:
    """One packed text a respondent, in cells of unit, form and stratum; figures, panels and adjustments beside them.

    ``texts`` maps a cell to its respondents; one without a name is known by a number. Who weighs other than 1 stands in
    a stratum of its own, the scheme's stratum and the weight joined by ``@``; ``weights`` are those of each group.
    ``categories`` holds what was said about each unit, empty when nothing was.
    """

    forms: dict[str, Form] = field(default_factory=dict)
    texts: dict[tuple[str, str, str], dict[str | int, str]] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    weights: dict[str, set[str]] = field(default_factory=dict)
    panels: list[PanelRating] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    account: Account = field(default_factory=Account)

    def category(self, unit: str, said: str) -> str:
        """The category of a unit, once this row has said its own.

        Raises:
            RowError: when it contradicts what was said before.
        """
        known = self.categories.get(unit, "")
        if not said.isprintable():
            raise RowError("category holds a control character")
        if said and known and said != known:
            raise RowError(f"unit stands in category {known} already")
        return said or known


def check_unit(unit: str) -> str:
    """The code of a unit.

    Raises:
        RowError: when there is none, or it cannot be printed.
    """
    if not unit or not unit.isprintable():
        raise RowError("unit is empty or holds a control character")
    return unit


def check_size(size: int, header: Sequence[str]) -> None:
    """A row has a field for each column.

    Raises:
        RowError: when it has not.
    """
    if size != len(header):
        raise RowError(f"{size} fields where the header has {len(header)}")
