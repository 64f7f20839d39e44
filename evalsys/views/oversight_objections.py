"""The objections desk: what offices object to, the panel's votes, and decisions."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services import objections
from evalsys.services.audit import require_on_record
from evalsys.services.objections.desk import desk_page, objection_page
from evalsys.web import actor, make_blueprint, notify
from forms.results import JudgementForm

blueprint = make_blueprint(
    "oversight_objections", right="oversight.read", prefix="/oversight/rounds/<round_code>/objections"
)
Page = str | tuple[str, int] | Response


@blueprint.get("")
def index(round_code: str) -> str:
    """All objections of the round."""
    page = desk_page(actor(), round_code, current_locale(), now=utc_now())
    return render_template("oversight/objections.html", page=page)


@blueprint.get("/<int:number>")
def show(round_code: str, number: int) -> str:
    """One objection: text, evidence, figures, votes, decision."""
    return _show(round_code, number)


@blueprint.post("/<int:number>/votes")
def judge(round_code: str, number: int) -> Page:
    """Take a vote of the panel."""
    require_on_record(actor(), "objection.vote", "page:oversight_objections.judge", now=utc_now())
    form = JudgementForm(request.form, prefix="vote-")
    if not form.validate():
        return _show(round_code, number, vote_form=form), 422
    judgement = objections.Judgement(form.outcome.data, form.reason.data)
    try:
        objections.judge_objection(actor(), round_code, number, judgement, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, number, vote_form=form, refusal=refusal), refusal.status
    notify("Your vote is stored.")
    return redirect(url_for("oversight_objections.show", round_code=round_code, number=number))


@blueprint.post("/<int:number>/decision")
def decide(round_code: str, number: int) -> Page:
    """Decide as the votes say."""
    require_on_record(actor(), "objection.decide", "page:oversight_objections.decide", now=utc_now())
    form = JudgementForm(request.form, prefix="decision-")
    if not form.validate():
        return _show(round_code, number, decision_form=form), 422
    judgement = objections.Judgement(form.outcome.data, form.reason.data)
    try:
        objections.rule_on_objection(actor(), round_code, number, judgement, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, number, decision_form=form, refusal=refusal), refusal.status
    notify("The objection is decided. The office reads your reasons.")
    return redirect(url_for("oversight_objections.show", round_code=round_code, number=number))


def _show(
    round_code: str,
    number: int,
    *,
    vote_form: JudgementForm | None = None,
    decision_form: JudgementForm | None = None,
    refusal: EvalsysError | None = None,
) -> str:
    return render_template(
        "oversight/objection.html",
        page=objection_page(actor(), round_code, number, current_locale()),
        vote_form=vote_form or JudgementForm(prefix="vote-"),
        decision_form=decision_form or JudgementForm(prefix="decision-"),
        refusal=refusal,
    )
