"""Tables as a workbook: numbers are numbers, nothing is a formula, and the same tables give the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from evalsys.services.transfers.cells import safe_cell

Cell = str | int | Decimal | None
PLAIN = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "constant_memory": True}
HEAD = {
    "bold": True,
    "bg_color": "#0b434a",
    "font_color": "#ffffff",
    "text_wrap": True,
    "valign": "vcenter",
    "border": 1,
}
FORMATS: dict[str, dict[str, object]] = {
    "text": {"text_wrap": True, "valign": "top"},
    "score": {"num_format": "0.00", "valign": "top"},
    "percent": {"valign": "top"},
    "count": {"num_format": "#,##0", "valign": "top"},
    "change": {"num_format": "+0.00;−0.00;0.00", "valign": "top"},
}
SAID = {str: "text", Decimal: "score", int: "count"}
NAME_LENGTH, HEAD_HEIGHT, A4 = 31, 48, 9
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
CHART_WIDTH, CHART_TOP, CHART_ROW, CHART_HIGHEST = 960, 120, 26, 6000


@dataclass(frozen=True)
class Column:
    """A column: its title, how its numbers are written ("text", "score", "percent", "count", "change"), its width."""

    title: str
    kind: str = "text"
    width: int = 13


@dataclass(frozen=True)
class Bars:
    """A bar chart of a table, on a sheet of its own: which columns hold names and values from 0 to 100."""

    name: str
    title: str
    names: int
    values: int


@dataclass(frozen=True)
class Sheet:
    """A table of the workbook; `is_prose` has no filter, and each value is written as what it is."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    bars: Bars | None = None
    is_prose: bool = False


@dataclass(frozen=True)
class About:
    """What the file's properties say."""

    title: str
    author: str
    on: date
    is_rtl: bool


def write_book(sheets: Sequence[Sheet], about: About) -> bytes:
    """The workbook as XLSX, row by row."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, PLAIN)
    book.set_properties({"title": about.title, "author": about.author, "created": datetime.combine(about.on, time())})
    formats = {kind: book.add_format(known) for kind, known in FORMATS.items()}
    start = {"align": "right" if about.is_rtl else "left"}  # what is said stands where reading begins
    formats |= {f"said {kind}": book.add_format(FORMATS[kind] | start) for kind in SAID.values()}
    formats["head"] = book.add_format(HEAD)
    taken: set[str] = set()
    for sheet in sheets:
        _write(book, sheet, _free(sheet.name, taken), formats, about.is_rtl)
        if sheet.bars and sheet.rows:
            _chart(book, sheet, (_free(sheet.bars.name, taken), book.worksheets()[-1].get_name()), about.is_rtl)
    book.close()
    return file.getvalue()


def _write(book: Any, sheet: Sheet, name: str, formats: dict[str, Any], is_rtl: bool) -> None:
    page = book.add_worksheet(name)
    if is_rtl:
        page.right_to_left()
    page.freeze_panes(1, 0 if sheet.is_prose else 1)
    _set_paper(page)
    page.repeat_rows(0)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    if not sheet.is_prose:
        page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
    page.set_row(0, HEAD_HEIGHT)
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, safe_cell(column.title), formats["head"])
    for line, row in enumerate(sheet.rows, 1):
        for place, cell in enumerate(row):
            kind = f"said {SAID.get(type(cell), 'text')}" if sheet.is_prose else sheet.columns[place].kind
            _put(page, (line, place), cell, formats[kind])


def _set_paper(page: Any) -> None:
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)


def _put(page: Any, spot: tuple[int, int], cell: Cell, style: Any) -> None:
    if isinstance(cell, str):
        if cell:
            page.write_string(*spot, safe_cell(cell), style)
    elif cell is not None:
        page.write_number(*spot, float(cell), style)


def _chart(book: Any, sheet: Sheet, names: tuple[str, str], is_rtl: bool) -> None:
    bars, last = sheet.bars, len(sheet.rows)
    if bars is None:
        return
    own, data = names
    page = book.add_worksheet(own)
    _set_paper(page)
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": bars.title,
            "categories": [data, 1, bars.names, last, bars.names],
            "values": [data, 1, bars.values, last, bars.values],
            "fill": {"color": "#3f7f87"},
            "gap": 45,
            "data_labels": {"value": True, "num_format": "0.00"},
        }
    )
    chart.set_title({"name": bars.title, "name_font": {"size": 14, "color": "#0b434a"}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"min": 0, "max": 100, "reverse": is_rtl, "major_gridlines": {"visible": True}})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 10}})
    chart.set_size({"width": CHART_WIDTH, "height": min(CHART_TOP + CHART_ROW * last, CHART_HIGHEST)})
    if is_rtl:
        page.right_to_left()
    page.insert_chart(0, 0, chart, {"description": bars.title})


def _free(name: str, taken: set[str]) -> str:
    """The name as a spreadsheet allows it, and not used before."""
    plain = " ".join(name.translate(FORBIDDEN).split())[:NAME_LENGTH] or "1"
    shown, number = plain, 1
    while shown.casefold() in taken:
        number += 1
        shown = f"{plain[: NAME_LENGTH - 3]} {number}"
    taken.add(shown.casefold())
    return shown
