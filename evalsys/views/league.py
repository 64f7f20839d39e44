"""Published results side by side, for everybody: two offices, who improved, all rounds, and how to read a result.

These pages belong to the blueprint of the public pages; the application attaches them.
"""

from flask import Blueprint, after_this_request, render_template, request

from evalsys.i18n import current_locale
from evalsys.reports import marks
from evalsys.services.league.comparison import read_comparison
from evalsys.services.league.improvement import read_improvement
from evalsys.services.league.rounds import read_rounds
from evalsys.web import let_cache
from forms.league import ChoiceForm


def attach(blueprint: Blueprint) -> None:
    """Add these pages to `blueprint`."""
    blueprint.add_url_rule("/rounds", view_func=rounds)
    blueprint.add_url_rule("/rounds/<round_code>/compare", view_func=compare)
    blueprint.add_url_rule("/rounds/<round_code>/improved", view_func=improved)
    blueprint.add_url_rule("/how-to-read", view_func=how_to_read)


def rounds() -> str:
    """All rounds with public results."""
    after_this_request(let_cache)
    return render_template("public/rounds.html", rounds=read_rounds(current_locale()))


def compare(round_code: str) -> str:
    """Two offices of one category side by side, or the choice of them."""
    after_this_request(let_cache)
    form = ChoiceForm(request.args)
    one, other = (form.a.data, form.b.data) if form.validate() else ("", "")
    page = read_comparison(round_code, one, other, current_locale())
    return render_template("public/compare.html", page=page)


def improved(round_code: str) -> str:
    """Who improved since the last comparable round, chance apart from change."""
    after_this_request(let_cache)
    page = read_improvement(round_code, current_locale())
    return render_template("public/improved.html", page=page, marks=marks)


def how_to_read() -> str:
    """What the figures of a result mean, with a worked picture."""
    after_this_request(let_cache)
    return render_template("public/how_to_read.html")
