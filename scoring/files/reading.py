"""Reading all files of data, and scoring what they hold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from scoring.collect import CELL_COLUMNS, tally
from scoring.files.data import Adjustment, Data, Figure, PanelRating
from scoring.files.others import FigureReader, take_adjustment
from scoring.files.ratings import RatingReader
from scoring.files.sources import (
    ADJUSTMENTS,
    ADJUSTMENTS_MORE,
    FIGURES_MORE,
    RATINGS,
    RATINGS_MORE,
    Refusal,
    Row,
    RowError,
    Source,
    choose_period,
    figure_codes,
    kind_of,
)
from scoring.files.weights import split_strata
from scoring.pipeline import run
from scoring.result import Result, Supplement
from scoring.scheme import Scheme

ONLY_CATEGORY = "all"
Refuse = Callable[[Refusal], object]


def read_data(sources: Sequence[Source], scheme: Scheme, refuse: Refuse, period: str | None = None) -> Data:
    """Everything that the files say of one period; each row that cannot be used goes to ``refuse``, in their order.

    Without a period asked for it is the last one that any row names. Ratings and adjustments of other periods are set
    aside, figures only of later ones, since earlier ones may serve to impute. A row without a period is of every one.

    Raises:
        InputError: when a file as a whole cannot be read, is of no known kind, or no row is of the period.
    """
    kinds = [(source, kind_of(source, scheme)) for source in sources]
    data = Data()
    data.account.period = choose_period(sources, period)
    reader = _Reader(scheme, data, refuse)
    for source, kind in kinds:
        reader.read(source, kind)
    return data


def score_data(data: Data, scheme: Scheme) -> Result:
    """Tally the packed texts and run the engine; a unit without a category stands in the category ``all``.

    Raises:
        InputError: when respondents of a group have more than 8 weights, or the engine cannot score the data at all.
    """
    rows = []
    for (unit, code, stratum), people in data.texts.items():
        counted = tally("".join(people.values()), data.forms[code])
        rows.append((unit, code, stratum, counted.n, counted.counts_blob(), counted.moments_blob()))
    categories = [category or ONLY_CATEGORY for category in data.categories.values()]
    units = pd.DataFrame({"unit": list(data.categories), "category": categories}, dtype="str")
    supplement = Supplement(
        figures=pd.DataFrame(data.figures, columns=list(Figure._fields)) if data.figures else None,
        panels=pd.DataFrame(data.panels, columns=list(PanelRating._fields)) if data.panels else None,
        adjustments=pd.DataFrame(data.adjustments, columns=list(Adjustment._fields)) if data.adjustments else None,
    )
    cells = pd.DataFrame(rows, columns=list(CELL_COLUMNS))
    result = run(cells, data.forms, units, split_strata(scheme, data.weights), supplement)
    return replace(result, scheme_digest=scheme.digest)


class _Reader:
    """Reads file by file; what is unique to a unit or a respondent stays unique across files."""

    def __init__(self, scheme: Scheme, data: Data, refuse: Refuse) -> None:
        self.data = data
        self.refuse = refuse
        self.codes = figure_codes(scheme)
        self.ratings = RatingReader(scheme, data)
        self.figures = FigureReader(scheme, data, self.codes)

    def read(self, source: Source, kind: str) -> None:
        header, account = source.header(), self.data.account
        known = {
            "ratings": (*RATINGS, *RATINGS_MORE),
            "figures": (*FIGURES_MORE, *self.codes),
            "adjustments": (*ADJUSTMENTS, *ADJUSTMENTS_MORE),
        }[kind]
        unread = tuple(name for name in header if name not in known)
        if unread:
            account.unread[source.name] = unread
        for row in source.rows():
            if self._is_aside(row.fields.get("period", ""), kind):
                account.aside += 1
                continue
            try:
                self._take(row, header, kind, partial(self._tell, source.name, row))
                account.used += 1
            except RowError as error:
                self._refuse(self._named(source.name, row, kind, str(error)))

    def _take(self, row: Row, header: Sequence[str], kind: str, tell: Callable[[str, str, str], None]) -> None:
        if kind == "ratings":
            self.ratings.take(row, header)
        elif kind == "figures":
            self.figures.take(row, header, tell)
        else:
            take_adjustment(row, header, self.data)

    def _is_aside(self, period: str, kind: str) -> bool:
        scored = self.data.account.period
        return period > scored if kind == "figures" else period not in ("", scored)

    def _tell(self, name: str, row: Row, column: str, text: str, reason: str) -> None:
        self._refuse(Refusal(name, row.line, row.fields["unit"], "", column, text, reason))

    def _named(self, name: str, row: Row, kind: str, reason: str) -> Refusal:
        columns = {
            "ratings": ("unit", "group", "indicator", "value"),
            "figures": ("unit", "", "", ""),
            "adjustments": ("unit", "kind", "code", "points"),
        }[kind]
        unit, group, indicator, value = (row.fields.get(column, "") for column in columns)
        return Refusal(name, row.line, unit, group, indicator, value, reason)

    def _refuse(self, refusal: Refusal) -> None:
        self.data.account.refused += 1
        self.refuse(refusal)
