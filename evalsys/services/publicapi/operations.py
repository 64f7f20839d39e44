"""Every call of the interface in one table: its address, what it answers, what may be asked."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from sqlalchemy.exc import OperationalError

from evalsys.errors import Invalid, Unavailable
from evalsys.i18n import DEFAULT_LOCALE, LOCALES, _l
from evalsys.services.publicapi import answers, shapes
from evalsys.services.publicapi.answers import ROOT
from evalsys.services.publicapi.shapes import Answer, Shape

PER_PAGE, MOST_PER_PAGE, LAST_PAGE, LONGEST_QUERY = 100, 500, 100_000, 100
LIMITS = {"per_page": PER_PAGE, "most": MOST_PER_PAGE}
REFUSED = _l("The question cannot be understood.")


@dataclass(frozen=True)
class Operation:
    """A call: `path` as OpenAPI writes it, `read` takes the values in it, the words asked for, and the language.

    `is_list`: the answer is one page of many objects of `shape`. `is_search`: it needs words, in `q`.
    """

    name: str
    path: str
    summary: str
    shape: Shape
    read: Callable[..., Any]
    is_list: bool = False
    is_search: bool = False

    @property
    def may_be_gone(self) -> bool:
        """Whether it answers one scorecard, which may have been withdrawn."""
        return "{round}" in self.path and "{unit}" in self.path


@dataclass(frozen=True)
class Question:
    """What stands behind the question mark of an address, checked."""

    locale: str = DEFAULT_LOCALE
    page: int = 1
    per_page: int = PER_PAGE
    words: str = ""


OPERATIONS = (
    Operation("rounds", "/rounds", _l("Published rounds, the newest first"), shapes.ROUND, answers.rounds, True),
    Operation(
        "round", "/rounds/{round}", _l("One published round with its categories and corrections"),
        shapes.ROUND_DETAIL, answers.round_detail,
    ),
    Operation(
        "round_units", "/rounds/{round}/units", _l("Results of all offices of a round"),
        shapes.RESULT, answers.round_units, True,
    ),
    Operation(
        "round_unit", "/rounds/{round}/units/{unit}", _l("The whole scorecard of one office"),
        shapes.FULL_RESULT, answers.round_unit,
    ),
    Operation("units", "/units", _l("All offices"), shapes.UNIT, answers.all_units, True),
    Operation(
        "unit", "/units/{unit}", _l("One office with its results in all rounds"),
        shapes.UNIT_DETAIL, answers.unit_detail,
    ),
    Operation(
        "services", "/services", _l("Offices found by what they do"), shapes.UNIT, answers.services, True, True
    ),
    Operation(
        "method", "/method/{round}", _l("Weights, groups and bands of a round"), shapes.METHOD, answers.round_method
    ),
)  # fmt: skip
BY_NAME = {one.name: one for one in OPERATIONS}


def asked(given: Mapping[str, str], operation: Operation) -> Question:
    """The checked question. Raises Invalid with everything wrong in it; what is not known is passed over."""
    problems: list[tuple[str, Mapping[str, object]]] = []
    locale, words = given.get("lang", DEFAULT_LOCALE), given.get("q", "").replace("\0", "").strip()
    if locale not in LOCALES:
        problems.append((_l("lang is one of %(known)s."), {"known": ", ".join(LOCALES)}))
    if operation.is_search and not 0 < len(words) <= LONGEST_QUERY:
        problems.append((_l("q holds the words to look for, at most %(most)s signs."), {"most": LONGEST_QUERY}))
    page, per_page = _whole(given, "page", 1, LAST_PAGE), _whole(given, "per_page", PER_PAGE, MOST_PER_PAGE)
    for name, found, most in (("page", page, LAST_PAGE), ("per_page", per_page, MOST_PER_PAGE)):
        if operation.is_list and found is None:
            problems.append((_l("%(name)s is a whole number from 1 to %(most)s."), {"name": name, "most": most}))
    if problems:
        raise Invalid(REFUSED, problems=problems)
    return Question(locale, page or 1, per_page or PER_PAGE, words)


def answer(operation: Operation, places: Mapping[str, str], question: Question) -> Answer:
    """What is sent back. Raises NotFound, and Unavailable when the database does not answer."""
    words = (question.words,) if operation.is_search else ()
    try:
        found = operation.read(*places.values(), *words, question.locale)
    except OperationalError as error:
        raise Unavailable("The data cannot be read at the moment. Try again later.") from error
    if not operation.is_list:
        return dict(found)
    pages = max(1, math.ceil(len(found) / question.per_page))
    start = (question.page - 1) * question.per_page
    return {
        "items": found[start : start + question.per_page],
        "page": question.page,
        "per_page": question.per_page,
        "pages": pages,
        "total": len(found),
        "next": _next(operation, places, question) if question.page < pages else None,
    }


def _next(operation: Operation, places: Mapping[str, str], question: Question) -> str:
    more = {"lang": question.locale, "page": question.page + 1, "per_page": question.per_page}
    query = urlencode({**more, **({"q": question.words} if operation.is_search else {})})
    base = str(current_app.config["EVALSYS"].public_url)
    return f"{base}{ROOT}{operation.path.format(**places)}?{query}"


def _whole(given: Mapping[str, str], name: str, default: int, most: int) -> int | None:
    text = given.get(name, str(default))
    is_whole = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    return int(text) if is_whole and 1 <= int(text) <= most else None
