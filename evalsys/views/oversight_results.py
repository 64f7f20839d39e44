"""From draft results to public ones: runs side by side, scoring again, adopting, publishing, and suspending a round."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid, NotFound
from evalsys.i18n import current_locale
from evalsys.services import replies, rounds, runs
from evalsys.services.audit import require_on_record
from evalsys.services.publication.correcting import republish_round
from evalsys.services.publication.page import publication_page
from evalsys.services.replies.board import board_page
from evalsys.services.replies.differences import difference_page
from evalsys.web import LARGEST_ID, actor, make_blueprint, notify
from forms.results import BallotForm, PublicReasonForm

blueprint = make_blueprint("oversight_results", right="oversight.read", prefix="/oversight/rounds/<round_code>")
DIGITS = 10
Page = str | tuple[str, int] | Response


@blueprint.get("/runs/compare")
def compare(round_code: str) -> str:
    """What makes two runs differ."""
    numbers = _number("from"), _number("to")
    page = difference_page(actor(), round_code, numbers, current_locale())
    return render_template("oversight/difference.html", page=page, round_code=round_code)


@blueprint.get("/adoption")
def adoption(round_code: str) -> str:
    """Votes on the newest run, and what keeps it from being adopted."""
    return _adoption(round_code)


@blueprint.post("/adoption/votes")
def vote(round_code: str) -> Page:
    """Take a vote on the newest run."""
    require_on_record(actor(), "result.vote", "page:oversight_results.vote", now=utc_now())
    form = BallotForm(request.form)
    if not form.validate():
        return _adoption(round_code, form=form), 422
    try:
        replies.cast_ballot(actor(), round_code, replies.Ballot(form.choice.data, form.reason.data), now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _adoption(round_code, form=form, refusal=refusal), refusal.status
    notify("Your vote is stored.")
    return redirect(url_for("oversight_results.adoption", round_code=round_code))


@blueprint.post("/adoption")
def adopt(round_code: str) -> Page:
    """Make the newest run final."""
    try:
        replies.adopt_results(actor(), round_code, now=utc_now())
    except Conflict as refusal:
        return _adoption(round_code, refusal=refusal), refusal.status
    notify("The results are adopted. They can be published now.")
    return redirect(url_for("oversight_results.publication", round_code=round_code))


@blueprint.get("/publication")
def publication(round_code: str) -> str:
    """The checks before the scorecards are public."""
    return _publication(round_code)


@blueprint.post("/publication")
def publish(round_code: str) -> Page:
    """Make the newest run public, for the first time or as a correction."""
    try:
        publishing = republish_round if request.form.get("act") == "republish" else runs.publish_round
        batch = publishing(actor(), round_code, now=utc_now())
    except Conflict as refusal:
        return _publication(round_code, refusal=refusal), refusal.status
    notify("The scorecards are public. Their PDFs are being made.")
    return redirect(url_for("oversight.job", batch=batch))


@blueprint.post("/rescoring")
def rescore(round_code: str) -> Page:
    """Score again, for a reason that everybody reads."""
    require_on_record(actor(), "round.score", "page:oversight_results.rescore", now=utc_now())
    form = PublicReasonForm(request.form)
    if not form.validate():
        return _publication(round_code, form=form), 422
    try:
        runs.score_round(actor(), round_code, now=utc_now(), reason=form.reason.data)
    except (Invalid, Conflict) as refusal:
        return _publication(round_code, form=form, refusal=refusal), refusal.status
    notify("The round is scored again. The former run is kept.")
    return redirect(url_for("oversight_rounds.show", round_code=round_code))


@blueprint.post("/reopening")
def reopen(round_code: str) -> Response:
    """Take the adoption of the results back."""
    rounds.reopen_round(actor(), round_code, _reason(), now=utc_now())
    notify("The adoption is taken back. The results can be corrected and voted on again.")
    return redirect(url_for("oversight_results.adoption", round_code=round_code))


@blueprint.post("/suspension")
def suspend(round_code: str) -> Response:
    """Stop everything in the round, for a reason that everybody reads."""
    rounds.suspend_round(actor(), round_code, _reason(), now=utc_now())
    notify("The round is suspended. Everybody reads your reason.")
    return redirect(url_for("oversight_rounds.show", round_code=round_code))


@blueprint.post("/resumption")
def resume(round_code: str) -> Response:
    """Take a suspended round up again."""
    rounds.resume_round(actor(), round_code, _reason(), now=utc_now())
    notify("The round goes on where it stood.")
    return redirect(url_for("oversight_rounds.show", round_code=round_code))


def _reason() -> str:
    """The reason as it was written, empty when it cannot be used: the service then asks for one."""
    form = PublicReasonForm(request.form)
    return str(form.reason.data) if form.validate() else ""


def _number(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS and int(text) <= LARGEST_ID):
        raise NotFound("This run does not exist.")
    return int(text)


def _adoption(round_code: str, *, form: BallotForm | None = None, refusal: EvalsysError | None = None) -> str:
    page = board_page(actor(), round_code, current_locale(), now=utc_now())
    return render_template("oversight/adoption.html", page=page, form=form or BallotForm(), refusal=refusal)


def _publication(round_code: str, *, form: PublicReasonForm | None = None, refusal: EvalsysError | None = None) -> str:
    page = publication_page(actor(), round_code, current_locale())
    return render_template("oversight/publication.html", page=page, form=form or PublicReasonForm(), refusal=refusal)
