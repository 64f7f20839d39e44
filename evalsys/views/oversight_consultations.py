"""The desk of a public consultation: open it, publish or hide comments, answer them, conclude."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.consultations import acts, desk
from evalsys.services.consultations.desk import Desk
from evalsys.web import actor, make_blueprint, notify
from forms.consultation import JudgeForm, PlanForm, ReplyForm

blueprint = make_blueprint(
    "oversight_consultations", right="oversight.read", prefix="/oversight/rounds/<round_code>/consultation"
)


@blueprint.get("")
def show(round_code: str) -> str:
    """The consultation of the round, or the form that opens it."""
    page = _desk(round_code)
    return _show(page, PlanForm(data={"ends_on": page.last_day, "has_poll": True}))


@blueprint.post("")
def begin(round_code: str) -> tuple[str, int] | Response:
    """Lay the draft open."""
    require_on_record(actor(), "round.consult", "page:oversight_consultations.begin", now=utc_now())
    page, form = _desk(round_code), PlanForm(request.form)
    if not form.validate():
        return _show(page, form), 422
    plan = acts.Plan(form.ends_on.data, form.has_poll.data)
    try:
        acts.open_consultation(actor(), round_code, plan, now=utc_now())
    except EvalsysError as refusal:
        return _show(page, form, refusal=refusal), refusal.status
    notify("The draft lies open: everybody can read it and comment on it.")
    return _back(round_code)


@blueprint.post("/end")
def conclude(round_code: str) -> Response:
    """End the consultation."""
    acts.conclude_consultation(actor(), round_code, now=utc_now())
    notify("The consultation is concluded. Weights can be approved now.")
    return _back(round_code)


@blueprint.get("/comments/<comment_id>")
def comment(round_code: str, comment_id: str) -> str:
    """One comment, with what is to be decided about it."""
    page = desk.comment_page(actor(), round_code, comment_id, current_locale())
    forms = {"judge": JudgeForm(), "form": ReplyForm(data={"answer": page.comment.answer})}
    return render_template("oversight/consultation_comment.html", page=page, **forms)


@blueprint.post("/comments/<comment_id>")
def judge(round_code: str, comment_id: str) -> tuple[str, int] | Response:
    """Publish a comment as it is, or hide it."""
    require_on_record(actor(), "consultation.answer", "page:oversight_consultations.judge", now=utc_now())
    page = desk.comment_page(actor(), round_code, comment_id, current_locale())
    form = JudgeForm(request.form)
    if not form.validate():
        forms = {"judge": form, "form": ReplyForm(), "mistakes": list(form.error_list())}
        return render_template("oversight/consultation_comment.html", page=page, **forms), 422
    hide_for = "" if form.decision.data == "publish" else form.decision.data
    verdict = acts.Verdict(comment_id, hide_for)
    acts.judge_comment(actor(), round_code, verdict, now=utc_now())
    if hide_for:
        notify("The comment is hidden. Everybody reads that one was hidden, and why.")
        return _back(round_code)
    notify("The comment is public now.")
    return redirect(url_for("oversight_consultations.comment", round_code=round_code, comment_id=comment_id))


@blueprint.post("/comments/<comment_id>/answer")
def reply(round_code: str, comment_id: str) -> tuple[str, int] | Response:
    """Answer a published comment."""
    require_on_record(actor(), "consultation.answer", "page:oversight_consultations.reply", now=utc_now())
    page = desk.comment_page(actor(), round_code, comment_id, current_locale())
    form = ReplyForm(request.form)
    if not form.validate():
        return render_template("oversight/consultation_comment.html", page=page, judge=JudgeForm(), form=form), 422
    acts.answer_comment(actor(), round_code, comment_id, form.answer.data, now=utc_now())
    notify("The answer is public now, beside the comment.")
    return _back(round_code)


def _desk(round_code: str) -> Desk:
    return desk.desk_page(actor(), round_code, current_locale(), utc_now().date())


def _show(page: Desk, form: PlanForm, **more: object) -> str:
    return render_template("oversight/consultation.html", page=page, form=form, **more)


def _back(round_code: str) -> Response:
    return redirect(url_for("oversight_consultations.show", round_code=round_code))
