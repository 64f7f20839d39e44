"""The answers themselves, each from what the public pages show."""

from collections import Counter
from collections.abc import Iterable, Mapping

from flask import current_app

from evalsys.errors import Gone, NotFound
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.services import method, units
from evalsys.services.opendata import tables
from evalsys.services.opendata.columns import Cell
from evalsys.services.opendata.editions import NONE, Edition, content_in, newest_editions, read_edition, read_editions
from evalsys.services.opendata.rows import Content, Row, rows_of
from evalsys.services.publicapi import shapes
from evalsys.services.publicapi.shapes import Answer, put
from evalsys.services.publication.withdrawn import WithdrawnCard, withdrawn_cards
from evalsys.services.results import GONE, read_unit_cards
from evalsys.services.units import FoundUnit
from evalsys.services.weights import scheme_of

ROOT = "/api/v1"
Answers = list[Answer]
Given = Mapping[str, Cell | list[str]]


def rounds(locale: str) -> Answers:
    """Every published round, the newest first."""
    return [put(shapes.ROUND, _round(one, locale), locale) for one in newest_editions()]


def round_detail(round_code: str, locale: str) -> Answer:
    """One published round. Raises NotFound."""
    editions = read_editions(round_code)
    if not editions:
        raise NotFound(NONE)
    content = content_in(editions[0], locale)
    parts = {
        "categories": [put(shapes.CATEGORY, row, locale) for row in _categories(content, locale)],
        "runs": [put(shapes.RUN, _run(one), locale) for one in editions],
        "withdrawn": [
            put(shapes.WITHDRAWN, {"unit": one.unit_code, "withdrawn_on": one.on, "reason": one.reason}, locale)
            for one in _withdrawn(editions[0], locale)
        ],
    }
    return put(shapes.ROUND_DETAIL, _round(editions[0], locale), locale, **parts)


def round_units(round_code: str, locale: str) -> Answers:
    """The results of all offices of a round. Raises NotFound."""
    edition = read_edition(round_code)
    rows = rows_of(content_in(edition, locale), tables.SCORES.name)
    return [put(shapes.RESULT, {**row, **_places(edition.round_code, row, locale)}, locale) for row in rows]


def round_unit(round_code: str, unit_code: str, locale: str) -> Answer:
    """The whole result of one office in a round. Raises NotFound; Gone when it was withdrawn."""
    edition = read_edition(round_code)
    own = content_in(edition, locale, unit_code)
    if not own.cards and unit_code in {one.unit_code for one in _withdrawn(edition, locale)}:
        raise Gone(GONE)
    if not own.cards:
        raise NotFound("This office has no published result in this round.")
    (row,) = rows_of(own, tables.SCORES.name)
    parts = {
        name: [put(shape, line, locale) for line in rows_of(own, name)] for name, shape in shapes.FULL_RESULT.parts
    }
    return put(shapes.FULL_RESULT, row, locale, **parts)


def all_units(locale: str) -> Answers:
    """Every office that can be found on the public pages."""
    return _units((unit for category in units.list_units(locale) for unit in category.units), locale)


def services(query: str, locale: str) -> Answers:
    """The offices that do what was asked for, the best fit first; words may be in any of the languages."""
    return _units(units.find_units(query, locale), locale)


def unit_detail(unit_code: str, locale: str) -> Answer:
    """One office, and its result in every published round, the newest first. Raises NotFound."""
    found = units.read_unit(unit_code, locale)
    cards = read_unit_cards(unit_code, locale)
    row = _unit(found.code, str(found.name), str(found.category), locale)
    known: Given = {"services": [str(name) for name in found.services], "is_collecting": found.round is not None}
    results = []
    for card in cards:
        (line,) = rows_of(Content({card.unit_code: {DEFAULT_LOCALE: card, locale: card}}), "scores")
        own = {**line, "round": card.round_code, **_places(card.round_code, line, locale)}
        results.append(put(shapes.UNIT_RESULT, own, locale))
    return put(shapes.UNIT_DETAIL, {**row, **known}, locale, results=results)


