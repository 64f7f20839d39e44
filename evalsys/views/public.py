"""Pages for everybody: finding an office, what it does, what is kept of a rating."""

from flask import Blueprint, after_this_request, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.i18n import current_locale, negotiated_locale
from evalsys.reports import charts
from evalsys.reports.qr import qr_svg
from evalsys.services import places, posters, results, timetable, units
from evalsys.services.commitments.pages import promises_of
from evalsys.services.consultations.pages import running_consultation
from evalsys.services.league.rounds import newest_rounds
from evalsys.web import let_cache, make_blueprint, send_pdf
from forms.search import SearchForm

root = Blueprint("root", __name__)
blueprint = make_blueprint("public", right=None)


@root.get("/")
def negotiate() -> Response:
    """Lead to the front page in the visitor's language."""
    return _negotiated(url_for("public.home", locale=negotiated_locale()))


@root.get("/r/<code>")
def short_link(code: str) -> Response:
    """Where a QR code leads: the form of a unit or a service point in the visitor's language."""
    link, locale = places.resolve_link(code), negotiated_locale()
    if not link.is_to_form:
        return _negotiated(url_for("public.unit", locale=locale, code=link.unit_code))
    return _negotiated(url_for("public.rating", locale=locale, code=link.unit_code, via="qr"))


@root.get("/i")
def short_invitation() -> Response:
    """The address in letters: where the code of an invitation is typed."""
    return _negotiated(url_for("invitations.type_code", locale=negotiated_locale()))


@blueprint.get("/")
def home() -> str:
    """The front page."""
    locale = current_locale()
    return render_template(
        "public/home.html",
        round=timetable.collecting_round(locale),
        published=timetable.published_round(locale),
        consultation=running_consultation(locale, utc_now().date()),
    )


@blueprint.get("/units", endpoint="units")
def list_units() -> str:
    """All units by category, or those that fit a search."""
    after_this_request(let_cache)
    form = SearchForm(request.args)
    query = form.q.data if form.validate() else ""
    locale = current_locale()
    known = {"query": query, "results": newest_rounds(locale)}
    if query:
        return render_template("public/units.html", found=units.find_units(query, locale), **known)
    return render_template("public/units.html", categories=units.list_units(locale), **known)


@blueprint.get("/units/<code>")
def unit(code: str) -> str:
    """One unit: what it does, whether it can be rated, its results."""
    after_this_request(let_cache)
    found = units.read_unit(code, current_locale())
    cards = results.read_unit_cards(code, current_locale())
    known = {
        "promises": promises_of(code, current_locale(), now=utc_now()),
        "scorecards": cards,
        "rounds": {card.round_code: card.round_title for card in cards},
        "charts": charts,
    }
    return render_template("public/unit.html", unit=found, services=found.services, round=found.round, **known)


@blueprint.get("/units/<code>/qr.svg")
def unit_qr(code: str) -> Response:
    """The unit's QR code for a poster."""
    found = units.read_unit(code, current_locale())
    address = current_app.config["EVALSYS"].public_url + url_for("root.short_link", code=found.code)
    return Response(qr_svg(address), content_type="image/svg+xml; charset=utf-8")


@blueprint.get("/posters/<code>.pdf")
def poster(code: str) -> Response:
    """The poster of a unit or a service point."""
    found = posters.find_poster(code)
    return send_pdf(found.path, found.name, found.digest)


@blueprint.get("/privacy")
def privacy() -> str:
    """What is kept of a rating, and what is not."""
    return render_template("public/privacy.html")


@blueprint.get("/accessibility")
def accessibility() -> str:
    """How the pages can be used, and whom to tell when they cannot."""
    return render_template("public/accessibility.html")


def _negotiated(target: str) -> Response:
    response = redirect(target)
    response.vary.update(("Accept-Language", "Cookie"))
    return response
