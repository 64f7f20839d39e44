"""Accounts: who has one, inviting, changing, a second administrator's word, and lists of people."""

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.staff import changing, lists, pages
from evalsys.services.staff.links import Invited
from evalsys.web import actor, make_blueprint, notify
from forms.quality import ConfirmForm
from forms.rowlist import ListForm
from forms.staff import ChangeForm, InviteForm, PersonForm, ReasonForm

blueprint = make_blueprint("oversight_accounts", right="account.read", prefix="/oversight/accounts")

Page = str | tuple[str, int]


@blueprint.get("")
def show() -> str:
    """Who has an account, and what waits for a second administrator."""
    page = pages.accounts_page(actor(), current_locale())
    return render_template("oversight/staff/accounts.html", page=page, form=ConfirmForm())


@blueprint.route("/new", methods=["GET", "POST"])
def invite() -> Page | Response:
    """Invite somebody."""
    require_on_record(actor(), "account.manage", "page:oversight_accounts.invite", now=utc_now())
    units = pages.offices(current_locale())
    form = InviteForm(request.form if request.method == "POST" else None, units=[code for code, _name in units])
    known = {"form": form, "units": units}
    if request.method == "GET" or not form.validate():
        return render_template("oversight/staff/invite.html", **known), 422 if request.method == "POST" else 200
    try:
        made = changing.invite_person(actor(), form.login.data, _person(form), form.reason.data, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/staff/invite.html", **known, refusal=refusal), refusal.status
    return _handed_over(made)


@blueprint.get("/<int:number>")
def account(number: int) -> Page:
    """One account."""
    page = pages.account_page(actor(), number, current_locale())
    person = page.person
    known = {"name": person.name, "role": person.role, "unit": person.unit, "locale": person.locale}
    return _account(page, data={**known, "is_active": person.is_active})


@blueprint.post("/<int:number>")
def change(number: int) -> Page | Response:
    """Change an account."""
    require_on_record(actor(), "account.manage", "page:oversight_accounts.change", now=utc_now())
    page = pages.account_page(actor(), number, current_locale())
    form = _change_form(request.form)
    if not form.validate():
        return _account(page, form=form), 422
    person = _person(form, is_active=form.is_active.data)
    try:
        is_done = changing.change_person(actor(), number, person, form.reason.data, now=utc_now())
    except EvalsysError as refusal:
        return _account(page, form=form, refusal=refusal), refusal.status
    if is_done:
        notify("The account is changed.")
    else:
        notify("Another administrator has to confirm this.")
    return redirect(url_for("oversight_accounts.account", number=number))


@blueprint.post("/<int:number>/links")
def renew(number: int) -> Page | Response:
    """Give somebody a new link for a new password."""
    require_on_record(actor(), "account.manage", "page:oversight_accounts.renew", now=utc_now())
    form = ReasonForm(request.form)
    if not form.validate():
        return _account(pages.account_page(actor(), number, current_locale()), link_form=form), 422
    return _handed_over(changing.renew_link(actor(), number, form.reason.data, now=utc_now()))


@blueprint.post("/requests/<int:number>")
def decide(number: int) -> Page | Response:
    """Confirm or decline what another administrator asked for."""
    form = ConfirmForm(request.form)
    require_on_record(actor(), "account.manage", "page:oversight_accounts.decide", now=utc_now())
    if not form.validate():
        page = pages.accounts_page(actor(), current_locale())
        return render_template("oversight/staff/accounts.html", page=page, form=form), 422
    decision = changing.Decision(number, form.decision.data == "confirm", form.reason.data)
    made = changing.decide_request(actor(), decision, now=utc_now())
    if made is not None:
        return _handed_over(made)
    notify("Your decision is stored.")
    return redirect(url_for("oversight_accounts.show"))


@blueprint.route("/list", methods=["GET", "POST"])
def bring() -> Page | Response:
    """Invite the people of a list."""
    require_on_record(actor(), "account.manage", "page:oversight_accounts.bring", now=utc_now())
    if request.method == "GET":
        return render_template("oversight/staff/list.html", form=ListForm(), preview=None)
    form = ListForm(CombinedMultiDict([request.form, request.files]))
    if not form.validate():
        return render_template("oversight/staff/list.html", form=form, preview=None), 422
    try:
        if form.list_act.data == "save":
            return _links(lists.invite_people(actor(), form.rows.data, now=utc_now()))
        preview = lists.preview_people(actor(), form.rows.data)
    except EvalsysError as refusal:
        return render_template("oversight/staff/list.html", form=form, preview=None, refusal=refusal), refusal.status
    return render_template("oversight/staff/list.html", form=form, preview=preview)


def _person(form: PersonForm, *, is_active: bool = True) -> changing.Person:
    return changing.Person(form.name.data, form.role.data, form.unit.data or "", form.locale.data, is_active)


def _change_form(sent: object = None, data: dict[str, object] | None = None) -> ChangeForm:
    return ChangeForm(sent, units=[code for code, _name in pages.offices(current_locale())], data=data)


def _account(page: pages.AccountPage, data: dict[str, object] | None = None, **more: object) -> str:
    known = {
        "form": _change_form(data=data),
        "link_form": ReasonForm(),
        "units": pages.offices(current_locale()),
        **more,
    }
    return render_template("oversight/staff/account.html", page=page, **known)


def _handed_over(made: Invited | None) -> Page | Response:
    if made is not None:
        return _links((made,))
    notify("Another administrator has to confirm this.")
    return redirect(url_for("oversight_accounts.show"))


def _links(made: tuple[Invited, ...]) -> str:
    return render_template("oversight/staff/links.html", made=made)
