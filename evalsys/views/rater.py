"""Pages of peers and experts: what they are asked to rate, and the forms."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services import assignments as tasks
from evalsys.services.assignments import Filled, TaskPage
from evalsys.services.panels import desk
from evalsys.web import actor, make_blueprint, notify
from forms.assessment import AssessmentForm, ConflictForm, PeerForm
from forms.base import FieldError, Message
from forms.questionnaire import build_form

blueprint = make_blueprint("rater", right="assignment.answer", prefix="/assignments")

ASSESSMENT_BYTES = 192 * 1024  # six reasons of 2,000 characters, each of which may take twelve bytes on the way

Page = tuple[str, int]


@blueprint.url_value_preprocessor
def make_room(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let experts send all that their form allows; this comes before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = ASSESSMENT_BYTES


@blueprint.get("")
def assignments() -> str:
    """Everything the rater is asked for."""
    found = tasks.list_tasks(actor(), current_locale())
    return render_template(
        "rater/assignments.html",
        round=found.round,
        assignments=found.tasks,
        done=found.done,
        total=len(found.tasks),
        promise=found.promise,
        desk=desk.read_desk(actor()),
    )


@blueprint.get("/<int:assignment_id>")
def assignment(assignment_id: int) -> str:
    """The form, with what was kept before."""
    page = tasks.read_task(actor(), assignment_id, current_locale())
    return _show(page, _form_class(page)(MultiDict(page.draft) if page.draft else None))


@blueprint.post("/<int:assignment_id>")
def answer(assignment_id: int) -> str | Page | Response:
    """Keep a draft or send the answers, as the pressed button says."""
    page = tasks.read_task_to_answer(actor(), assignment_id, current_locale(), now=utc_now())
    form = _form_class(page)(request.form)
    if not form.validate():
        return _show(page, form, mistakes=list(form.error_list())), 422
    if not form.is_final:
        tasks.save_draft(actor(), assignment_id, _draft(form), now=utc_now())
        notify("Your draft is kept.")
        return redirect(url_for("rater.assignments"))
    try:
        tasks.submit_assignment(actor(), assignment_id, _filled(form), now=utc_now())
    except Invalid as refusal:
        return _show(page, form, mistakes=[_as_mistake(refusal)]), refusal.status
    if page.needs_release:
        notify("Your answers wait for the head of your office, who reads and releases them. Thank you.")
    else:
        notify("Your answers are sent. Thank you.")
    return redirect(url_for("rater.assignments"))


@blueprint.post("/<int:assignment_id>/conflict")
def conflict(assignment_id: int) -> str | Page | Response:
    """Give an assignment back because of a link to the unit."""
    form = ConflictForm(request.form)
    if not form.validate():
        page = tasks.read_task(actor(), assignment_id, current_locale())
        kept = _form_class(page)(MultiDict(page.draft) if page.draft else None)
        return _show(page, kept, conflict_form=form, mistakes=list(form.error_list())), 422
    tasks.declare_conflict(actor(), assignment_id, form.statement.data, now=utc_now())
    notify("Thank you for telling us. You do not rate this office.")
    return redirect(url_for("rater.assignments"))


def _show(
    page: TaskPage,
    form: AssessmentForm,
    *,
    conflict_form: ConflictForm | None = None,
    mistakes: list[FieldError] | None = None,
) -> str:
    return render_template(
        "rater/expert_form.html" if page.is_named else "rater/peer_form.html",
        assignment=page,
        unit={"name": page.unit_name, "services": page.services},
        round={"title": page.round_title, "closes_on": page.closes_on},
        promise=page.promise,
        form=form,
        conflict_form=conflict_form or ConflictForm(),
        mistakes=mistakes or [],
        shown=page.shown,
        beside=desk.read_beside(actor(), page.id),
    )


def _form_class(page: TaskPage) -> type[AssessmentForm]:
    return build_form(page.document, AssessmentForm if page.is_named else PeerForm)


def _draft(form: AssessmentForm) -> dict[str, str]:
    """What was sent, by field, as text: a form made from it shows the same again."""
    return {name: request.form[name] for name in form.data if name in request.form and name != "act"}


def _filled(form: AssessmentForm) -> Filled:
    comment = form.comment.data or "" if isinstance(form, PeerForm) else ""
    return Filled(form.codes(), comment, form.reasons(), form.texts(), _draft(form))


def _as_mistake(refusal: EvalsysError) -> FieldError:
    return FieldError("form", Message(refusal.message, **refusal.params))
