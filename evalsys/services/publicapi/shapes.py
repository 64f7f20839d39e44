"""The shapes of answers, made of the columns of the open data: what is sent and what is documented is one thing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from evalsys.i18n import DEFAULT_LOCALE, LOCALES, _l
from evalsys.services.opendata import tables
from evalsys.services.opendata.columns import Cell, Column, Table, day, flag, number, text, whole
from evalsys.services.opendata.formats import plain_value

TEXTS = "texts"
SUFFIXES = tuple(f"_{locale}" for locale in LOCALES)
Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """An object in an answer: its own values, and lists of other objects by name."""

    name: str
    columns: tuple[Column, ...]
    parts: tuple[tuple[str, "Shape"], ...] = ()


def shape_of(name: str, table: Table, *left_out: str) -> Shape:
    """The rows of a table in one language, without the columns `left_out`: name_en, name_zh, name_ar become name."""
    columns = []
    for column in table.columns:
        if column.name.endswith(SUFFIXES):
            base, _, locale = column.name.rpartition("_")
            columns += [replace(column, name=base)] if locale == DEFAULT_LOCALE else []
        elif column.name not in left_out:
            columns.append(column)
    return Shape(name, tuple(columns))


def put(shape: Shape, row: Mapping[str, Cell | list[str]], locale: str, **parts: list[Answer]) -> Answer:
    """A row as it is sent; a text that the row has in several languages is taken in `locale`."""
    own = {column.name: _value(row, column.name, locale) for column in shape.columns}
    return {**own, **parts}


def _value(row: Mapping[str, Cell | list[str]], name: str, locale: str) -> Any:
    found = row.get(name, row.get(f"{name}_{locale}"))
    return found if isinstance(found, list) else plain_value(found)


def texts(name: str, meaning: str) -> Column:
    """A column that holds a list of texts."""
    return Column(name, TEXTS, meaning)


URL = text("url", _l("Address in this interface"))
PAGE = text("page", _l("Address of the page for people"))
ROUND = Shape(
    "Round",
    (
        text("round", _l("Code of the round")),
        text("title", _l("Name of the round")),
        day("period_start", _l("First day of the period")),
        day("period_end", _l("Last day of the period")),
        day("published_on", _l("Day on which these results were published")),
        whole("run", _l("Number of the scoring run that is public")),
        whole("units", _l("Number of offices")),
        text("publication", _l("What is published"), "scores-and-grades", "scores", "grades"),
        text("data", _l("Address of all tables in one archive")),
        URL,
        PAGE,
    ),
)
CATEGORY = Shape(
    "Category",
    (
        text("category", _l("Code of the peer category")),
        text("name", _l("Its name in this language")),
        number("mean", _l("Mean score of the peer category")),
        whole("units", _l("Number of offices")),
    ),
)
RUN = Shape(
    "Run",
    (
        whole("run", _l("Number of the scoring run that is public")),
        day("published_on", _l("Day on which these results were published")),
        text("corrected", _l("Why these results replaced others; empty for the first")),
        text("data", _l("Address of all tables in one archive")),
    ),
)
WITHDRAWN = Shape(
    "Withdrawn",
    (
        text("unit", _l("Code of the office")),
        day("withdrawn_on", _l("Day on which its scorecard was withdrawn")),
        text("reason", _l("Why it was withdrawn")),
    ),
)
DETAILS = ("categories", CATEGORY), ("runs", RUN), ("withdrawn", WITHDRAWN)
ROUND_DETAIL = replace(ROUND, name="RoundDetail", parts=DETAILS)
RESULT = shape_of("Result", tables.SCORES, "reply", "reply_language", "reply_on")
RESULT = replace(RESULT, columns=(*RESULT.columns, URL, PAGE))
FULL_RESULT = replace(
    shape_of("FullResult", tables.SCORES),
    parts=(
        ("groups", shape_of("Group", tables.GROUPS, "unit")),
        ("nodes", shape_of("Node", tables.NODES, "unit")),
        ("indicators", shape_of("Indicator", tables.INDICATORS, "unit")),
        ("distribution", shape_of("Level", tables.DISTRIBUTION, "unit")),
        ("findings", shape_of("Finding", tables.FINDINGS, "unit")),
        ("history", shape_of("History", tables.HISTORY, "unit")),
    ),
)
UNIT = Shape(
    "Unit",
    (
        text("unit", _l("Code of the office")),
        text("name", _l("Its name in this language")),
        text("category_name", _l("Name of the peer category in this language")),
        texts("services", _l("What the office does for people")),
        flag("is_collecting", _l("Whether it can be rated now")),
        URL,
        PAGE,
    ),
)
UNIT_RESULT = replace(RESULT, name="UnitResult", columns=(text("round", _l("Code of the round")), *RESULT.columns))
UNIT_DETAIL = replace(UNIT, name="UnitDetail", parts=(("results", UNIT_RESULT),))
METHOD_GROUP = Shape(
    "MethodGroup",
    (
        text("group", _l("Code of the group of raters")),
        text("name", _l("Its name in this language")),
        number("weight", _l("What it counts in the whole score"), "percent"),
        text("promise", _l("What the raters of the group were promised"), "anonymous", "confidential", "accountable"),
    ),
)
METHOD_BAND = Shape(
    "MethodBand",
    (
        text("band", _l("Band of the score; empty where none is given")),
        number("low", _l("Score from which the band is given")),
        number("share", _l("Share of the offices that get the band, where places decide"), "percent"),
    ),
)
WEIGHT = shape_of("Weight", tables.WEIGHTS)
METHOD = Shape(
    "Method",
    (
        text("round", _l("Code of the round")),
        text("title", _l("Name of the round")),
        whole("version", _l("Version of the weights")),
        text("digest", _l("SHA-256 of the scheme")),
        day("adopted_on", _l("Day on which the weights were adopted")),
        text("adopted_by", _l("Who adopted the weights")),
        text("scheme", _l("Address of the whole scheme as the scoring engine reads it")),
        PAGE,
    ),
    (("groups", METHOD_GROUP), ("nodes", WEIGHT), ("bands", METHOD_BAND)),
)
