"""The head of a unit reads what her raters say about other units before it is sent; and visits to her own unit."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.i18n import current_locale
from evalsys.services import pairs, visits
from evalsys.web import actor, make_blueprint, notify
from forms.pairs import ReleaseForm

blueprint = make_blueprint("head_release", right="assignment.release", prefix="/head")


@blueprint.get("/release")
def waiting() -> str:
    """Answers that wait for her."""
    return render_template("head/waiting.html", waiting=pairs.list_waiting(actor(), current_locale()))


@blueprint.get("/release/<int:assignment_id>")
def show(assignment_id: int) -> str:
    """The answers of one rater about one unit."""
    page = pairs.read_waiting(actor(), assignment_id, current_locale())
    return render_template("head/release.html", page=page, form=ReleaseForm())


@blueprint.post("/release/<int:assignment_id>")
def decide(assignment_id: int) -> tuple[str, int] | Response:
    """Release the answers, or give them back with a note."""
    form = ReleaseForm(request.form)
    if not form.validate():
        page = pairs.read_waiting(actor(), assignment_id, current_locale())
        return render_template("head/release.html", page=page, form=form), 422
    if form.act.data == "release":
        pairs.release_answers(actor(), assignment_id, now=utc_now())
        notify("The answers are released and sent. They can no longer be changed.")
    else:
        pairs.return_answers(actor(), assignment_id, form.note.data, now=utc_now())
        notify("The answers are given back. The rater sees your note.")
    return redirect(url_for("head_release.waiting"))


@blueprint.get("/rounds/<round_code>/visits")
def evidence(round_code: str) -> str:
    """Visits of supervisors to her own unit in a published round, without names."""
    return render_template("head/visits.html", page=visits.own_evidence(actor(), round_code, current_locale()))
