"""A run's tables as their readers may see them, and as files that no spreadsheet executes.

What is hidden is decided in one place, `scoring.suppress`: whatever reads a result goes through `shown_tables`.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from evalsys.errors import Conflict
from evalsys.models import Run
from evalsys.services.transfers.cells import safe_cell
from evalsys.services.weights import scheme_of
from scoring.frames import InputError
from scoring.result import Result
from scoring.scheme import Scheme
from scoring.suppress import published_view

Row = Mapping[str, Any]
Tables = Mapping[str, pd.DataFrame]

VIEWS_IN_MEMORY = 4


def shown_tables(result: Result, scheme: Scheme, audience: str) -> Tables:
    """The tables of a result as `audience` ("public" or "overseer") may see them, each with a column `withheld`.

    Tables and columns that an older engine did not make are not there. Raises Conflict when those are missing without
    which nobody can say what must stay hidden: then nothing is shown.
    """
    try:
        return published_view(result.stages, scheme, audience)
    except InputError as error:
        raise Conflict("This run lacks what tells which figures must stay hidden, so none is shown.") from error


def overseen_tables(run: Run) -> Tables:
    """A stored run's tables as the oversight body may see them. A run never changes, so they are worked out once.

    A pilot is tried out and ranks nobody.
    """
    tables = _overseen(run.result, run.scheme_version.body)
    return without_ranks(tables) if run.round.is_pilot else tables


@lru_cache(maxsize=VIEWS_IN_MEMORY)
def _overseen(result: bytes, body: str) -> Tables:
    return shown_tables(Result.from_json(result), scheme_of(body), "overseer")


def without_ranks(tables: Tables) -> Tables:
    """The same tables, in which no unit has a rank and nothing is said about how firm one is."""
    scores = tables["scores"]
    nobody = pd.array([pd.NA] * len(scores), dtype="Int64")
    rest = {name: table for name, table in tables.items() if name != "robustness"}
    return {**rest, "scores": scores.assign(rank=nobody, ranked_of=0)}


def rows_of(table: pd.DataFrame) -> list[Row]:
    """The rows of a table; what is missing or withheld is None, or "" where it is a text."""
    return [dict(zip(table.columns, cells, strict=True)) for cells in _cells(table, None)]


def csv_file(table: pd.DataFrame) -> str:
    """A table as CSV whose texts no spreadsheet takes for a formula."""
    return csv_text([list(table.columns), *_cells(table, "")])


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV whose texts no spreadsheet takes for a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def _cells(table: pd.DataFrame, nothing: str | None) -> Iterator[tuple[Any, ...]]:
    """The rows as plain values, with `nothing` where there is none; column by column, which is what makes it quick."""
    columns = ((table[name].tolist(), table[name].isna().tolist()) for name in table.columns)
    filled = [[nothing if gone else value for value, gone in zip(*column, strict=True)] for column in columns]
    return zip(*filled, strict=True)
