"""Pages of the audience "rater"."""

from flask import render_template

from evalsys.web import make_blueprint

blueprint = make_blueprint("rater", right="assignment.answer", prefix="/assignments")


@blueprint.get("")
def assignments() -> str:
    """The start page."""
    return render_template("rater/assignments.html")
