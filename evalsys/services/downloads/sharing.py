"""The pictures that other sites show beside a link to a public page."""

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from evalsys.i18n import direction
from evalsys.reports.pictures.raster import png_of
from evalsys.reports.pictures.share import draw_notice, draw_share
from evalsys.services import results
from evalsys.services.content import body_name
from evalsys.services.downloads.workbook import Download

PNG = "image/png"


def card_preview(round_code: str, unit_code: str, locale: str) -> Download:
    """The picture of a public card. Raises NotFound; Gone when it was withdrawn."""
    card = results.read_card(round_code, unit_code, locale).shown
    with force_locale(locale):
        return Download(f"{card.reference}.png", png_of(draw_share(card)), PNG)


def round_preview(round_code: str, locale: str) -> Download:
    """The picture of a round's overview. Raises NotFound."""
    cards = results.read_cards(round_code, locale)
    with force_locale(locale):
        number = len(cards)
        said = ngettext("The results of %(num)s office.", "The results of %(num)s offices.", number)
        said += " " + _("Offices are compared only with offices that do similar work.")
        svg = draw_notice(direction(locale), cards[0].body_name, cards[0].round_title, said)
    return Download(f"{round_code}.png", png_of(svg), PNG)


def site_preview(locale: str) -> Download:
    """The picture of the front page."""
    with force_locale(locale):
        body = body_name(locale, str(current_app.config["EVALSYS"].body_name))
        title = _("How well do public offices serve you?")
        said = _("Rate an office in one minute. See how every office scores, and why.")
        return Download("preview.png", png_of(draw_notice(direction(locale), str(body), title, said)), PNG)
