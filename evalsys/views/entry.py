"""Operators: ratings entered together with people, paper forms typed in twice, and the paper forms themselves."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services import collection, credentials, entries, wording
from evalsys.services.collection import OpenForm
from evalsys.services.entries import Entry
from evalsys.web import actor, make_blueprint, notify
from forms.base import BaseForm, FieldError, Message, _l
from forms.entry import InvitationForm, PaperForm, PrintForm
from forms.rating import Question, RatingForm, build_rating_form

blueprint = make_blueprint("entry", right="entry.answer", prefix="/entry")

Page = tuple[str, int]
OTHER_QUESTIONS = _l("This invitation has questions of its own. They are shown now: fill them in.")
UNKNOWN_CODE = _l("This invitation cannot be used: it is unknown or was used before. Remove it, or correct it.")
NOT_ANSWERS = ("csrf_token", "nonce", "number", "act")


@blueprint.get("")
def home() -> str:
    """What waits, what was entered today, and the offices."""
    return render_template("entry/home.html", page=entries.read_home(actor(), current_locale(), now=utc_now()))


@blueprint.route("/units/<code>/assisted", methods=["GET", "POST"])
def assisted(code: str) -> str | Page | Response:
    """Fill in the form of a unit together with a person."""
    g.keeps_form = True
    head = InvitationForm(request.form)
    found, problem = _find(code, head)
    form = _form_class(found)(request.form)
    if request.method == "GET":
        return _show("entry/assisted.html", found, form, head)
    lines = [problem] if problem else [*_lines(head), *_lines(form)]
    if not lines:
        try:
            entries.enter_rating(actor(), _entry(found, form, head), secret=_secret(), now=utc_now())
        except (Invalid, Conflict) as refusal:
            return _show("entry/assisted.html", found, form, head, [_as_line(refusal)]), refusal.status
        notify("The rating has arrived. Thank you for helping.")
        return redirect(url_for("entry.home"))
    return _show("entry/assisted.html", found, form, head, lines), 422


@blueprint.route("/units/<code>/paper", methods=["GET", "POST"])
def paper(code: str) -> str | Page | Response:
    """Type in a paper form, the first or the second time."""
    g.keeps_form = True
    head = PaperForm(request.form)
    found, problem = _find(code, head)
    form = _form_class(found)(request.form)
    if request.method == "GET":
        return _show("entry/paper.html", found, form, head)
    lines = [problem] if problem else [*_lines(head), *_lines(form, may_be_empty=True)]
    if lines:
        return _show("entry/paper.html", found, form, head, lines), 422
    typed = entries.PaperForm(head.number.data, _typed())
    try:
        state = entries.enter_paper(actor(), typed, _entry(found, form, head), secret=_secret(), now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show("entry/paper.html", found, form, head, [_as_line(refusal)]), refusal.status
    return _after_paper(state, code, typed.number)


@blueprint.route("/papers/<int:paper_id>", methods=["GET", "POST"])
def differences(paper_id: int) -> str | Page | Response:
    """The fields in which two entries of a paper form differ: look at the paper and fill them in again."""
    g.keeps_form = True
    waiting = entries.find_paper(actor(), paper_id)
    fields = MultiDict((name, one) for name, values in waiting.agreed.items() for one in values)
    fields.update((name, one) for name, values in request.form.lists() for one in values if name in waiting.names)
    head = InvitationForm(fields)
    found, problem = _find(waiting.unit_code, head)
    form = _form_class(found)(fields)
    more: dict[str, Any] = {"waiting": waiting, "asked": {one.name: one for one in waiting.differences}}
    if request.method == "GET":
        return _show("entry/differences.html", found, form, head, **more)
    lines = [problem] if problem else [*_lines(head), *_lines(form, may_be_empty=True)]
    if not lines:
        try:
            entries.resolve_paper(actor(), paper_id, _entry(found, form, head), secret=_secret(), now=utc_now())
        except (Invalid, Conflict) as refusal:
            return _show("entry/differences.html", found, form, head, [_as_line(refusal)], **more), refusal.status
        notify("Form %(number)s counts now. Both entries are erased.", number=waiting.number)
        return redirect(url_for("entry.home"))
    return _show("entry/differences.html", found, form, head, lines, **more), 422


@blueprint.get("/units/<code>/print")
def paper_form(code: str) -> str | Page:
    """The paper form of a unit, ready to be printed: one without a number, or numbered copies."""
    ask = PrintForm(request.args)
    is_fine = ask.validate()
    first, copies = (ask.first.data, ask.copies.data or 1) if is_fine else (None, 1)
    numbers = [f"{first + place:06}" for place in range(copies)] if first else [""] * copies
    page = _show(
        "entry/print.html", collection.find_form(code), None, None, list(ask.error_list()), ask=ask, numbers=numbers
    )
    return page, 200 if is_fine else 422


def _find(code: str, head: InvitationForm) -> tuple[OpenForm, FieldError | None]:
    """The form that is meant: that of the invitation's group where one is given, with what is wrong about it."""
    token = head.invitation.data if head.validate() or not head.invitation.errors else ""
    group = credentials.group_of(token) if token else ""
    found = collection.find_form(code, group)
    if token and not group:
        return found, FieldError("invitation", UNKNOWN_CODE)
    nonce = request.form.get("nonce", "")
    if group and nonce and not collection.is_own_nonce(found, _secret(), nonce):
        return found, FieldError("form", OTHER_QUESTIONS)
    return found, None


