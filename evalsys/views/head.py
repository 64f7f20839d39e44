"""The head of a unit reads her own unit's results, and no other's: the address names no unit."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.i18n import current_locale
from evalsys.reports import charts
from evalsys.services import results, visits
from evalsys.services.replies.drafts import draft_rounds
from evalsys.web import actor, make_blueprint, send_pdf

blueprint = make_blueprint("head", right="unit.read", prefix="/head")


@blueprint.get("")
def home() -> str:
    """The newest result of the unit and all former ones."""
    page = results.read_own_results(actor(), current_locale())
    drafts = draft_rounds(actor(), current_locale(), now=utc_now())
    return render_template(
        "head/home.html",
        unit=page.unit,
        card=page.newest,
        charts=charts,
        former=page.former,
        pdf_url=None,
        drafts=drafts,
    )


@blueprint.get("/rounds/<round_code>")
def scorecard(round_code: str) -> str | tuple[str, int]:
    """The unit's scorecard of one round."""
    page = results.read_own_card(actor(), round_code, current_locale())
    if page.withdrawn is not None:
        return render_template("public/withdrawn.html", card=page.card, withdrawn=page.withdrawn), 410
    pdf_url = url_for("head.scorecard_pdf", round_code=round_code) if page.has_pdf else None
    has_visits = visits.has_visits(actor(), round_code)
    return render_template("head/scorecard.html", card=page.card, charts=charts, pdf_url=pdf_url, has_visits=has_visits)


@blueprint.get("/rounds/<round_code>/scorecard.pdf")
def scorecard_pdf(round_code: str) -> Response:
    """The unit's scorecard of one round as PDF."""
    found = results.read_own_pdf(actor(), round_code, current_locale())
    return send_pdf(found.path, found.name, found.digest)
