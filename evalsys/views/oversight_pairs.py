"""Who rates whom: the assignments of a round, their list, their draw, reminders, the head's release."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services import pairs
from evalsys.services.audit import require_on_record
from evalsys.web import actor, make_blueprint, notify
from forms.pairs import DrawForm, ReleaseOptionForm, WithdrawForm
from forms.rowlist import ListForm

blueprint = make_blueprint("oversight_pairs", right="oversight.read", prefix="/oversight/rounds/<round_code>")

LIST_BYTES = 4 * 1024 * 1024
Page = tuple[str, int]


@blueprint.url_value_preprocessor
def make_room(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a list of pairs be as long as its form allows; this comes before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = LIST_BYTES


@blueprint.get("/assignments")
@blueprint.get("/assignments/<group>")
def show(round_code: str, group: str = "") -> str:
    """Who is asked about whom, and how far they are."""
    return _page(round_code, group)


@blueprint.post("/assignments/<group>/list")
def upload(round_code: str, group: str) -> str | Page | Response:
    """Show what a list would add, or store it."""
    require_on_record(actor(), "assignment.draw", f"round:{round_code}"[:100], now=utc_now())
    form = ListForm(CombinedMultiDict([request.form, request.files]))
    if not form.validate():
        return _page(round_code, group, list_form=form, mistakes=list(form.error_list())), 422
    try:
        if form.list_act.data == "preview":
            seen = pairs.preview_pairs(actor(), round_code, group, form.rows.data, current_locale())
            return _page(round_code, group, list_form=form, preview=seen)
        done = pairs.upload_pairs(actor(), round_code, group, form.rows.data, now=utc_now())
    except EvalsysError as refusal:
        return _page(round_code, group, list_form=form, refusal=refusal), refusal.status
    notify(
        "Stored: %(added)s new pairs. There already: %(there)s. Rows left out: %(rejected)s.",
        added=done.added,
        there=done.there,
        rejected=done.rejected,
    )
    return _back(round_code, group)


@blueprint.post("/assignments/<group>/draw")
def draw(round_code: str, group: str) -> Page | Response:
    """Draw the raters that are missing."""
    require_on_record(actor(), "assignment.draw", f"round:{round_code}"[:100], now=utc_now())
    form = DrawForm(request.form)
    if not form.validate():
        return _page(round_code, group, draw_form=form, mistakes=list(form.error_list())), 422
    order = pairs.DrawOrder(round_code, group, form.each.data, form.seed.data)
    try:
        done = pairs.draw_pairs(actor(), order, now=utc_now())
    except EvalsysError as refusal:
        return _page(round_code, group, draw_form=form, refusal=refusal), refusal.status
    notify("Drawn: %(added)s new pairs. The seed is %(seed)s.", added=done.added, seed=done.seed)
    return _back(round_code, group)


@blueprint.post("/assignments/<group>/withdrawals")
def withdraw(round_code: str, group: str) -> Page | Response:
    """Take assignments back that nobody has begun."""
    require_on_record(actor(), "assignment.draw", f"round:{round_code}"[:100], now=utc_now())
    form = WithdrawForm(request.form)
    if not form.validate():
        return _page(round_code, group, withdraw_form=form, mistakes=list(form.error_list())), 422
    ids = [int(number) for number in form.pair.data]
    try:
        number = pairs.withdraw_assignments(
            actor(), pairs.Withdrawal(round_code, group, ids, form.reason.data), now=utc_now()
        )
    except EvalsysError as refusal:
        return _page(round_code, group, withdraw_form=form, refusal=refusal), refusal.status
    notify("Taken back: %(number)s assignments.", number=number)
    return _back(round_code, group)


@blueprint.post("/assignments/<group>/release")
def set_release(round_code: str, group: str) -> Response:
    """Say whether heads release the answers of their raters."""
    wanted = bool(ReleaseOptionForm(request.form).needs_release.data)
    pairs.set_release(actor(), round_code, group, wanted, now=utc_now())
    if wanted:
        notify("Heads release the answers of their raters in this round.")
    else:
        notify("Answers of this group are sent without a release.")
    return _back(round_code, group)


@blueprint.post("/assignments/<group>/reminders")
def remind(round_code: str, group: str) -> Response:
    """Write to the raters who have something open."""
    done = pairs.remind_raters(actor(), round_code, group, now=utc_now())
    notify("Mails on their way: %(number)s. Reminded less than 3 days ago: %(resting)s.", **_numbers(done))
    if done.unreachable:
        notify("Without an address, tell them yourself: %(names)s.", names=", ".join(done.unreachable))
    return _back(round_code, group)


def _numbers(done: pairs.Reminded) -> dict[str, object]:
    return {"number": done.number, "resting": done.resting}


def _page(round_code: str, group: str, **more: Any) -> str:
    page = pairs.pairs_page(actor(), round_code, group, current_locale())
    forms = {
        "list_form": ListForm(),
        "draw_form": DrawForm(),
        "withdraw_form": WithdrawForm(),
        "option_form": ReleaseOptionForm(data={"needs_release": page.needs_release}),
        "mistakes": [],
    }
    return render_template("oversight/pairs.html", page=page, **{**forms, **more})


def _back(round_code: str, group: str) -> Response:
    return redirect(url_for("oversight_pairs.show", round_code=round_code, group=group))
