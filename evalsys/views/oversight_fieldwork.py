"""The field-work board: how many answers came in, and how many are aimed at."""

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.fieldwork import board, targets
from evalsys.web import actor, make_blueprint, notify
from forms.fieldwork import TargetFileForm, TargetForm

blueprint = make_blueprint(
    "oversight_fieldwork", right="oversight.read", prefix="/oversight/rounds/<round_code>/field-work"
)


@blueprint.get("")
def show(round_code: str) -> str:
    """Counts against targets."""
    return render_template("oversight/fieldwork.html", page=board.board_page(actor(), round_code, current_locale()))


@blueprint.get("/counts.csv")
def counts(round_code: str) -> FlaskResponse:
    """Counts as a file."""
    name, text = board.board_csv(actor(), round_code)
    response = FlaskResponse(text, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.get("/targets")
def aims(round_code: str) -> str:
    """All targets, and forms to set them."""
    return _targets(round_code)


@blueprint.post("/targets")
def set_target(round_code: str) -> str | tuple[str, int] | Response:
    """Set or take away one target."""
    require_on_record(actor(), "target.set", "page:oversight_fieldwork.set_target", now=utc_now())
    form = _form(round_code, request.form)
    if not form.validate():
        return _targets(round_code, form=form), 422
    aim = targets.Aim(
        form.group.data, form.stratum.data or "", form.unit.data or "", form.option.data, form.number.data
    )
    try:
        targets.set_target(actor(), round_code, aim, now=utc_now())
    except EvalsysError as refusal:
        return _targets(round_code, form=form, refusal=refusal), refusal.status
    notify("The target is stored.")
    return redirect(url_for("oversight_fieldwork.aims", round_code=round_code))


@blueprint.post("/targets/file")
def load_targets(round_code: str) -> str | tuple[str, int] | Response:
    """Set the targets of a file."""
    require_on_record(actor(), "target.set", "page:oversight_fieldwork.load_targets", now=utc_now())
    form = TargetFileForm(request.files)
    if not form.validate():
        return _targets(round_code, file_form=form), 422
    try:
        number = targets.load_targets(actor(), round_code, form.content, now=utc_now())
    except EvalsysError as refusal:
        return _targets(round_code, file_form=form, refusal=refusal), refusal.status
    notify("Targets stored: %(number)s.", number=number)
    return redirect(url_for("oversight_fieldwork.aims", round_code=round_code))


def _form(round_code: str, sent: object) -> TargetForm:
    known = targets.target_page(actor(), round_code, current_locale())
    strata = sorted({code for part in known.groups for code, _name in part.strata})
    return TargetForm(
        sent,
        groups=[one.code for one in known.groups],
        strata=strata,
        units=[code for code, _name in known.units],
    )


def _targets(round_code: str, **more: object) -> str:
    page = targets.target_page(actor(), round_code, current_locale())
    known = {"form": _form(round_code, None), "file_form": TargetFileForm(), "refusal": None, **more}
    return render_template("oversight/targets.html", page=page, **known)
