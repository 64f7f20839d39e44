"""Typing the code of an invitation from a letter."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.services import roll
from evalsys.web import make_blueprint
from forms.roll import CodeForm

blueprint = make_blueprint("invitations", right=None)


@blueprint.get("/invitations")
def type_code() -> str:
    """Where somebody without a camera types her code."""
    return render_template("public/invitation_code.html", form=CodeForm())


@blueprint.post("/invitations")
def take_code() -> tuple[str, int] | Response:
    """Lead to the invitation of this code; an unknown one is told there, in the same words as a used one."""
    form = CodeForm(request.form)
    token = roll.as_token(form.code.data) if form.validate() else ""
    if not token:
        return render_template("public/invitation_code.html", form=form), 422
    return redirect(url_for("public.invitation", token=token))
