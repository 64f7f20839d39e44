"""Pages of citizen supervisors: term and area, the form of a visit, declaring a conflict."""

import secrets

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Invalid
from evalsys.i18n import current_locale
from evalsys.services import visits
from evalsys.services.visits import FilledVisit, VisitPage
from evalsys.web import actor, make_blueprint, notify
from forms.assessment import ConflictForm
from forms.base import FieldError, Message
from forms.questionnaire import build_form
from forms.visit import VisitForm

blueprint = make_blueprint("supervisor", right="visit.answer", prefix="/visits")

NONCE_BYTES = 24
Page = tuple[str, int]


@blueprint.get("")
def home() -> str:
    """Her term and area, what she may visit now, and her visits."""
    return render_template("supervisor/home.html", area=visits.area_of(actor(), current_locale(), utc_now().date()))


@blueprint.get("/units/<code>")
def visit(code: str) -> str:
    """An empty form."""
    page = visits.read_visit(actor(), code, current_locale(), now=utc_now())
    return _show(page, _form_class(page)(data={"nonce": secrets.token_urlsafe(NONCE_BYTES)}))


@blueprint.post("/units/<code>")
def send(code: str) -> Page | Response:
    """Take a visit; sent a second time it leads to the same page and adds nothing."""
    if not visits.was_sent(actor(), request.form.get("nonce", "")):
        page = visits.read_visit_to_send(actor(), code, current_locale(), now=utc_now())
        form = _form_class(page)(request.form)
        if not form.validate():
            return _show(page, form, mistakes=_mistakes(form)), 422
        try:
            visits.send_visit(actor(), code, _filled(form), now=utc_now())
        except Invalid as refusal:
            line = FieldError("visited_on", Message(refusal.message, **refusal.params))
            return _show(page, form, mistakes=[line]), refusal.status
    notify("Your visit is stored. Thank you.")
    return redirect(url_for("supervisor.home"))


@blueprint.post("/units/<code>/conflict")
def conflict(code: str) -> Page | Response:
    """Take an office out of her area because of a link to it."""
    form = ConflictForm(request.form)
    page = visits.read_visit_to_send(actor(), code, current_locale(), now=utc_now())
    if not form.validate():
        empty = _form_class(page)(data={"nonce": secrets.token_urlsafe(NONCE_BYTES)})
        return _show(page, empty, conflict_form=form, mistakes=list(form.error_list())), 422
    visits.declare_conflict(actor(), code, form.statement.data, now=utc_now())
    notify("Thank you for telling us. You do not visit this office.")
    return redirect(url_for("supervisor.home"))


def _show(
    page: VisitPage,
    form: VisitForm,
    *,
    conflict_form: ConflictForm | None = None,
    mistakes: list[FieldError] | None = None,
) -> str:
    conflict_form = conflict_form or ConflictForm()
    return render_template(
        "supervisor/visit.html", page=page, form=form, conflict_form=conflict_form, mistakes=mistakes or []
    )


def _form_class(page: VisitPage) -> type[VisitForm]:
    """The one place that turns a questionnaire into the form of a visit."""
    return build_form(page.document, VisitForm)


def _filled(form: VisitForm) -> FilledVisit:
    return FilledVisit(
        codes=form.codes(),
        visited_on=form.visited_on.data,
        place=form.place.data,
        note=form.note.data,
        nonce=form.nonce.data,
        texts={**form.texts(), **form.reasons()},
    )


def _mistakes(form: VisitForm) -> list[FieldError]:
    """The lines of the summary; the hidden number cannot take the focus, so its line leads to the form."""
    return [line._replace(target="form") if line.target == "nonce" else line for line in form.error_list()]