def round_method(round_code: str, locale: str) -> Answer:
    """The weights and rules of a published round. Raises NotFound."""
    edition, page = read_edition(round_code), method.read_round_method(round_code, locale)
    if page.scheme is None:
        raise NotFound(NONE)
    row: Given = {
        "round": edition.round_code,
        "title": edition.titles[locale],
        "version": page.scheme.version,
        "digest": page.scheme.digest,
        "adopted_on": page.scheme.adopted_on,
        "adopted_by": page.scheme.adopted_by,
        "scheme": f"{_public()}/data/{edition.round_code}/scheme.json",
        "page": f"{_public()}/{locale}/rounds/{edition.round_code}/method",
    }
    return put(
        shapes.METHOD,
        row,
        locale,
        groups=[
            put(
                shapes.METHOD_GROUP,
                {"group": one.code, "name": one.name, "weight": one.weight, "promise": one.promise},
                locale,
            )
            for one in page.scheme.groups
        ],
        nodes=[
            put(dict(shapes.METHOD.parts)["nodes"], one, locale)
            for one in rows_of(content_in(edition, locale), "weights")
        ],
        bands=[
            put(shapes.METHOD_BAND, {"band": one.letter, "low": one.low, "share": one.share}, locale)
            for one in page.scheme.bands
        ],
    )


def _round(edition: Edition, locale: str) -> Row:
    return {
        "round": edition.round_code,
        "title": edition.titles[locale],
        "period_start": edition.period_start,
        "period_end": edition.period_end,
        "published_on": edition.published_on,
        "run": edition.number,
        "units": edition.units,
        "publication": scheme_of(edition.scheme).publication,
        "data": f"{_public()}/data/{edition.round_code}.zip",
        "url": f"{_public()}{ROOT}/rounds/{edition.round_code}",
        "page": f"{_public()}/{locale}/rounds/{edition.round_code}",
    }


def _withdrawn(edition: Edition, locale: str) -> list[WithdrawnCard]:
    """The cards of these very results that were taken back."""
    return [one for one in withdrawn_cards(locale, edition.round_code) if one.run_number == edition.number]


def _run(edition: Edition) -> Row:
    return {
        "run": edition.number,
        "published_on": edition.published_on,
        "corrected": edition.corrected,
        "data": f"{_public()}/data/{edition.round_code}/runs/{edition.number}.zip",
    }


def _categories(content: Content, locale: str) -> Iterable[Row]:
    found: dict[str, dict[str, Cell]] = {}
    counted: Counter[str] = Counter()
    for said in content.cards.values():
        card = said[locale]
        row: dict[str, Cell] = {"category": card.category_code, "name": card.category_name, "mean": card.category_mean}
        found.setdefault(card.category_code, row)
        counted[card.category_code] += 1
    return ({**row, "units": counted[code]} for code, row in sorted(found.items()))


def _units(found: Iterable[FoundUnit], locale: str) -> Answers:
    rows: list[Given] = [
        {
            **_unit(one.code, str(one.name), str(one.category), locale),
            "services": [str(name) for name in one.services],
            "is_collecting": one.is_collecting,
        }
        for one in found
    ]
    return [put(shapes.UNIT, row, locale) for row in rows]


def _unit(code: str, name: str, category: str, locale: str) -> dict[str, Cell | list[str]]:
    return {
        "unit": code,
        "name": name,
        "category_name": category,
        "url": f"{_public()}{ROOT}/units/{code}",
        "page": f"{_public()}/{locale}/units/{code}",
    }


def _places(round_code: str, row: Row, locale: str) -> Row:
    place = f"rounds/{round_code}/units/{row['unit']}"
    return {"url": f"{_public()}{ROOT}/{place}", "page": f"{_public()}/{locale}/{place}"}


def _public() -> str:
    return str(current_app.config["EVALSYS"].public_url)