def _show(
    template: str,
    found: OpenForm,
    form: RatingForm | None,
    head: BaseForm | None,
    lines: list[FieldError] | None = None,
    **more: Any,
) -> str:
    words = wording.read_form_text(found.unit_code, found.round_code, found.questions, current_locale())
    nonce = request.form.get("nonce", "")
    if not collection.is_own_nonce(found, _secret(), nonce):
        nonce = collection.new_nonce(found, _secret(), utc_now())
    return render_template(
        template,
        unit={"code": found.unit_code, "name": words.unit},
        round={"title": words.round, "closes_on": found.closes_on},
        questions=words.questions,
        form=form,
        head=head,
        nonce=nonce,
        mistakes=lines or [],
        **more,
    )


def _after_paper(state: str, code: str, number: str) -> Response:
    if state == "differs":
        notify("The two entries of form %(number)s differ. Look at the paper again.", number=number)
        waiting = {number: paper_id for paper_id, number in entries.list_differences(actor())}
        return redirect(url_for("entry.differences", paper_id=waiting[number]))
    if state == "once":
        notify("Form %(number)s is entered once. Another operator types it in again.", number=number)
    else:
        notify("Form %(number)s is entered twice and counts.", number=number)
    return redirect(url_for("entry.paper", code=code))


def _entry(found: OpenForm, form: RatingForm, head: InvitationForm) -> Entry:
    return Entry(found, form.codes(), form.comment.data or "", form.nonce.data or "", head.invitation.data)


def _typed() -> Mapping[str, list[str]]:
    return {name: values for name, values in request.form.lists() if name not in NOT_ANSWERS}


def _form_class(found: OpenForm) -> type[RatingForm]:
    return build_rating_form([Question(code, points) for code, points in found.questions])


def _lines(form: BaseForm, *, may_be_empty: bool = False) -> list[FieldError]:
    """What is wrong; on paper a question may have been left out, and stays without an answer."""
    if form.validate():
        return []
    lines = list(form.error_list())
    if not may_be_empty:
        return lines
    fields = [field for field in form.in_page_order() if field.errors]
    wrong = zip(fields, lines, strict=False)
    return [line for field, line in wrong if field.name != "nonce" and any(map(str.strip, field.raw_data or []))]


def _as_line(refusal: EvalsysError) -> FieldError:
    return FieldError("form", Message(refusal.message, **refusal.params))


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
