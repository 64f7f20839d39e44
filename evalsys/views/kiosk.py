"""Kiosk mode: a device that shows one unit's form to one person after the other, and the analyst's switch for it."""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, session, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict
from evalsys.i18n import LOCALE_COOKIE, LOCALES, current_locale
from evalsys.services import collection, kiosks
from evalsys.services.kiosks import SESSION_KEY
from evalsys.web import actor, make_blueprint, notify

# What a kiosk may show. Signing in ends kiosk mode, so that only staff can leave it.
INSIDE = {"static", "kiosk.start", "kiosk.welcome", "public.rating", "public.send_rating", "public.receipt"}
STAFF = {"account.sign_in"}

device = Blueprint("kiosk", __name__)
blueprint = make_blueprint("oversight_kiosks", right="place.manage", prefix="/oversight/kiosks")


@device.before_app_request
def keep_inside() -> Response | None:
    """A device in kiosk mode stays with its unit's form; when its kiosk was turned off it is an ordinary browser."""
    if request.endpoint == "static" or SESSION_KEY not in session:
        return None
    kept = session[SESSION_KEY]
    if not kiosks.is_on(kept):
        session.clear()
        return redirect(url_for("root.negotiate"))
    is_own = (request.view_args or {}).get("code", kept["unit"]) == kept["unit"]
    if request.endpoint in STAFF or (request.endpoint in INSIDE and is_own):
        return None
    return redirect(url_for("kiosk.welcome"))


@device.app_context_processor
def tell_pages() -> dict[str, object]:
    """Every page knows whether it is shown on a kiosk."""
    return {"kiosk": SESSION_KEY in session}


@device.get("/k/<secret>")
def start(secret: str) -> Response:
    """Put this browser into kiosk mode; the address is opened once on the device, or whenever it starts."""
    begun = kiosks.begin(secret)
    session.clear()
    session[SESSION_KEY] = begun
    return redirect(url_for("kiosk.welcome"))


@device.get("/kiosk")
def welcome() -> Response:
    """The first page for the next person: choose a language. Nothing of the person before is left in the browser."""
    kept = session.get(SESSION_KEY)
    if kept is None:
        return redirect(url_for("root.negotiate"))
    session.clear()
    session[SESSION_KEY] = kept
    is_open = kept["unit"] in collection.open_units()
    said = {locale: _said_in(locale, is_open) for locale in LOCALES}
    response = make_response(render_template("public/kiosk.html", unit=kept["unit"], is_open=is_open, said=said))
    response.delete_cookie(LOCALE_COOKIE)
    return response


def _said_in(locale: str, is_open: bool) -> str:
    with force_locale(locale):
        if is_open:
            return str(gettext("Rate this office"))
        return str(gettext("Ratings of this office are not being collected at the moment."))


@blueprint.get("")
def kiosk_list() -> str:
    """The service points and their kiosks."""
    return render_template("oversight/kiosks.html", places=kiosks.list_kiosks(actor(), current_locale()), address="")


@blueprint.post("/<code>")
def turn(code: str) -> str | Response:
    """Turn a kiosk on, or on anew, and show its address this once; or turn it off."""
    if request.form.get("act") == "off":
        kiosks.turn_off(actor(), code, now=utc_now())
        notify("The kiosk is turned off. Its devices show ordinary pages again.")
        return redirect(url_for("oversight_kiosks.kiosk_list"))
    if request.form.get("act") != "on":
        raise Conflict("Choose whether the kiosk is turned on or off.")
    address = current_app.config["EVALSYS"].public_url + url_for(
        "kiosk.start", secret=kiosks.turn_on(actor(), code, now=utc_now())
    )
    places = kiosks.list_kiosks(actor(), current_locale())
    return render_template("oversight/kiosks.html", places=places, address=address, chosen=code)
