"""The explorer of results: a number down to its answers, units side by side, what matters, gaps, how firm ranks are."""

from flask import Response, render_template, request

from evalsys.errors import Invalid
from evalsys.i18n import current_locale, direction
from evalsys.reports import marks
from evalsys.services.explorer import answers, firmness, gaps, index, peers, periods, priorities
from evalsys.services.explorer.files import Sheet, file_of
from evalsys.web import actor, make_blueprint

blueprint = make_blueprint("oversight_explorer", right="run.read", prefix="/oversight/runs/<int:run_id>")
KIND = "<any(csv,json):kind>"


@blueprint.get("/explore")
def show(run_id: int) -> str:
    """All ways into a run."""
    return _page("index", index.explorer_index(actor(), run_id, current_locale()))


@blueprint.get("/units/<unit_code>/indicators/<indicator>")
def indicator(run_id: int, unit_code: str, indicator: str) -> str:
    """One indicator of one unit down to its answers."""
    return _page("answers", answers.answers_page(actor(), run_id, unit_code, indicator, current_locale()))


@blueprint.get(f"/units/<unit_code>/indicators/<indicator>.{KIND}")
def indicator_file(run_id: int, unit_code: str, indicator: str, kind: str) -> Response:
    """The same as a file."""
    return _file(answers.answers_sheet(actor(), run_id, unit_code, indicator), kind)


@blueprint.get("/compare/<int:other_id>")
def compare(run_id: int, other_id: int) -> str:
    """This run beside another one."""
    return _page("periods", periods.periods_page(actor(), run_id, other_id, current_locale()))


@blueprint.get(f"/compare/<int:other_id>.{KIND}")
def compare_file(run_id: int, other_id: int, kind: str) -> Response:
    """The same as a file."""
    return _file(periods.periods_sheet(actor(), run_id, other_id), kind)


@blueprint.get("/categories/<category>")
def category(run_id: int, category: str) -> str | tuple[str, int]:
    """Units of one category side by side; what was chosen stays when it cannot be shown."""
    chosen = request.args.getlist("unit")
    try:
        page = peers.peers_page(actor(), run_id, category, chosen, current_locale())
    except Invalid as refusal:
        page = peers.peers_page(actor(), run_id, category, (), current_locale())
        return _page("peers", page, chosen=chosen, refusal=refusal), refusal.status
    return _page("peers", page, chosen=chosen or [one.code for one in page.picked])


@blueprint.get(f"/categories/<category>.{KIND}")
def category_file(run_id: int, category: str, kind: str) -> Response:
    """The same as a file."""
    return _file(peers.peers_sheet(actor(), run_id, category, request.args.getlist("unit")), kind)


@blueprint.get("/units/<unit_code>/priorities")
def unit_priorities(run_id: int, unit_code: str) -> str:
    """What matters and how well it goes, in one unit."""
    return _page("priorities", priorities.unit_priorities(actor(), run_id, unit_code, current_locale()))


@blueprint.get(f"/units/<unit_code>/priorities.{KIND}")
def unit_priorities_file(run_id: int, unit_code: str, kind: str) -> Response:
    """The same as a file."""
    return _file(priorities.unit_priorities_sheet(actor(), run_id, unit_code), kind)


@blueprint.get("/categories/<category>/priorities")
def category_priorities(run_id: int, category: str) -> str:
    """What matters and how well it goes, in a category."""
    return _page("priorities", priorities.category_priorities(actor(), run_id, category, current_locale()))


@blueprint.get(f"/categories/<category>/priorities.{KIND}")
def category_priorities_file(run_id: int, category: str, kind: str) -> Response:
    """The same as a file."""
    return _file(priorities.category_priorities_sheet(actor(), run_id, category), kind)


@blueprint.get("/gaps")
def group_gaps(run_id: int) -> str:
    """Where groups judge differently."""
    return _page("gaps", gaps.gaps_page(actor(), run_id, current_locale()))


@blueprint.get(f"/gaps.{KIND}")
def group_gaps_file(run_id: int, kind: str) -> Response:
    """The same as a file."""
    return _file(gaps.gaps_sheet(actor(), run_id), kind)


@blueprint.get("/firmness")
def firm(run_id: int) -> str:
    """How firm the ranks are."""
    return _page("firmness", firmness.firmness_page(actor(), run_id, current_locale()))


@blueprint.get(f"/firmness.{KIND}")
def firm_file(run_id: int, kind: str) -> Response:
    """The ranks as a file."""
    return _file(firmness.firmness_sheet(actor(), run_id), kind)


@blueprint.get(f"/scenarios.{KIND}")
def scenarios_file(run_id: int, kind: str) -> Response:
    """The ranks of every scenario as a file."""
    return _file(firmness.scenarios_sheet(actor(), run_id), kind)


def _page(name: str, page: object, **more: object) -> str:
    rtl = direction(current_locale()) == "rtl"
    return render_template(f"oversight/explorer/{name}.html", page=page, marks=marks, rtl=rtl, **more)


def _file(sheet: Sheet, kind: str) -> Response:
    made = file_of(sheet, kind)
    response = Response(made.text, content_type=made.content_type)
    response.headers.set("Content-Disposition", "attachment", filename=made.name)
    return response
