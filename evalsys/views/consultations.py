"""Consultations for everybody, without an account: the draft in plain words, comments with answers, the poll."""

from collections.abc import Callable
from typing import Any

from flask import current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, TooMany
from evalsys.i18n import current_locale
from evalsys.services import guard
from evalsys.services.consultations import pages, sending
from evalsys.services.consultations.pages import ConsultationPage
from evalsys.services.consultations.sending import Comment, Posted
from evalsys.web import make_blueprint, notify
from forms.consultation import IMPORTANCE, CommentForm, OpenForm, PollForm, build_poll_form, importance_name

blueprint = make_blueprint("consultations", right=None, prefix="/consultations")


@blueprint.get("")
def index() -> str:
    """All consultations, open ones and past ones."""
    found = pages.list_consultations(current_locale(), utc_now().date())
    return render_template("public/consultations.html", consultations=found)


@blueprint.get("/<round_code>")
def show(round_code: str) -> str:
    """One draft, and what was said about it."""
    return render_template("public/consultation.html", page=_page(round_code))


@blueprint.get("/<round_code>/comment")
def comment(round_code: str) -> str | Response:
    """An empty form for a comment, about a part if the address names one."""
    page = _page(round_code)
    if not page.line.is_open:
        return _over(page)
    return _comment_form(page, CommentForm(data={"topic": request.args.get("topic", "")}, topics=_topics(page)))


@blueprint.post("/<round_code>/comment")
def send_comment(round_code: str) -> Response:
    """Take a comment, or show it again with everything kept."""
    page = _page(round_code)
    form = CommentForm(request.form, topics=_topics(page))

    def send(posted: Posted) -> None:
        said = Comment(form.topic.data or "", form.text.data)
        sending.send_comment(posted, said, secret=_secret(), now=utc_now())

    return _take(page, form, send, lambda **more: _comment_form(page, form, **more))


@blueprint.get("/<round_code>/poll")
def poll(round_code: str) -> str | Response:
    """An empty form of the poll."""
    page = _page(round_code)
    if not (page.line.is_open and page.has_poll and page.asked):
        return _over(page)
    return _poll_form(page, _poll_class(page)())


@blueprint.post("/<round_code>/poll")
def send_poll(round_code: str) -> Response:
    """Take somebody's weights, or show the form again with everything kept."""
    page = _page(round_code)
    form = _poll_class(page)(request.form)

    def send(posted: Posted) -> None:
        sending.send_poll(posted, form.importance(), secret=_secret(), now=utc_now())

    return _take(page, form, send, lambda **more: _poll_form(page, form, **more))


def _take(
    page: ConsultationPage, form: OpenForm, send: Callable[[Posted], None], again: Callable[..., str]
) -> Response:
    if not form.validate():
        return make_response(again(), 422)
    try:
        send(_posted(page, form))
    except EvalsysError as refusal:
        answer = make_response(again(refusal=refusal), refusal.status)
        if isinstance(refusal, TooMany):
            answer.headers["Retry-After"] = str(refusal.seconds)
        return answer
    notify("Thank you. It has arrived. Comments appear here once the oversight body has published them.")
    return redirect(url_for("consultations.show", round_code=page.line.round_code))


def _posted(page: ConsultationPage, form: OpenForm) -> Posted:
    given, now = request.form.get, utc_now()
    sent = guard.Sent(page.id, form.nonce.data, request.remote_addr or "", given("homepage", ""), given("puzzle", ""))
    admit = guard.admission(sent, secret=_secret(), now=now, door=guard.CONSULTATION)
    return Posted(page.id, form.nonce.data, admit)


def _comment_form(page: ConsultationPage, form: CommentForm, **more: Any) -> str:
    return render_template("public/consultation_comment.html", page=page, form=form, **_guards(page, form), **more)


def _poll_form(page: ConsultationPage, form: PollForm, **more: Any) -> str:
    named = {"importance_name": importance_name, "importance": IMPORTANCE, **_guards(page, form)}
    return render_template("public/consultation_poll.html", page=page, form=form, **named, **more)


def _guards(page: ConsultationPage, form: OpenForm) -> dict[str, str]:
    """The number of this showing, and its puzzle, or the solution where the browser has found it already."""
    nonce, sent, now = form.nonce.data or "", request.form.get("puzzle", ""), utc_now()
    if not sending.is_form_number(page.id, _secret(), nonce):
        nonce = sending.new_form_number(page.id, _secret(), now)
    if guard.is_solved(sent, nonce, _secret(), now):
        return {"nonce": nonce, "solution": sent}
    return {"nonce": nonce, "puzzle": guard.make_puzzle(nonce, _secret(), now)}


def _poll_class(page: ConsultationPage) -> type[PollForm]:
    return build_poll_form([(one.key, str(one.name)) for family in page.asked.values() for one in family])


def _topics(page: ConsultationPage) -> list[str]:
    return [code for code, _name in page.topics]


def _page(round_code: str) -> ConsultationPage:
    return pages.read_consultation(round_code, current_locale(), utc_now().date())


def _over(page: ConsultationPage) -> Response:
    notify("This consultation is over.")
    return redirect(url_for("consultations.show", round_code=page.line.round_code))


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
