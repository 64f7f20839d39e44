"""Taking a filled form: into the box, back to the person with everything kept, or into a draft."""

from typing import Any

from flask import current_app, g, make_response, redirect, request, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Forbidden, Invalid, TooMany
from evalsys.services import collection, guard
from evalsys.services.collection import Ballot, OpenForm
from evalsys.services.kiosks import SESSION_KEY as KIOSK
from evalsys.views.rating.drafts import keep_draft
from evalsys.views.rating.page import (
    GROUP,
    INVITATION,
    Page,
    forget_invitation,
    form_class,
    restore_invitation,
    secret,
    show_form,
)
from evalsys.web import csrf
from forms.base import FieldError, Message, _l
from forms.rating import RatingForm

PUBLIC_CHANNELS = ("web", "qr")
OLD_PAGE = _l(
    "This page was open for very long, or your browser lost its cookie. Your answers are still here: send them again."
)


def refuse_foreign() -> None:
    """No form of ours is taken from another site, whatever token it carries."""
    own = request.host, current_app.config["EVALSYS"].public_url
    origin, fetch_site = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "")
    if request.method == "POST" and guard.is_foreign(origin, fetch_site, own):
        raise Forbidden("This form was sent from another site. Open it here and send it again.")


def send_rating(code: str) -> str | Page | Response:
    """Take a filled form, keep it as a draft, or show it again in another language, unchecked and unsaved."""
    g.keeps_form = True
    restore_invitation()
    try:
        found = collection.find_form(code, session.get(GROUP, ""))
    except Conflict as closed:
        return _thanks_again(closed)
    form = form_class(found)(request.form)
    if "switch" in request.form:
        return show_form(found, form)
    if not _has_own_token():
        return show_form(found, form, [FieldError("form", OLD_PAGE)]), 400
    try:
        if request.form.get("act") == "save" and KIOSK not in session:
            return keep_draft(found)
        if form.validate():
            return _thanks(collection.submit_rating(_ballot(found, form), secret=secret(), now=utc_now()))
        refusal: EvalsysError | None = None
    except (Invalid, Conflict, TooMany) as why:
        refusal = why
    return _refused(found, form, refusal)


def _ballot(found: OpenForm, form: RatingForm) -> Ballot:
    via, token = request.args.get("via", ""), session.get(INVITATION, "")
    return Ballot(
        form=found,
        codes=form.codes(),
        comment=form.comment.data or "",
        nonce=form.nonce.data,
        channel="kiosk" if session.get(KIOSK) else via if via in PUBLIC_CHANNELS else PUBLIC_CHANNELS[0],
        invitation=token,
        draft=token or collection.plain_code(request.form.get("draft", "")),
        texts={**form.texts(), **form.reasons()},
        **_admission(found),
    )


def _admission(found: OpenForm) -> dict[str, Any]:
    """What the guard says to this form: its check inside the transaction, and the mark of the network."""
    kiosk, address, now = session.get(KIOSK), request.remote_addr or "", utc_now()
    if kiosk:
        return {"admit": guard.kiosk_admission(kiosk["place"], kiosk["device"], secret=secret(), now=now)}
    given = request.form.get
    sent = guard.Sent(found.round_id, given("nonce", ""), address, given("homepage", ""), given("puzzle", ""))
    mark = guard.mark_of(guard.network_of(address), found.network_salt, secret())
    return {"admit": guard.admission(sent, secret=secret(), now=now), "network": mark}


def _has_own_token() -> bool:
    """The check that all other forms get before their view is called."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return True
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def _refused(found: OpenForm, form: RatingForm, refusal: EvalsysError | None) -> Response:
    """The same page with everything kept; a form that had arrived before gets its receipt instead."""
    earlier = collection.find_earlier(request.form.get("nonce", ""))
    if earlier:
        return _thanks(earlier)
    if isinstance(refusal, Conflict):
        forget_invitation()
    lines = [_as_mistake(refusal)] if refusal else _mistakes(form)
    page = show_form(found, form, lines, is_full=isinstance(refusal, TooMany))
    response = make_response(page, refusal.status if refusal else Invalid.status)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def _thanks(receipt: str) -> Response:
    forget_invitation()
    return redirect(url_for("public.receipt", receipt=receipt))


def _thanks_again(closed: Conflict) -> Response:
    """The receipt of a form that arrived before its round ended; for all others it is closed."""
    earlier = collection.find_earlier(request.form.get("nonce", ""))
    if not earlier:
        raise closed
    return _thanks(earlier)


def _mistakes(form: RatingForm) -> list[FieldError]:
    """The lines of the summary; the hidden number cannot take the focus, so its line leads to the form."""
    return [line._replace(target="form") if line.target == "nonce" else line for line in form.error_list()]


def _as_mistake(refusal: EvalsysError) -> FieldError:
    return FieldError("form", Message(refusal.message, **refusal.params))
