"""Pages for everybody."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from evalsys.i18n import negotiated_locale
from evalsys.web import make_blueprint

root = Blueprint("root", __name__)
blueprint = make_blueprint("public", right=None)


@root.get("/")
def negotiate() -> Response:
    """Lead to the front page in the visitor's language."""
    response = redirect(url_for("public.home", locale=negotiated_locale()))
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@blueprint.get("/")
def home() -> str:
    """The front page."""
    return render_template("public/home.html")
