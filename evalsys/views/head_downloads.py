"""What the head of a unit takes along of her own unit's published cards: charts and a workbook."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from evalsys.i18n import current_locale
from evalsys.sending import send_download
from evalsys.services import results
from evalsys.services.downloads import cards
from evalsys.services.downloads.workbook import card_book
from evalsys.web import actor, make_blueprint

blueprint = make_blueprint("head_downloads", right="unit.read", prefix="/head/rounds/<round_code>")


@blueprint.get("/charts")
def charts(round_code: str) -> str:
    """All charts of the unit's card, and the workbook."""
    card = results.read_own_card(actor(), round_code, current_locale()).shown
    pictures = cards.pictures_of_card(card)
    book = url_for("head_downloads.workbook", round_code=round_code)
    return render_template("downloads/head.html", card=card, pictures=pictures, book_url=book)


@blueprint.get("/charts/<code>.<kind>")
def chart(round_code: str, code: str, kind: str) -> Response:
    """One chart as a picture."""
    card = results.read_own_card(actor(), round_code, current_locale()).shown
    return send_download(cards.card_picture(card, code, kind))


@blueprint.get("/results.xlsx")
def workbook(round_code: str) -> Response:
    """The unit's card as a workbook."""
    return send_download(card_book(results.read_own_card(actor(), round_code, current_locale()).shown))
