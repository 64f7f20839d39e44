"""Beside the weights of a round: what the board allows them to be, and how fragile the order is that they make."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services import workbench
from evalsys.services.audit import require_on_record
from evalsys.services.workbench import Bound, BoundsPage, Question
from evalsys.web import actor, make_blueprint, notify
from forms.bounds import BoundForm, bound_name, build_bound_form
from forms.scheme import Family

blueprint = make_blueprint("oversight_bench", right="oversight.read", prefix="/oversight/rounds/<round_code>/weights")


@blueprint.get("/bounds")
def bounds(round_code: str) -> str:
    """The least and the most that each weight may be."""
    page = workbench.bounds_page(actor(), round_code, current_locale())
    return _bounds(page, _form(page, None))


@blueprint.post("/bounds")
def set_bounds(round_code: str) -> tuple[str, int] | Response:
    """Set all bounds of the round."""
    require_on_record(actor(), "bound.set", "page:oversight_bench.set_bounds", now=utc_now())
    page = workbench.bounds_page(actor(), round_code, current_locale())
    form = _form(page, request.form)
    if not form.validate():
        return _bounds(page, form), 422
    wanted = {code: {member: Bound(*pair) for member, pair in one.items()} for code, one in form.bounds().items()}
    try:
        workbench.set_bounds(actor(), round_code, wanted, form.reason.data, now=utc_now())
    except EvalsysError as refusal:
        return _bounds(page, form, refusal=refusal), refusal.status
    notify("The bounds are set. They bind every proposal from now on.")
    return redirect(url_for("oversight_weights.show", round_code=round_code))


@blueprint.get("/fragility")
def fragility(round_code: str) -> str:
    """How little would change the order."""
    version = request.args.get("version", "")
    question = Question(
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 7 else 0,
        first=request.args.get("first", ""),
        second=request.args.get("second", ""),
    )
    page = workbench.fragility_page(actor(), round_code, question, current_locale())
    return render_template("oversight/fragility.html", page=page, question=question)


def _form(page: BoundsPage, sent: Any) -> BoundForm:
    families = [Family(one.code, str(one.name), tuple(m.code for m in one.members)) for one in page.families]
    present = {
        bound_name(side, family, member): getattr(bound, side)
        for family, members in page.bounds.items()
        for member, bound in members.items()
        for side in ("low", "high")
    }
    return build_bound_form(families)(sent, data=present)


def _bounds(page: BoundsPage, form: BoundForm, **more: object) -> str:
    return render_template("oversight/bounds.html", page=page, form=form, bound_name=bound_name, **more)
