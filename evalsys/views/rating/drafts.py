"""Saving a half-filled form, and coming back to it: without an account, without script, in any language."""

from flask import current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict
from evalsys.services import collection, guard
from evalsys.services.collection import KeptForm, OpenForm
from evalsys.views.rating.page import DRAFT_OF, GROUP, INVITATION, Page, filled, form_class, secret, show_form, to_unit

BY_INVITATION = "invitation"
NOT_KEPT = ("csrf_token", "act", "switch", "puzzle", "homepage", "draft", "pass")


def drafts() -> str | Page | Response:
    """Ask for the code of a saved form."""
    typed = collection.plain_code(request.args.get("code", ""))
    if typed:
        return redirect(url_for("public.draft", code=typed))
    return render_template("public/drafts.html", is_missing=False)


def draft(code: str) -> str | Page | Response:
    """A saved form as it was left, in any language; reading it changes nothing."""
    plain = collection.plain_code(code)
    kept = collection.find_draft(plain, now=utc_now())
    if kept is None:
        return render_template("public/drafts.html", is_missing=True), 404
    try:
        found = collection.find_form(kept.unit_code)
    except Conflict as closed:
        return to_unit(kept.unit_code, closed)
    return show_form(found, form_class(found)(filled(kept)), draft_code=plain)


def saved_draft(code: str) -> str | Page:
    """The form is saved: how to come back to it. Invited people come back by their invitation."""
    token = session.get(INVITATION, "")
    plain = token if code == BY_INVITATION else collection.plain_code(code)
    kept = collection.find_draft(plain, now=utc_now())
    if kept is None:
        return render_template("public/drafts.html", is_missing=True), 404
    address = current_app.config["EVALSYS"].public_url + url_for("public.draft", code=plain)
    return render_template("public/saved.html", code="" if plain == token else plain, address=address, kept=kept)


def keep_draft(found: OpenForm) -> Response:
    """Save the form as it is, unchecked: under the invitation, under its former code, or under a new one."""
    token = session.get(INVITATION, "")
    code = token or collection.plain_code(request.form.get("draft", "")) or collection.new_code()
    fields = {name: values for name, values in request.form.lists() if name not in NOT_KEPT}
    kept = KeptForm(found.unit_code, session.get(GROUP, ""), fields)
    admit = guard.draft_admission(request.remote_addr or "", secret=secret(), now=utc_now())
    collection.save_draft(code, found.round_id, kept, now=utc_now(), admit=admit)
    if token:
        session[DRAFT_OF] = found.unit_code
    return redirect(url_for("public.saved_draft", code=BY_INVITATION if token else code))
