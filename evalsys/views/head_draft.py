"""The draft result of the head's own office: read it, reply, promise, object. The address names no unit."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import LOCALES, current_locale
from evalsys.reports import charts
from evalsys.services import objections, replies
from evalsys.services.audit import require_on_record
from evalsys.services.commitments.making import NewCommitment, last_day, write_commitments
from evalsys.services.evidence.keeping import Sent
from evalsys.services.replies.drafts import DraftPage, draft_page
from evalsys.services.zone import local_day
from evalsys.web import LARGEST_ID, actor, make_blueprint, notify
from forms.commitments import CommitmentsForm
from forms.results import ObjectionForm, ReplyForm

blueprint = make_blueprint("head_draft", right="result.read", prefix="/head/draft/<round_code>")

UPLOAD_BYTES = 32 * 1024 * 1024  # three documents and a little more, so that a page can say what is too large
PARSER_BYTES = 256 * 1024  # pieces of a file wait in the parser, which counts them as a field
MOST_FILES = 3
PREFIX, DIGITS = "objection-", 10
Page = str | tuple[str, int] | Response


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let evidence be larger than other forms; this comes before anything reads the form."""
    if endpoint == "head_draft.raise_objection":
        request.max_content_length, request.max_form_memory_size = UPLOAD_BYTES, PARSER_BYTES


@blueprint.get("")
def show(round_code: str) -> str:
    """The draft scorecard, the last day of the right of reply, the reply and the objections."""
    return _show(round_code)


@blueprint.post("/reply")
def reply(round_code: str) -> Page:
    """Keep what the office says about its result."""
    require_on_record(actor(), "result.reply", "page:head_draft.reply", now=utc_now())
    form = ReplyForm(request.form, languages=LOCALES)
    if not form.validate():
        return _show(round_code, reply_form=form), 422
    words = replies.Words(form.text.data, form.language.data)
    try:
        replies.write_reply(actor(), round_code, words, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, reply_form=form, refusal=refusal), refusal.status
    notify("Your words are stored. You can change them until the last day.")
    return redirect(url_for("head_draft.show", round_code=round_code))


@blueprint.post("/commitments")
def commit(round_code: str) -> Page:
    """Keep what the office commits itself to."""
    require_on_record(actor(), "commitment.make", "page:head_draft.commit", now=utc_now())
    page = draft_page(actor(), round_code, current_locale(), now=utc_now())
    form = _commitments(page, request.form)
    if page.is_open and not form.validate():
        return _show(round_code, promise_form=form), 422
    rows = [NewCommitment(row.text.data, row.topic.data or "", row.owner.data, row.due.data) for row in form.written]
    try:
        write_commitments(actor(), round_code, rows, form.language.data, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, promise_form=form, refusal=refusal), refusal.status
    notify("Your commitments are stored. You can change them until the last day.")
    return redirect(url_for("head_draft.show", round_code=round_code))


@blueprint.post("/objections")
def raise_objection(round_code: str) -> Page:
    """Take an objection with its evidence."""
    require_on_record(actor(), "objection.raise", "page:head_draft.raise_objection", now=utc_now())
    page = draft_page(actor(), round_code, current_locale(), now=utc_now())
    form = ObjectionForm(request.form, prefix=PREFIX, topics=[code for code, _name in page.topics])
    if not form.validate():
        return _show(round_code, objection_form=form), 422
    try:
        new = objections.NewObjection(form.topic.data or "", form.text.data, _chosen(), _files())
        objections.raise_objection(actor(), round_code, new, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, objection_form=form, refusal=refusal), refusal.status
    notify("Your objection is stored. The oversight body decides it and tells you why.")
    return redirect(url_for("head_draft.show", round_code=round_code))


@blueprint.post("/objections/<int:number>/withdrawal")
def withdraw_objection(round_code: str, number: int) -> Page:
    """Take an objection back."""
    objections.withdraw_objection(actor(), round_code, number, now=utc_now())
    notify("Your objection is withdrawn. It stays on record.")
    return redirect(url_for("head_draft.show", round_code=round_code))


def _show(
    round_code: str,
    *,
    reply_form: ReplyForm | None = None,
    objection_form: ObjectionForm | None = None,
    promise_form: CommitmentsForm | None = None,
    refusal: EvalsysError | None = None,
) -> str:
    page = draft_page(actor(), round_code, current_locale(), now=utc_now())
    said = {"text": page.reply, "language": page.reply_locale}
    return render_template(
        "head/draft.html",
        page=page,
        charts=charts,
        reply_form=reply_form or ReplyForm(languages=LOCALES, data=said),
        objection_form=objection_form or ObjectionForm(prefix=PREFIX, topics=[code for code, _name in page.topics]),
        promise_form=promise_form or _commitments(page),
        refusal=refusal,
        chosen=frozenset(request.form.getlist("document")),
        most_files=MOST_FILES,
    )


def _commitments(page: DraftPage, sent: Any = None) -> CommitmentsForm:
    """Those that are stored, or what was sent in their place."""
    today = local_day(utc_now())
    kept = [{"text": one.text, "topic": one.topic, "owner": one.owner, "due": one.due} for one in page.promised]
    row = {"topics": [code for code, _name in page.topics], "days": (today + timedelta(days=1), last_day(today))}
    locale = page.promised[0].locale if page.promised else current_locale()
    return CommitmentsForm(sent, languages=LOCALES, rows=kept, row=row, data={"language": locale})


def _chosen() -> tuple[int, ...]:
    """The documents that were ticked. Raises Invalid for what is no number of a document."""
    ticked = request.form.getlist("document")
    if not all(one.isascii() and one.isdecimal() and len(one) <= DIGITS and int(one) <= LARGEST_ID for one in ticked):
        raise Invalid("Choose documents from the list.")
    return tuple(int(one) for one in ticked)


def _files() -> tuple[Sent, ...]:
    sent = [one for one in request.files.getlist("file") if one.filename]
    if len(sent) > MOST_FILES:
        raise Invalid("Send at most %(most)s documents at once.", {"most": MOST_FILES})
    return tuple(Sent("", one.filename or "", one.read()) for one in sent)
