"""Pages of the audience "head"."""

from flask import render_template

from evalsys.web import make_blueprint

blueprint = make_blueprint("head", right="unit.read", prefix="/head")


@blueprint.get("")
def home() -> str:
    """The start page."""
    return render_template("head/home.html")
