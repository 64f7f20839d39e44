"""What the oversight body sees of a consultation: every comment with its state, the poll, and what is left to do."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import Account, Consultation, ConsultationComment, Round
from evalsys.services.access import Actor, may, require
from evalsys.services.consultations.acts import HIDDEN, PUBLISHED, RECEIVED, last_day
from evalsys.services.consultations.poll import Look, Poll, read_poll
from evalsys.services.consultations.standing import consultation_of, find_comment, takes_comments
from evalsys.services.content import Text, text_of
from evalsys.services.rounds.states import ACTS, find_round
from evalsys.services.versions import current_version, version_numbered
from evalsys.services.weights import Labels, scheme_of


@dataclass(frozen=True)
class DeskComment:
    """One comment as the desk sees it; nobody knows whose it is."""

    id: str
    topic: Text | None
    text: str
    day: date
    state: str
    hidden_reason: str
    answer: str
    answered_by: str
    answered_on: date | None


@dataclass(frozen=True)
class Standing:
    """Where a consultation stands; `is_over` once its last day has passed."""

    version: int
    opened_on: date
    ends_on: date
    closed_on: date | None
    is_over: bool
    takes_comments: bool
    unsettled: int
    has_poll: bool


@dataclass(frozen=True)
class Desk:
    """The desk of one round; `standing` is None while there is no consultation."""

    round_code: str
    round_name: Text
    standing: Standing | None
    comments: tuple[DeskComment, ...]
    poll: Poll | None
    last_day: date
    may_open: bool
    may_answer: bool
    may_conclude: bool


@dataclass(frozen=True)
class CommentPage:
    """One comment, to be judged and answered."""

    round_code: str
    round_name: Text
    comment: DeskComment
    is_concluded: bool
    may_answer: bool


def desk_page(actor: Actor, round_code: str, locale: str, today: date) -> Desk:
    """The consultation of a round for the oversight body. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session, labels = db.session(), Labels(locale)
    round_ = find_round(session, round_code)
    row = consultation_of(session, round_)
    comments = _comments(session, row, labels) if row else ()
    standing = _standing(row, comments, today) if row else None
    is_ready = standing is not None and standing.is_over and not standing.unsettled and standing.closed_on is None
    return Desk(
        round_code=round_.code,
        round_name=text_of("round", round_.code, "name", locale),
        standing=standing,
        comments=comments,
        poll=read_poll(session, row, _look(row, today), scheme_of(row.version.body), labels)
        if row and row.has_poll
        else None,
        last_day=last_day(today),
        may_open=row is None and _is_open_to(actor, round_, "consult"),
        may_answer=may(actor, "consultation.answer"),
        may_conclude=is_ready and _is_open_to(actor, round_, "conclude"),
    )


def comment_page(actor: Actor, round_code: str, comment_id: str, locale: str) -> CommentPage:
    """One comment. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    comment, row = find_comment(session, round_, comment_id), consultation_of(session, round_)
    name = session.scalar(select(Account.name).where(Account.id == comment.answered_by)) or ""
    return CommentPage(
        round_.code,
        text_of("round", round_.code, "name", locale),
        _shown(comment, name, Labels(locale)),
        row is None or row.closed_at is not None,
        may(actor, "consultation.answer"),
    )


def read_advice(actor: Actor, round_code: str, locale: str, today: date, number: int | None = None) -> Poll | None:
    """What the poll of the round says, beside the weights of one version (without a number the present ones).

    None when nothing was asked. Raises Forbidden, NotFound.
    """
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    row = consultation_of(session, round_)
    if row is None or not row.has_poll:
        return None
    version = current_version(session, round_) if number is None else version_numbered(session, round_, number)
    return read_poll(session, row, _look(row, today), scheme_of(version.body), Labels(locale))


def _look(row: Consultation, today: date) -> Look:
    return Look(1, is_over=not takes_comments(row, today))


def _standing(row: Consultation, comments: tuple[DeskComment, ...], today: date) -> Standing:
    left = [one for one in comments if one.state == RECEIVED or (one.state == PUBLISHED and not one.answer)]
    return Standing(
        version=row.version.number,
        opened_on=row.opened_at.date(),
        ends_on=row.ends_on,
        closed_on=row.closed_at.date() if row.closed_at else None,
        is_over=today > row.ends_on,
        takes_comments=takes_comments(row, today),
        unsettled=len(left),
        has_poll=row.has_poll,
    )


def _comments(session: Session, row: Consultation, labels: Labels) -> tuple[DeskComment, ...]:
    query = (
        select(ConsultationComment, Account.name)
        .outerjoin(Account, Account.id == ConsultationComment.answered_by)
        .where(ConsultationComment.consultation_id == row.id)
        .order_by(ConsultationComment.day, ConsultationComment.id)
    )
    shown = (_shown(comment, name or "", labels) for comment, name in session.execute(query))
    return tuple(sorted(shown, key=_settledness))


def _settledness(comment: DeskComment) -> int:
    """What waits comes first: for a decision, then for an answer."""
    order = (RECEIVED, PUBLISHED, HIDDEN)
    return 2 * order.index(comment.state) + bool(comment.answer)


def _shown(comment: ConsultationComment, name: str, labels: Labels) -> DeskComment:
    return DeskComment(
        id=comment.id,
        topic=labels.anything(comment.topic) if comment.topic else None,
        text=comment.text,
        day=comment.day,
        state=comment.state,
        hidden_reason=comment.hidden_reason,
        answer=comment.answer,
        answered_by=name,
        answered_on=comment.answered_at.date() if comment.answered_at else None,
    )


def _is_open_to(actor: Actor, round_: Round, act: str) -> bool:
    return round_.state in ACTS[act].sources and may(actor, ACTS[act].right) and round_.suspended_at is None
