"""Pictures for everybody: what stands beside a link to a public page, and the charts of a card.

These pages belong to the blueprint of the public pages; the application attaches them.
"""

from flask import Blueprint, after_this_request, current_app, render_template
from werkzeug.wrappers import Response

from evalsys.i18n import current_locale
from evalsys.reports.pictures.words import in_words
from evalsys.sending import send_download
from evalsys.services import results
from evalsys.services.downloads import cards, sharing
from evalsys.web import let_cache


def attach(blueprint: Blueprint) -> None:
    """Add these pages to `blueprint`, and what its templates say of themselves to other sites."""
    blueprint.add_app_template_filter(in_words)
    blueprint.context_processor(lambda: {"public_url": current_app.config["EVALSYS"].public_url})
    blueprint.add_url_rule("/preview.png", view_func=preview)
    blueprint.add_url_rule("/rounds/<round_code>/preview.png", view_func=round_preview)
    blueprint.add_url_rule("/rounds/<round_code>/units/<code>/preview.png", view_func=card_preview)
    blueprint.add_url_rule("/rounds/<round_code>/units/<code>/charts", view_func=charts)
    blueprint.add_url_rule("/rounds/<round_code>/units/<code>/charts/<chart_code>.<kind>", view_func=chart)


def preview() -> Response:
    """The picture of the front page."""
    after_this_request(let_cache)
    return send_download(sharing.site_preview(current_locale()), is_shown=True)


def round_preview(round_code: str) -> Response:
    """The picture of a round's overview."""
    after_this_request(let_cache)
    return send_download(sharing.round_preview(round_code, current_locale()), is_shown=True)


def card_preview(round_code: str, code: str) -> Response:
    """The picture of a scorecard."""
    after_this_request(let_cache)
    return send_download(sharing.card_preview(round_code, code, current_locale()), is_shown=True)


def charts(round_code: str, code: str) -> str:
    """All charts of a scorecard, to take along."""
    after_this_request(let_cache)
    card = results.read_card(round_code, code, current_locale()).shown
    return render_template("downloads/public.html", card=card, pictures=cards.pictures_of_card(card))


def chart(round_code: str, code: str, chart_code: str, kind: str) -> Response:
    """One chart of a scorecard as a picture."""
    after_this_request(let_cache)
    card = results.read_card(round_code, code, current_locale()).shown
    return send_download(cards.card_picture(card, chart_code, kind))
