"""What oversight takes along of a published round: charts and workbooks of any unit, and of the whole round."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from evalsys.i18n import current_locale
from evalsys.sending import send_download
from evalsys.services.downloads import cards
from evalsys.services.downloads.workbook import card_book, round_book
from evalsys.web import actor, make_blueprint

blueprint = make_blueprint("oversight_downloads", right="oversight.read", prefix="/oversight/rounds/<round_code>")


@blueprint.get("/downloads")
def show(round_code: str) -> str:
    """The charts and the workbook of the whole round, and the way to each unit's."""
    found = cards.overseen_cards(actor(), round_code, current_locale())
    known = {"cards": found, "card": found[0], "pictures": cards.pictures_of_round(found)}
    book = url_for("oversight_downloads.workbook", round_code=round_code)
    return render_template("downloads/round.html", book_url=book, **known)


@blueprint.get("/downloads/<code>.<kind>")
def chart(round_code: str, code: str, kind: str) -> Response:
    """One chart of the round as a picture."""
    found = cards.overseen_cards(actor(), round_code, current_locale())
    return send_download(cards.round_picture(found, code, kind))


@blueprint.get("/downloads/results.xlsx")
def workbook(round_code: str) -> Response:
    """The whole round as a workbook."""
    return send_download(round_book(cards.overseen_cards(actor(), round_code, current_locale())))


@blueprint.get("/downloads/units/<unit_code>")
def unit(round_code: str, unit_code: str) -> str:
    """The charts and the workbook of one unit."""
    card = cards.overseen_card(actor(), round_code, unit_code, current_locale())
    book = url_for("oversight_downloads.unit_workbook", round_code=round_code, unit_code=unit_code)
    return render_template("downloads/unit.html", card=card, pictures=cards.pictures_of_card(card), book_url=book)


@blueprint.get("/downloads/units/<unit_code>/<code>.<kind>")
def unit_chart(round_code: str, unit_code: str, code: str, kind: str) -> Response:
    """One chart of a unit as a picture."""
    card = cards.overseen_card(actor(), round_code, unit_code, current_locale())
    return send_download(cards.card_picture(card, code, kind))


@blueprint.get("/downloads/units/<unit_code>/results.xlsx")
def unit_workbook(round_code: str, unit_code: str) -> Response:
    """One unit's card as a workbook."""
    return send_download(card_book(cards.overseen_card(actor(), round_code, unit_code, current_locale())))
