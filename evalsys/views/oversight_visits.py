"""Supervisors: their terms and areas, and their visits as evidence."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services import visits
from evalsys.services.audit import require_on_record
from evalsys.services.visits import NewTerm, TermsPage
from evalsys.web import actor, make_blueprint, notify
from forms.rowlist import ListForm
from forms.visit import TermForm

blueprint = make_blueprint("oversight_visits", right="oversight.read", prefix="/oversight")

LIST_BYTES = 4 * 1024 * 1024
Page = tuple[str, int]


@blueprint.url_value_preprocessor
def make_room(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a list of terms be as long as its form allows; this comes before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = LIST_BYTES


@blueprint.get("/terms")
def terms() -> str:
    """All terms, and the forms to give new ones."""
    return _page(_terms())


@blueprint.post("/terms")
def give() -> Page | Response:
    """Give a supervisor a term."""
    require_on_record(actor(), "term.manage", "page:oversight_visits.give", now=utc_now())
    page = _terms()
    form = TermForm(request.form, supervisors=[login for login, _ in page.supervisors])
    if not form.validate():
        return _page(page, form=form, mistakes=list(form.error_list())), 422
    new = NewTerm(form.supervisor.data, form.starts_on.data, form.ends_on.data, tuple(sorted(form.unit.data)))
    try:
        visits.give_term(actor(), new, now=utc_now())
    except EvalsysError as refusal:
        return _page(page, form=form, refusal=refusal), refusal.status
    notify("The term is given.")
    return redirect(url_for("oversight_visits.terms"))


@blueprint.post("/terms/list")
def upload() -> str | Page | Response:
    """Show what a list of terms would add, or store it."""
    require_on_record(actor(), "term.manage", "page:oversight_visits.upload", now=utc_now())
    form = ListForm(CombinedMultiDict([request.form, request.files]))
    if not form.validate():
        return _page(_terms(), list_form=form, mistakes=list(form.error_list())), 422
    try:
        if form.list_act.data == "preview":
            return _page(_terms(), list_form=form, preview=visits.preview_terms(actor(), form.rows.data))
        done = visits.import_terms(actor(), form.rows.data, now=utc_now())
    except EvalsysError as refusal:
        return _page(_terms(), list_form=form, refusal=refusal), refusal.status
    numbers = {"added": len(done.fresh), "there": done.there, "rejected": len(done.problems)}
    notify("Stored: %(added)s new terms. There already: %(there)s. Rows left out: %(rejected)s.", **numbers)
    return redirect(url_for("oversight_visits.terms"))


@blueprint.get("/rounds/<round_code>/visits")
def evidence(round_code: str) -> str:
    """All visits of a round, with who made them."""
    page = visits.round_evidence(actor(), round_code, current_locale())
    return render_template("oversight/visits.html", page=page)


def _terms() -> TermsPage:
    return visits.terms_page(actor(), current_locale(), utc_now().date())


def _page(page: TermsPage, **more: Any) -> str:
    forms = {"form": TermForm(), "list_form": ListForm(), "mistakes": []}
    return render_template("oversight/terms.html", page=page, **{**forms, **more})
