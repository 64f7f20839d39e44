"""The page with the form of a unit: empty, filled again after a mistake, or as a draft was left."""

from flask import current_app, redirect, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.drawing import render_drawn, render_once
from evalsys.errors import Conflict
from evalsys.i18n import current_locale
from evalsys.services import collection, credentials, guard, wording
from evalsys.services.collection import KeptForm, OpenForm
from evalsys.services.kiosks import SESSION_KEY as KIOSK
from evalsys.web import notify
from forms.base import FieldError
from forms.questionnaire import build_form
from forms.rating import RatingForm

INVITATION, GROUP, DRAFT_OF = "invitation", "group", "draft_of"
Page = tuple[str, int]


def rating(code: str) -> str | Response:
    """An empty form, or the draft of an invited person; outside the time of collecting, the page of the unit."""
    try:
        found = collection.find_form(code, session.get(GROUP, ""))
    except Conflict as closed:
        return to_unit(code, closed)
    has_draft = session.get(DRAFT_OF) == code
    kept = collection.find_draft(session.get(INVITATION, ""), now=utc_now()) if has_draft else None
    return show_form(found, form_class(found)(filled(kept) if kept else None))


def show_form(
    found: OpenForm,
    form: RatingForm,
    mistakes: list[FieldError] | None = None,
    *,
    draft_code: str = "",
    is_full: bool = False,
) -> str:
    """The page itself, with lines for the error summary; `is_full` adds the other ways to rate."""
    words = wording.read_form_text(found.unit_code, found.round_code, found.document, current_locale())
    nonce = form.nonce.data or ""
    if not collection.is_own_nonce(found, secret(), nonce):
        nonce = collection.new_nonce(found, secret(), utc_now())
    draft = draft_code or request.form.get("draft", "")
    draw = render_drawn if draft or KIOSK in session else render_once
    return draw(
        "public/rating.html",
        {"nonce": nonce, **_guards(nonce)},
        unit={"code": found.unit_code, "name": words.unit},
        round={"title": words.round},
        promise=found.document.promise or "anonymous",
        form=form,
        shown=words.shown,
        mistakes=mistakes or [],
        via=request.args.get("via"),
        draft_code=draft,
        suspended=found.suspended_reason,
        is_full=is_full,
    )


def _guards(nonce: str) -> dict[str, str]:
    """The locked invitation; or the puzzle of an open form, or its solution where the browser has found it already."""
    if session.get(INVITATION):
        return {"invitation_pass": credentials.write_pass(session[INVITATION])}
    if session.get(KIOSK):
        return {}
    sent, now = request.form.get("puzzle", ""), utc_now()
    if guard.is_solved(sent, nonce, secret(), now):
        return {"solution": sent}
    return {"puzzle": guard.make_puzzle(nonce, secret(), now)}


def form_class(found: OpenForm) -> type[RatingForm]:
    """The form class of the questionnaire that is open."""
    return build_form(found.document, RatingForm)


def filled(kept: KeptForm) -> MultiDict[str, str]:
    """The fields of a draft, for the form class."""
    return MultiDict((name, value) for name, values in kept.fields.items() for value in values)


def to_unit(code: str, closed: Conflict) -> Response:
    """Outside the time of collecting: say so on the page of the unit."""
    notify(closed.message)
    return redirect(url_for("public.unit", code=code))


def restore_invitation() -> None:
    """Take the invitation out of the form when the cookie that held it is lost."""
    token = "" if session.get(INVITATION) else credentials.read_pass(request.form.get("pass", ""))
    group = credentials.group_of(token) if token else ""
    if group:
        session[INVITATION], session[GROUP] = token, group


def forget_invitation() -> None:
    """The invitation is used up, or replaced by another one."""
    for name in (INVITATION, GROUP, DRAFT_OF):
        session.pop(name, None)


def secret() -> str:
    """The application's secret."""
    return str(current_app.config["SECRET_KEY"])
