"""What experts do beside their assignments: calibration, and the second look at scores they have sent."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services.assignments import Filled
from evalsys.services.panels import attempts, stages
from evalsys.services.panels.levels import values_of
from evalsys.web import actor, make_blueprint, notify
from forms.assessment import AssessmentForm
from forms.panels import CaseAnswerForm
from forms.questionnaire import build_form

blueprint = make_blueprint("experts", right="calibration.answer", prefix="/panel")

SCORES_BYTES = 192 * 1024  # as much as the assignment's own form may hold

Page = str | tuple[str, int] | Response


@blueprint.url_value_preprocessor
def make_room(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let experts send all that their forms allow; this comes before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = SCORES_BYTES


@blueprint.get("/cases")
def cases() -> str:
    """The calibration cases, and which of them are passed."""
    return render_template("rater/cases.html", cases=attempts.list_cases(actor(), current_locale()))


@blueprint.get("/cases/<int:case_id>")
def case(case_id: int) -> str:
    """One case with the former attempts."""
    page = attempts.read_case(actor(), case_id, current_locale())
    return render_template("rater/case.html", page=page, form=_case_form(page)(), mistakes=[])


@blueprint.post("/cases/<int:case_id>")
def try_case(case_id: int) -> Page:
    """Keep an attempt and show how far it lies from the reference."""
    page = attempts.read_case(actor(), case_id, current_locale())
    form = _case_form(page)(request.form)
    if not form.validate():
        return render_template("rater/case.html", page=page, form=form, mistakes=list(form.error_list())), 422
    scores = values_of(page.document, form.codes())
    if attempts.try_case(actor(), case_id, scores, now=utc_now()):
        notify("You passed this case.")
    else:
        notify("Not close enough yet. Compare your scores with the reference, then try again.")
    return redirect(url_for("experts.case", case_id=case_id))


@blueprint.get("/assignments/<int:assignment_id>/second")
def second(assignment_id: int) -> str:
    """The spread beside her own first scores."""
    page = stages.read_second(actor(), assignment_id, current_locale())
    return _show_second(page, _second_form(page)(MultiDict(page.first)))


@blueprint.post("/assignments/<int:assignment_id>/second")
def send_second(assignment_id: int) -> Page:
    """Hand in a second score."""
    page = stages.read_second(actor(), assignment_id, current_locale())
    sent = request.form.copy()
    sent["act"] = "submit"
    form = _second_form(page)(sent)
    if not form.validate():
        return _show_second(page, form, mistakes=list(form.error_list())), 422
    filled = Filled(form.codes(), reasons=form.reasons(), texts=form.texts())
    try:
        stages.submit_second(actor(), assignment_id, filled, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show_second(page, form, refusal=refusal), refusal.status
    notify("Your second scores are sent. Thank you.")
    return redirect(url_for("rater.assignments"))


def _show_second(
    page: stages.SecondPage, form: AssessmentForm, *, refusal: EvalsysError | None = None, mistakes: Any = ()
) -> str:
    return render_template("rater/second.html", page=page, form=form, refusal=refusal, mistakes=mistakes)


def _second_form(page: stages.SecondPage) -> type[AssessmentForm]:
    return build_form(page.document, AssessmentForm)


def _case_form(page: attempts.CasePage) -> type[CaseAnswerForm]:
    return build_form(page.document, CaseAnswerForm)
