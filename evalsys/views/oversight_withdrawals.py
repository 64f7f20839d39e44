"""Withdrawing published scorecards: proposed by one person, decided by another."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.withdrawals import deciding, pages
from evalsys.web import actor, make_blueprint, notify
from forms.quality import ConfirmForm
from forms.withdrawals import WithdrawalForm

blueprint = make_blueprint(
    "oversight_withdrawals", right="oversight.read", prefix="/oversight/rounds/<round_code>/withdrawals"
)

Page = str | tuple[str, int] | Response


@blueprint.get("")
def show(round_code: str) -> str:
    """All withdrawals of a round."""
    page = pages.withdrawals_page(actor(), round_code, current_locale())
    return render_template("oversight/withdrawals/withdrawals.html", page=page)


@blueprint.route("/new", methods=["GET", "POST"])
def propose(round_code: str) -> Page:
    """Propose that a card is withdrawn."""
    require_on_record(actor(), "withdrawal.propose", "page:oversight_withdrawals.propose", now=utc_now())
    page = pages.withdrawals_page(actor(), round_code, current_locale())
    units = [code for code, _name in page.units]
    form = WithdrawalForm(request.form if request.method == "POST" else None, units=units)
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return render_template("oversight/withdrawals/new.html", page=page, form=form), status
    try:
        made = deciding.propose_withdrawal(actor(), round_code, form.unit.data, form.reason.data, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/withdrawals/new.html", page=page, form=form, refusal=refusal), refusal.status
    notify("The withdrawal is proposed. A member of the board decides on it.")
    return redirect(url_for("oversight_withdrawals.withdrawal", round_code=round_code, number=made))


@blueprint.get("/<int:number>")
def withdrawal(round_code: str, number: int) -> str:
    """One withdrawal."""
    page = pages.withdrawal_page(actor(), round_code, number, current_locale())
    return render_template("oversight/withdrawals/withdrawal.html", page=page, form=ConfirmForm())


@blueprint.post("/<int:number>/decision")
def decide(round_code: str, number: int) -> Page:
    """Confirm or decline a withdrawal."""
    require_on_record(actor(), "withdrawal.decide", "page:oversight_withdrawals.decide", now=utc_now())
    form = ConfirmForm(request.form)
    if not form.validate():
        page = pages.withdrawal_page(actor(), round_code, number, current_locale())
        return render_template("oversight/withdrawals/withdrawal.html", page=page, form=form), 422
    decision = deciding.Decision(number, form.decision.data == "confirm", form.reason.data)
    deciding.decide_withdrawal(actor(), round_code, decision, now=utc_now())
    notify("Your decision is stored.")
    return redirect(url_for("oversight_withdrawals.withdrawal", round_code=round_code, number=number))
