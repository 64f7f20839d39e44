"""Published results, for everybody: overview of a round, scorecards, their PDFs, and the method.

These pages belong to the blueprint of the public pages; the application attaches them.
"""

from io import BytesIO

from flask import Blueprint, after_this_request, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.i18n import current_locale
from evalsys.reports import charts, marks
from evalsys.services import handouts, results
from evalsys.services import method as methods
from evalsys.services.commitments.pages import promises_of
from evalsys.services.design import rulebook
from evalsys.services.league.overview import read_overview
from evalsys.services.league.standing import read_standing
from evalsys.services.living import read_living_card
from evalsys.services.publication.corrections import list_corrections
from evalsys.services.publication.record import former_card, round_record, unit_record
from evalsys.services.publication.withdrawn import withdrawn_cards
from evalsys.web import let_cache, send_pdf
from forms.league import ChoiceForm

SANDBOX = "sandbox; default-src 'none'"


def attach(blueprint: Blueprint) -> None:
    """Add these pages to `blueprint`."""
    blueprint.add_url_rule("/rounds/<round_code>", view_func=overview)
    blueprint.add_url_rule("/rounds/<round_code>/units/<code>", view_func=scorecard)
    blueprint.add_url_rule("/rounds/<round_code>/units/<code>.pdf", view_func=scorecard_pdf)
    blueprint.add_url_rule("/rounds/<round_code>/units/<code>/poster.pdf", view_func=result_poster)
    blueprint.add_url_rule("/rounds/<round_code>/booklet.pdf", view_func=booklet)
    blueprint.add_url_rule("/rounds/<round_code>/units/<code>/runs/<int:number>", view_func=former_scorecard)
    blueprint.add_url_rule("/rounds/<round_code>/method", view_func=round_method)
    blueprint.add_url_rule("/rounds/<round_code>/method/history", view_func=round_method_history)
    blueprint.add_url_rule("/rounds/<round_code>/rules", view_func=rules)
    blueprint.add_url_rule("/corrections", view_func=corrections)
    blueprint.add_url_rule("/method", view_func=method)
    blueprint.add_url_rule("/method/history", view_func=method_history)


def overview(round_code: str) -> str:
    """All units of a round by peer category."""
    after_this_request(let_cache)
    form = ChoiceForm(request.args)
    order = form.order.data if form.validate() else ""
    page = read_overview(round_code, current_locale())
    known = {
        "categories": read_standing(page, order),
        "rounds": page.others,
        "record": round_record(round_code, current_locale()),
    }
    return render_template("public/overview.html", round=page, order=order, **known)


def scorecard(round_code: str, code: str) -> str | tuple[str, int]:
    """One unit's scorecard; in the place of one that was withdrawn, what everybody may know of it."""
    after_this_request(let_cache)
    form = ChoiceForm(request.args)
    group = form.group.data if form.validate() else ""
    page = read_living_card(round_code, code, group, current_locale())
    if page.withdrawn is not None:
        return render_template("public/withdrawn.html", card=page.card, withdrawn=page.withdrawn), 410
    pdf_url = url_for("public.scorecard_pdf", round_code=round_code, code=code) if page.has_pdf else None
    record = unit_record(round_code, code, current_locale())
    promises = promises_of(code, current_locale(), round_code, now=utc_now())
    known = {"charts": charts, "marks": marks, "pdf_url": pdf_url, "record": record, "promises": promises}
    return render_template("public/scorecard.html", page=page, card=page.card, **known)


def former_scorecard(round_code: str, code: str, number: int) -> str:
    """A scorecard as it was public before it was corrected."""
    after_this_request(let_cache)
    card = former_card(round_code, code, number, current_locale())
    return render_template("public/former_scorecard.html", card=card, charts=charts)


def corrections() -> str:
    """What was corrected or withdrawn of published results, when and why."""
    after_this_request(let_cache)
    known = {"withdrawn": withdrawn_cards(current_locale())}
    return render_template("public/corrections.html", corrections=list_corrections(current_locale()), **known)


def scorecard_pdf(round_code: str, code: str) -> Response:
    """The same scorecard as PDF."""
    after_this_request(let_cache)
    found = results.read_pdf(round_code, code, current_locale())
    return send_pdf(found.path, found.name, found.digest)


def result_poster(round_code: str, code: str) -> Response:
    """One page for the counter of an office."""
    after_this_request(let_cache)
    found = handouts.read_poster(round_code, code, current_locale())
    return send_pdf(found.path, found.name, found.digest)


def booklet(round_code: str) -> Response:
    """All results of a round on paper."""
    after_this_request(let_cache)
    found = handouts.read_booklet(round_code, current_locale())
    return send_pdf(found.path, found.name, found.digest)


def rules(round_code: str) -> Response:
    """The rule document of a round that has been opened, for saving."""
    after_this_request(let_cache)
    found = rulebook.read_public_rules(round_code)
    content, kind = BytesIO(found.content), found.media_type
    response = send_file(content, mimetype=kind, as_attachment=True, download_name=found.name, etag=found.digest)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def method() -> str:
    """How a score is made, with the weights of the newest round."""
    after_this_request(let_cache)
    page = methods.read_method(current_locale())
    history = url_for("public.method_history")
    return render_template("public/method.html", page=page, history_url=history)


def round_method(round_code: str) -> str:
    """How the scores of this round were made."""
    after_this_request(let_cache)
    page = methods.read_round_method(round_code, current_locale())
    history = url_for("public.round_method_history", round_code=round_code)
    return render_template("public/method.html", page=page, history_url=history)


def method_history() -> str:
    """How the weights of the newest round came about."""
    after_this_request(let_cache)
    return render_template("public/method_history.html", page=methods.read_history(current_locale()))


def round_method_history(round_code: str) -> str:
    """How the weights of this round came about."""
    after_this_request(let_cache)
    page = methods.read_round_history(round_code, current_locale())
    return render_template("public/method_history.html", page=page)
