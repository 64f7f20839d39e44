"""Adopting weights: proposals side by side, votes, remarks, decisions and the history of it all.

These pages belong to the blueprint of the weights; the application attaches them.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError
from evalsys.i18n import _l, current_locale
from evalsys.services import schemes
from evalsys.services.audit import require_on_record
from evalsys.services.consultations.desk import read_advice
from evalsys.web import actor, notify
from forms.scheme import DecisionForm, RemarkForm, VoteForm

DECIDED = {"approve": _l("These weights are in force now."), "decline": _l("The proposal is declined.")}


def attach(blueprint: Blueprint) -> None:
    """Add these pages to `blueprint`."""
    blueprint.add_url_rule("/proposals", view_func=proposals)
    blueprint.add_url_rule("/proposals/<int:number>", view_func=proposal)
    blueprint.add_url_rule("/proposals/<int:number>/votes", view_func=vote, methods=["POST"])
    blueprint.add_url_rule("/proposals/<int:number>/remarks", view_func=remark, methods=["POST"])
    blueprint.add_url_rule("/proposals/<int:number>/decision", view_func=decide, methods=["POST"])
    blueprint.add_url_rule("/amendments/<int:number>/decision", view_func=decide_amendment, methods=["POST"])
    blueprint.add_url_rule("/weights/history", view_func=history)


def proposals(round_code: str) -> str:
    """All open proposals beside one another."""
    page = schemes.proposals_page(actor(), round_code, current_locale())
    return render_template("oversight/proposals.html", page=page)


def proposal(round_code: str, number: int) -> str:
    """One version of the weights beside the one it replaces, with what was said on it."""
    return _proposal(round_code, number)


def vote(round_code: str, number: int) -> tuple[str, int] | Response:
    """Vote on a proposal, or vote otherwise."""
    require_on_record(actor(), "scheme.vote", "page:oversight_weights.vote", now=utc_now())
    form = VoteForm(request.form)
    if not form.validate():
        return _proposal(round_code, number, vote_form=form), 422
    given = schemes.Vote(round_code, number, form.vote.data, form.vote_reason.data)
    try:
        schemes.cast_vote(actor(), given, now=utc_now())
    except EvalsysError as refusal:
        return _proposal(round_code, number, vote_form=form, refusal=refusal), refusal.status
    notify("Your vote is stored. You may change it until the proposal is decided.")
    return redirect(url_for("oversight_weights.proposal", round_code=round_code, number=number))


def remark(round_code: str, number: int) -> tuple[str, int] | Response:
    """Say something about a proposal."""
    require_on_record(actor(), "scheme.remark", "page:oversight_weights.remark", now=utc_now())
    form = RemarkForm(request.form)
    if not form.validate():
        return _proposal(round_code, number, remark_form=form), 422
    try:
        schemes.add_remark(actor(), round_code, number, form.remark.data, now=utc_now())
    except EvalsysError as refusal:
        return _proposal(round_code, number, remark_form=form, refusal=refusal), refusal.status
    notify("Your remark is stored with your name.")
    return redirect(url_for("oversight_weights.proposal", round_code=round_code, number=number))


def decide(round_code: str, number: int) -> tuple[str, int] | Response:
    """Approve or decline a proposal."""
    return _decide(schemes.decide_proposal, round_code, number)


def decide_amendment(round_code: str, number: int) -> tuple[str, int] | Response:
    """Approve or decline a change of locked weights."""
    return _decide(schemes.decide_amendment, round_code, number)


def history(round_code: str) -> str:
    """Every version with its differences, votes, remarks and decision."""
    page = schemes.history_page(actor(), round_code, current_locale())
    return render_template("oversight/weights_history.html", page=page)


def _decide(act: Any, round_code: str, number: int) -> tuple[str, int] | Response:
    require_on_record(actor(), "scheme.decide", "page:oversight_weights.decide", now=utc_now())
    form = DecisionForm(request.form)
    if not form.validate():
        return _proposal(round_code, number, form=form), 422
    try:
        act(actor(), _decision(round_code, number, form), now=utc_now())
    except EvalsysError as refusal:
        return _proposal(round_code, number, form=form, refusal=refusal), refusal.status
    notify(DECIDED[form.decision.data])
    return redirect(url_for("oversight_rounds.show", round_code=round_code))


def _decision(round_code: str, number: int, form: DecisionForm) -> schemes.Decision:
    return schemes.Decision(
        round_code=round_code,
        number=number,
        is_approved=form.decision.data == "approve",
        reason=form.reason.data,
        public_reason=form.public_reason.data,
        public_locale=form.public_locale.data or current_locale(),
        in_force=form.in_force.data,
    )


def _proposal(round_code: str, number: int, **sent: object) -> str:
    page = schemes.proposal_page(actor(), round_code, number, current_locale())
    own = page.debate.own
    known = {"vote": own.choice, "vote_reason": own.reason} if own else {}
    forms: dict[str, Any] = {
        "form": DecisionForm(data={"in_force": page.in_force, "public_locale": current_locale()}),
        "vote_form": VoteForm(data=known),
        "remark_form": RemarkForm(),
    }
    advice = read_advice(actor(), round_code, current_locale(), utc_now().date(), number)
    forms |= {"advice": advice} | sent
    offered = {"vote_form": page.standing.may_vote, "remark_form": page.standing.may_remark}
    offered["form"] = page.standing.may_decide
    lines = {name: list(forms[name].error_list()) for name in offered}
    if any(lines[name] for name, is_there in offered.items() if not is_there):
        forms["refusal"] = Conflict("This has changed in the meantime. Look at it again.")
    shown = [line for name, is_there in offered.items() if is_there for line in lines[name]]
    return render_template("oversight/proposal.html", page=page, mistakes=shown, **forms)
