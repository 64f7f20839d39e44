"""The cards that somebody may take along, and their pictures. Everything comes from what is public."""

from collections.abc import Sequence

from flask_babel import force_locale

from evalsys.errors import NotFound
from evalsys.reports.pictures.card import Picture, card_pictures
from evalsys.reports.pictures.category import round_pictures
from evalsys.reports.pictures.raster import png_of
from evalsys.reports.scorecard import Scorecard
from evalsys.services import results
from evalsys.services.access import Actor, require
from evalsys.services.downloads.workbook import Download

KINDS = {"png": "image/png", "svg": "image/svg+xml; charset=utf-8"}


def overseen_card(actor: Actor, round_code: str, unit_code: str, locale: str) -> Scorecard:
    """The published card of any unit. Raises Forbidden, NotFound; Gone when it was withdrawn."""
    require(actor, "oversight.read")
    return results.read_card(round_code, unit_code, locale).shown


def overseen_cards(actor: Actor, round_code: str, locale: str) -> list[Scorecard]:
    """All published cards of a round, category by category, each in the order of the overview. Raises NotFound."""
    require(actor, "oversight.read")
    places = {code: place for place, code in enumerate(results.category_order())}
    cards = results.read_cards(round_code, locale)
    return sorted(
        cards, key=lambda card: (places.get(card.category_code, len(places)), card.category_code, _standing(card))
    )


def pictures_of_card(card: Scorecard) -> tuple[Picture, ...]:
    """The pictures of a card, in its language."""
    with force_locale(card.locale):
        return card_pictures(card)


def pictures_of_round(cards: Sequence[Scorecard]) -> tuple[Picture, ...]:
    """The pictures of a round, in the language of its cards."""
    with force_locale(cards[0].locale):
        return round_pictures(cards)


def card_picture(card: Scorecard, code: str, kind: str) -> Download:
    """One picture of a card as a file. Raises NotFound."""
    return _file(pictures_of_card(card), card.reference, (code, kind), card.locale)


def round_picture(cards: Sequence[Scorecard], code: str, kind: str) -> Download:
    """One picture of a round as a file. Raises NotFound."""
    first = cards[0]
    return _file(pictures_of_round(cards), f"{first.round_code}-{first.locale}", (code, kind), first.locale)


def _file(pictures: Sequence[Picture], stem: str, name: tuple[str, str], locale: str) -> Download:
    code, kind = name
    found = next((one for one in pictures if one.code == code), None)
    if found is None or kind not in KINDS:
        raise NotFound("This picture does not exist.")
    with force_locale(locale):
        svg = found.draw()
    content = png_of(svg) if kind == "png" else svg.encode()
    return Download(f"{stem}-{code}.{kind}", content, KINDS[kind])


def _standing(card: Scorecard) -> tuple[int, int, str]:
    place = 0 if card.rank is not None else 1 if card.is_shown or card.is_graded else 2
    return place, card.rank or 0, card.unit_code
