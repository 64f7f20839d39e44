"""Pages for everybody: finding an office, rating it, the receipt, invitations."""

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale, negotiated_locale
from evalsys.reports.qr import qr_svg
from evalsys.services import collection, credentials, results, timetable, units, wording
from evalsys.services.collection import Ballot, OpenForm
from evalsys.web import make_blueprint, notify
from forms.base import FieldError, Message
from forms.rating import Question, RatingForm, build_rating_form
from forms.search import SearchForm

root = Blueprint("root", __name__)
blueprint = make_blueprint("public", right=None)

INVITATION = "invitation"
Page = tuple[str, int]


@root.get("/")
def negotiate() -> Response:
    """Lead to the front page in the visitor's language."""
    return _negotiated(url_for("public.home", locale=negotiated_locale()))


@root.get("/r/<code>")
def short_link(code: str) -> Response:
    """Where a QR code leads: the form of a unit in the visitor's language."""
    return _negotiated(url_for("public.rating", locale=negotiated_locale(), code=code, via="qr"))


@blueprint.get("/")
def home() -> str:
    """The front page."""
    locale = current_locale()
    return render_template(
        "public/home.html", round=timetable.collecting_round(locale), published=timetable.published_round(locale)
    )


@blueprint.get("/units", endpoint="units")
def list_units() -> str:
    """All units by category, or those that fit a search."""
    form = SearchForm(request.args)
    query = form.q.data if form.validate() else ""
    locale = current_locale()
    if query:
        return render_template("public/units.html", query=query, found=units.find_units(query, locale))
    return render_template("public/units.html", query="", categories=units.list_units(locale))


@blueprint.get("/units/<code>")
def unit(code: str) -> str:
    """One unit: what it does, whether it can be rated, its results."""
    found = units.read_unit(code, current_locale())
    cards = results.read_unit_cards(code, current_locale())
    return render_template("public/unit.html", unit=found, services=found.services, round=found.round, scorecards=cards)


@blueprint.get("/units/<code>/qr.svg")
def unit_qr(code: str) -> Response:
    """The unit's QR code for a poster."""
    found = units.read_unit(code, current_locale())
    address = current_app.config["EVALSYS"].public_url + url_for("root.short_link", code=found.code)
    return Response(qr_svg(address), content_type="image/svg+xml; charset=utf-8")


@blueprint.get("/units/<code>/rating")
def rating(code: str) -> str | Response:
    """An empty form; outside the time of collecting, the page of the unit. Writes nothing."""
    try:
        found = collection.find_form(code)
    except Conflict as closed:
        notify(closed.message)
        return redirect(url_for("public.unit", code=code))
    return _rating_page(found, _form_class(found)())


@blueprint.post("/units/<code>/rating")
def send_rating(code: str) -> str | Page | Response:
    """Take a filled form; the language buttons of the page show it again in another language, unchecked and unsaved."""
    earlier = collection.find_earlier(request.form.get("nonce", ""))
    if earlier:
        return _thanks(earlier)
    found = collection.find_form(code)
    form = _form_class(found)(request.form)
    if "switch" in request.form:
        return _rating_page(found, form)
    if not form.validate():
        return _rating_page(found, form, _mistakes(form)), 422
    try:
        return _thanks(collection.submit_rating(_ballot(found, form), secret=_secret(), now=utc_now()))
    except (Invalid, Conflict) as refusal:
        if refusal.status == Conflict.status:
            session.pop(INVITATION, None)
        return _rating_page(found, form, [_as_mistake(refusal)]), refusal.status


@blueprint.get("/receipts/<receipt>")
def receipt(receipt: str) -> str:
    """Thanks, and proof that the rating is in the box."""
    found = collection.find_receipt(receipt)
    info = timetable.round_info(found.round_code, current_locale())
    return render_template("public/receipt.html", receipt=found.code, round=info)


@blueprint.get("/invitations/<token>")
def invitation(token: str) -> str | Page:
    """Where an invited person lands; looking at it spends nothing, since mail programs open links too."""
    if not credentials.is_usable(token):
        return render_template("public/invitation.html", is_usable=False), 404
    info = timetable.collecting_round(current_locale())
    return render_template("public/invitation.html", is_usable=True, round=info, token=token)


@blueprint.post("/invitations/<token>")
def accept_invitation(token: str) -> Page | Response:
    """Move the token from the address into the cookie, so that it is neither shown nor sent on."""
    if not credentials.is_usable(token):
        return render_template("public/invitation.html", is_usable=False), 404
    session[INVITATION] = token
    notify("Thank you for accepting the invitation. Find the office that you want to rate.")
    return redirect(url_for("public.units"))


@blueprint.get("/privacy")
def privacy() -> str:
    """What is kept of a rating, and what is not."""
    return render_template("public/privacy.html")


@blueprint.get("/accessibility")
def accessibility() -> str:
    """How the pages can be used, and whom to tell when they cannot."""
    return render_template("public/accessibility.html")


def _rating_page(found: OpenForm, form: RatingForm, mistakes: list[FieldError] | None = None) -> str:
    words = wording.read_form_text(found.unit_code, found.round_code, found.questions, current_locale())
    nonce = form.nonce.data or ""
    if not collection.is_own_nonce(found, _secret(), nonce):
        nonce = collection.new_nonce(found, _secret())
    return render_template(
        "public/rating.html",
        unit={"code": found.unit_code, "name": words.unit},
        round={"title": words.round},
        promise="anonymous",
        form=form,
        nonce=nonce,
        questions=words.questions,
        mistakes=mistakes or [],
        via=request.args.get("via"),
    )


def _ballot(found: OpenForm, form: RatingForm) -> Ballot:
    return Ballot(
        form=found,
        codes=form.codes(),
        comment=form.comment.data or "",
        nonce=form.nonce.data,
        channel=request.args.get("via", "web"),
        invitation=session.get(INVITATION, ""),
    )


def _form_class(found: OpenForm) -> type[RatingForm]:
    return build_rating_form([Question(code, points) for code, points in found.questions])


def _thanks(receipt: str) -> Response:
    session.pop(INVITATION, None)
    return redirect(url_for("public.receipt", receipt=receipt))


def _mistakes(form: RatingForm) -> list[FieldError]:
    """The lines of the summary; the hidden number cannot take the focus, so its line leads to the form."""
    return [line._replace(target="form") if line.target == "nonce" else line for line in form.error_list()]


def _as_mistake(refusal: EvalsysError) -> FieldError:
    return FieldError("form", Message(refusal.message, **refusal.params))


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _negotiated(target: str) -> Response:
    response = redirect(target)
    response.vary.update(("Accept-Language", "Cookie"))
    return response
