"""Operators: ratings entered together with people, paper forms typed in twice, and the paper forms themselves."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import current_app, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services import collection, credentials, entries, wording
from evalsys.services.collection import OpenForm
from evalsys.services.entries import Entry, WaitingPaper
from evalsys.web import actor, make_blueprint, notify
from forms.base import BaseForm, FieldError, Message, _l
from forms.entry import InvitationForm, PaperForm, PrintForm
from forms.fields import LocalisedIntegerField
from forms.questionnaire import build_form
from forms.rating import RatingForm

blueprint = make_blueprint("entry", right="entry.answer", prefix="/entry")

Page = tuple[str, int]
OTHER_QUESTIONS = _l("This invitation has questions of its own. They are shown now: fill them in.")
UNKNOWN_CODE = _l("This invitation cannot be used: it is unknown or was used before. Remove it, or correct it.")
NOT_ANSWERS = ("nonce", "number")


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
        return _show("entry/paper.html", found, form, PaperForm())
    lines = [problem] if problem else [*_lines(head), *_lines(form, may_be_empty=True)]
    if lines:
        return _show("entry/paper.html", found, form, head, lines), 422
    typed = entries.PaperForm(head.number.data, _typed(form, head))
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
    head = InvitationForm(_settled(waiting, {"invitation"} & waiting.names))
    found, problem = _find(waiting.unit_code, head)
    again = entries.ask_again(_words(found).shown, waiting)
    form = _form_class(found)(_settled(waiting, {name for one in again for name in one.names} | waiting.names))
    more: dict[str, Any] = {"waiting": waiting, "again": again, "asked": {one.name: one for one in waiting.differences}}
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
    words = _words(found)
    nonce = request.form.get("nonce", "")
    if not collection.is_own_nonce(found, _secret(), nonce):
        nonce = collection.new_nonce(found, _secret(), utc_now())
    return render_template(
        template,
        unit={"code": found.unit_code, "name": words.unit},
        round={"title": words.round, "closes_on": found.closes_on},
        promise=found.document.promise or "anonymous",
        shown=words.shown,
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
    return Entry(
        found,
        form.codes(),
        form.comment.data or "",
        form.nonce.data or "",
        head.invitation.data,
        texts={**form.texts(), **form.reasons()},
    )


def _typed(*forms: BaseForm) -> Mapping[str, list[str]]:
    """What stands in each field; numbers in Latin digits, so that two ways to write one are no difference."""
    fields = [field for form in forms for field in form if field.raw_data and field.name not in NOT_ANSWERS]
    is_number = {field.name: isinstance(field, LocalisedIntegerField) and field.data is not None for field in fields}
    return {field.name: [str(field.data)] if is_number[field.name] else field.raw_data for field in fields}


def _settled(waiting: WaitingPaper, names: Collection[str]) -> MultiDict[str, str]:
    """What both entries say; on sending, what was filled in now for the fields that were asked again."""
    kept = {name: values for name, values in waiting.agreed.items() if request.method == "GET" or name not in names}
    sent = {name: values for name, values in request.form.lists() if name in names}
    return MultiDict((name, one) for name, values in {**kept, **sent}.items() for one in values)


def _words(found: OpenForm) -> wording.FormText:
    return wording.read_form_text(found.unit_code, found.round_code, found.document, current_locale())


def _form_class(found: OpenForm) -> type[RatingForm]:
    return build_form(found.document, RatingForm)


def _lines(form: BaseForm, *, may_be_empty: bool = False) -> list[FieldError]:
    """What is wrong; on paper a question may have been left out, and stays without an answer."""
    if form.validate():
        return []
    lines = list(form.error_list())
    if not may_be_empty:
        return lines
    fields = [field for field in form.in_page_order() if field.errors]
    wrong = zip(fields, lines, strict=False)
    return [line for field, line in wrong if field.name != "nonce" and _is_filled(form, field.name)]


def _is_filled(form: BaseForm, name: str) -> bool:
    """Whether something stands in a field, or in the boxes beside a score."""
    code = name.removeprefix("q_")
    beside = (f"none_{code}", f"na_{code}") if code != name else ()
    typed = (one for part in (name, *beside) if part in form for one in form[part].raw_data or [])
    return any(map(str.strip, typed))


def _as_line(refusal: EvalsysError) -> FieldError:
    return FieldError("form", Message(refusal.message, **refusal.params))


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
