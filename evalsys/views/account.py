"""Signing in and out, and one's password."""

from urllib.parse import urlsplit

from flask import redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Invalid
from evalsys.services import accounts
from evalsys.services.access import Role
from evalsys.services.staff import links
from evalsys.web import SignedIn, actor, forget_session, make_blueprint, notify
from forms.account import FirstPasswordForm, PasswordForm, SignInForm

blueprint = make_blueprint("account", right=None, prefix="/account")

HOME = {
    Role.PEER: "rater.assignments",
    Role.EXPERT: "rater.assignments",
    Role.HEAD: "head.home",
    Role.SUPERVISOR: "supervisor.home",
    Role.OPERATOR: "entry.home",
}


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | tuple[str, int] | Response:
    """Ask for login and password; lead to where the person was going, or to her own start page."""
    form = SignInForm(request.form)
    if request.method == "GET" or not form.validate():
        return render_template("account/sign_in.html", form=form), 422 if request.method == "POST" else 200
    try:
        token, person = accounts.sign_in(form.login.data, form.password.data, request.remote_addr or "", now=utc_now())
    except Invalid as refusal:
        return render_template("account/sign_in.html", form=form, refusal=refusal), refusal.status
    forget_session()
    session.permanent = True
    login_user(SignedIn(token, person))
    home = url_for(HOME.get(person.role, "oversight.home"))
    return redirect(_own_path(request.args.get("next", "")) or home)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session on the server too."""
    if current_user.is_authenticated:
        accounts.sign_out(current_user.token, now=utc_now())
    logout_user()
    forget_session()
    response = redirect(url_for("public.home"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> str | tuple[str, int] | Response:
    """Change one's own password; ends all sessions."""
    if not current_user.is_authenticated:
        return redirect(url_for("account.sign_in", next=request.path))
    form = PasswordForm(request.form)
    if request.method == "GET" or not form.validate():
        return render_template("account/password.html", form=form), 422 if request.method == "POST" else 200
    try:
        accounts.change_password(actor(), form.old.data, form.new.data, now=utc_now())
    except Invalid as refusal:
        return render_template("account/password.html", form=form, refusal=refusal), refusal.status
    forget_session()
    notify("Your password is changed. Sign in with the new one.")
    return redirect(url_for("account.sign_in"))


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
def accept_invitation(token: str) -> str | tuple[str, int] | Response:
    """Set the password of an account that somebody was invited to."""
    found = links.read_invitation(token, now=utc_now())
    form = FirstPasswordForm(request.form)
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return render_template("account/invited.html", form=form, invitation=found), status
    try:
        links.accept_invitation(token, form.new.data, now=utc_now())
    except Invalid as refusal:
        return render_template("account/invited.html", form=form, invitation=found, refusal=refusal), refusal.status
    notify("Your password is set. Sign in with it.")
    return redirect(url_for("account.sign_in"))


def _own_path(target: str) -> str:
    parts = urlsplit(target)
    is_own = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    return target if is_own else ""
