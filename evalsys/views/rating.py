"""Rating by form, for everybody: the form, the receipt, invitations. Part of the public pages."""

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.drawing import render_once
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services import collection, credentials, timetable, wording
from evalsys.services.collection import Ballot, OpenForm
from evalsys.web import notify
from forms.base import FieldError, Message
from forms.questionnaire import build_form
from forms.rating import RatingForm

INVITATION, GROUP = "invitation", "group"
Page = tuple[str, int]


def attach(blueprint: Blueprint) -> None:
    """Put these pages among those of `blueprint`."""
    for path, view, methods in (
        ("/units/<code>/rating", rating, ["GET"]),
        ("/units/<code>/rating", send_rating, ["POST"]),
        ("/receipts/<receipt>", receipt, ["GET"]),
        ("/invitations/<token>", invitation, ["GET"]),
        ("/invitations/<token>", accept_invitation, ["POST"]),
    ):
        blueprint.add_url_rule(path, view_func=view, methods=methods)


def rating(code: str) -> str | Response:
    """An empty form; outside the time of collecting, the page of the unit. Writes nothing."""
    try:
        found = collection.find_form(code, session.get(GROUP, ""))
    except Conflict as closed:
        notify(closed.message)
        return redirect(url_for("public.unit", code=code))
    return _rating_page(found, _form_class(found)())


def send_rating(code: str) -> str | Page | Response:
    """Take a filled form; the language buttons of the page show it again in another language, unchecked and unsaved."""
    earlier = collection.find_earlier(request.form.get("nonce", ""))
    if earlier:
        return _thanks(earlier)
    found = collection.find_form(code, session.get(GROUP, ""))
    form = _form_class(found)(request.form)
    if "switch" in request.form:
        return _rating_page(found, form)
    if not form.validate():
        return _rating_page(found, form, _mistakes(form)), 422
    try:
        return _thanks(collection.submit_rating(_ballot(found, form), secret=_secret(), now=utc_now()))
    except (Invalid, Conflict) as refusal:
        if refusal.status == Conflict.status:
            _forget_invitation()
        return _rating_page(found, form, [_as_mistake(refusal)]), refusal.status


def receipt(receipt: str) -> str:
    """Thanks, and proof that the rating is in the box."""
    found = collection.find_receipt(receipt)
    info = timetable.round_info(found.round_code, current_locale())
    return render_template("public/receipt.html", receipt=found.code, round=info)


def invitation(token: str) -> str | Page:
    """Where an invited person lands; looking at it spends nothing, since mail programs open links too."""
    if not credentials.group_of(token):
        return render_template("public/invitation.html", is_usable=False), 404
    info = timetable.collecting_round(current_locale())
    return render_template("public/invitation.html", is_usable=True, round=info, token=token)


def accept_invitation(token: str) -> Page | Response:
    """Move the token from the address into the cookie, so that it is neither shown nor sent on."""
    group = credentials.group_of(token)
    if not group:
        return render_template("public/invitation.html", is_usable=False), 404
    session[INVITATION], session[GROUP] = token, group
    notify("Thank you for accepting the invitation. Find the office that you want to rate.")
    return redirect(url_for("public.units"))


def _rating_page(found: OpenForm, form: RatingForm, mistakes: list[FieldError] | None = None) -> str:
    words = wording.read_form_text(found.unit_code, found.round_code, found.document, current_locale())
    nonce = form.nonce.data or ""
    if not collection.is_own_nonce(found, _secret(), nonce):
        nonce = collection.new_nonce(found, _secret(), utc_now())
    return render_once(
        "public/rating.html",
        {"nonce": nonce},
        unit={"code": found.unit_code, "name": words.unit},
        round={"title": words.round},
        promise=found.document.promise or "anonymous",
        form=form,
        shown=words.shown,
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
        texts={**form.texts(), **form.reasons()},
    )


def _form_class(found: OpenForm) -> type[RatingForm]:
    return build_form(found.document, RatingForm)


def _thanks(receipt: str) -> Response:
    _forget_invitation()
    return redirect(url_for("public.receipt", receipt=receipt))


def _mistakes(form: RatingForm) -> list[FieldError]:
    """The lines of the summary; the hidden number cannot take the focus, so its line leads to the form."""
    return [line._replace(target="form") if line.target == "nonce" else line for line in form.error_list()]


def _as_mistake(refusal: EvalsysError) -> FieldError:
    return FieldError("form", Message(refusal.message, **refusal.params))


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _forget_invitation() -> None:
    for name in (INVITATION, GROUP):
        session.pop(name, None)
