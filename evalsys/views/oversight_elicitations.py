"""Weights asked of the board: the questions, one's own answer, the result."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services import elicitations
from evalsys.services.audit import require_on_record
from evalsys.services.elicitations import Questions, Sheet
from evalsys.web import actor, make_blueprint, notify
from forms.elicitation import Part, QuestionForm, SheetForm, build_sheet, kept_fields, pair_name, part_name

blueprint = make_blueprint(
    "oversight_elicitations", right="oversight.read", prefix="/oversight/rounds/<round_code>/elicitations"
)


@blueprint.get("")
def index(round_code: str) -> str:
    """What the board is asked in this round."""
    page = elicitations.questions_page(actor(), round_code, current_locale())
    return _index(page, _question_form(page, None))


@blueprint.post("")
def ask(round_code: str) -> tuple[str, int] | Response:
    """Ask the board for a family of weights."""
    require_on_record(actor(), "elicitation.open", "page:oversight_elicitations.ask", now=utc_now())
    page = elicitations.questions_page(actor(), round_code, current_locale())
    form = _question_form(page, request.form)
    if not form.validate():
        return _index(page, form), 422
    asked = elicitations.Asked(form.family.data, form.method.data)
    try:
        number = elicitations.open_elicitation(actor(), round_code, asked, now=utc_now())
    except EvalsysError as refusal:
        return _index(page, form, refusal=refusal), refusal.status
    notify("The board is asked now. Every member answers on a sheet of her own.")
    return redirect(url_for("oversight_elicitations.show", round_code=round_code, number=number))


@blueprint.get("/<int:number>")
def show(round_code: str, number: int) -> str:
    """One question: who has answered, and the result once it is closed."""
    page = elicitations.question_page(actor(), round_code, number, current_locale())
    return render_template("oversight/elicitations/question.html", page=page)


@blueprint.get("/<int:number>/answer")
def sheet(round_code: str, number: int) -> str:
    """One's own sheet; with the header X-Fragment only what the numbers in the address mean."""
    page = elicitations.sheet_page(actor(), round_code, number, current_locale())
    form = _sheet_form(page, request.args or None)
    trial = elicitations.try_sheet(page, form.body())
    if request.headers.get("X-Fragment"):
        return render_template("oversight/elicitations/trial.html", page=page, trial=trial)
    return _sheet(page, form, trial=trial)


@blueprint.post("/<int:number>/answer")
def answer(round_code: str, number: int) -> str | tuple[str, int] | Response:
    """Show what the answer means, or keep it."""
    page = elicitations.sheet_page(actor(), round_code, number, current_locale())
    form = _sheet_form(page, request.form)
    trial = elicitations.try_sheet(page, form.body())
    if request.form.get("act") == "check":
        return _sheet(page, form, trial=trial)
    if not form.validate():
        return _sheet(page, form, trial=trial), 422
    try:
        elicitations.answer_elicitation(actor(), round_code, number, form.body(), now=utc_now())
    except EvalsysError as refusal:
        return _sheet(page, form, trial=trial, refusal=refusal), refusal.status
    notify("Your answer is kept. You can change it until the question is closed.")
    return redirect(url_for("oversight_elicitations.show", round_code=round_code, number=number))


@blueprint.post("/<int:number>/end")
def close(round_code: str, number: int) -> Response:
    """Take no more answers."""
    elicitations.close_elicitation(actor(), round_code, number, now=utc_now())
    notify("The question is closed. Everybody of the oversight body sees the result now.")
    return redirect(url_for("oversight_elicitations.show", round_code=round_code, number=number))


def _question_form(page: Questions, sent: Any) -> QuestionForm:
    return QuestionForm(sent, families=[one.code for one in page.families], methods=elicitations.METHODS)


def _index(page: Questions, form: QuestionForm, **more: object) -> str:
    return render_template("oversight/elicitations/index.html", page=page, form=form, **more)


def _sheet_form(page: Sheet, sent: Any) -> SheetForm:
    parts = [Part(member.code, str(member.name)) for member in page.question.family.members]
    made = build_sheet(page.question.method, parts, elicitations.SCALE)
    return made(sent, data=kept_fields(page.kept))


def _sheet(page: Sheet, form: SheetForm, **more: object) -> str:
    named = {"part_name": part_name, "pair_name": pair_name, "scale": elicitations.SCALE}
    return render_template("oversight/elicitations/sheet.html", page=page, form=form, **named, **more)
