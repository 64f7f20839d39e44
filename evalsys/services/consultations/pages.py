"""What everybody reads of consultations: the list, one draft in plain words, its comments with their answers."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import Consultation, ConsultationComment, Round
from evalsys.services import content
from evalsys.services.consultations.acts import HIDDEN, PUBLISHED
from evalsys.services.consultations.poll import PUBLIC_FROM, Asked, Look, Poll, asked_in, read_poll
from evalsys.services.consultations.sending import topics_of
from evalsys.services.consultations.standing import takes_comments
from evalsys.services.content import Text
from evalsys.services.method import MethodScheme, describe_scheme
from evalsys.services.weights import Labels, scheme_of


@dataclass(frozen=True)
class ConsultationLine:
    """A consultation in short; `is_open` while comments are taken."""

    round_code: str
    title: Text
    ends_on: date
    is_open: bool
    comments: int


@dataclass(frozen=True)
class PublicComment:
    """A comment as it was written, and what the oversight body answered; the topic is empty for the whole draft."""

    topic: Text | None
    text: str
    day: date
    answer: str
    answered_on: date | None


@dataclass(frozen=True)
class ConsultationPage:
    """One consultation as everybody reads it; `questions` are the words of the forms by code of the indicator."""

    id: int
    line: ConsultationLine
    is_concluded: bool
    has_poll: bool
    scheme: MethodScheme
    questions: dict[str, Text]
    topics: tuple[tuple[str, Text], ...]
    asked: dict[str, tuple[Asked, ...]]
    comments: tuple[PublicComment, ...]
    hidden: int
    poll: Poll


def list_consultations(locale: str, today: date) -> tuple[ConsultationLine, ...]:
    """All consultations, the newest first."""
    session = db.session()
    rows = session.execute(
        select(Consultation, Round.code)
        .join(Round, Round.id == Consultation.round_id)
        .order_by(Consultation.ends_on.desc(), Consultation.id.desc())
    ).all()
    titles, counts = content.names("round", locale), _published(session)
    return tuple(
        ConsultationLine(
            code, titles.get(code) or Text(code, ""), row.ends_on, takes_comments(row, today), counts.get(row.id, 0)
        )
        for row, code in rows
    )


def running_consultation(locale: str, today: date) -> ConsultationLine | None:
    """The consultation that takes comments today; of several the one that ends first."""
    session = db.session()
    open_now = Consultation.closed_at.is_(None), Consultation.ends_on >= today
    query = select(Consultation.id, Round.code, Consultation.ends_on).join(Round, Round.id == Consultation.round_id)
    row = session.execute(query.where(*open_now).order_by(Consultation.ends_on, Consultation.id).limit(1)).first()
    if row is None:
        return None
    title = content.text_of("round", row.code, "name", locale)
    return ConsultationLine(row.code, title, row.ends_on, True, _published(session).get(row.id, 0))


def read_consultation(round_code: str, locale: str, today: date) -> ConsultationPage:
    """One consultation with everything that is public of it. Raises NotFound."""
    session, labels = db.session(), Labels(locale)
    query = select(Consultation).join(Round, Round.id == Consultation.round_id).where(Round.code == round_code)
    row = session.scalar(query)
    if row is None:
        raise NotFound("There is no consultation of this round.")
    scheme = scheme_of(row.version.body)
    comments, is_open = _comments(session, row.id), takes_comments(row, today)
    shown = tuple(_shown(comment, labels) for comment in comments if comment.state == PUBLISHED)
    title = content.text_of("round", round_code, "name", locale)
    return ConsultationPage(
        id=row.id,
        line=ConsultationLine(round_code, title, row.ends_on, is_open, len(shown)),
        is_concluded=row.closed_at is not None,
        has_poll=row.has_poll,
        scheme=describe_scheme(row.version, locale),
        questions=content.texts("indicator", "question", locale),
        topics=tuple((code, labels.anything(code)) for code in topics_of(scheme)),
        asked=asked_in(scheme, labels),
        comments=shown,
        hidden=sum(comment.state == HIDDEN for comment in comments),
        poll=read_poll(session, row, Look(PUBLIC_FROM, is_over=not is_open), scheme, labels),
    )


def _comments(session: Session, consultation_id: int) -> list[ConsultationComment]:
    """In the order of their days; within a day in no order that tells anything."""
    query = select(ConsultationComment).where(ConsultationComment.consultation_id == consultation_id)
    return list(session.scalars(query.order_by(ConsultationComment.day.desc(), ConsultationComment.id)))


def _published(session: Session) -> dict[int, int]:
    number = ConsultationComment.consultation_id
    query = select(number, func.count()).where(ConsultationComment.state == PUBLISHED).group_by(number)
    return dict(session.execute(query).all())


def _shown(comment: ConsultationComment, labels: Labels) -> PublicComment:
    return PublicComment(
        labels.anything(comment.topic) if comment.topic else None,
        comment.text,
        comment.day,
        comment.answer,
        comment.answered_at.date() if comment.answered_at else None,
    )
