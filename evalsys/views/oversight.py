"""Pages of the audience "oversight"."""

from flask import render_template

from evalsys.web import make_blueprint

blueprint = make_blueprint("oversight", right="oversight.read", prefix="/oversight")


@blueprint.get("")
def home() -> str:
    """The start page."""
    return render_template("oversight/home.html")
