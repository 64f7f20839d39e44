"""Where the consultation of a round stands: steps that use cases share inside their transaction."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, NotFound
from evalsys.models import Consultation, ConsultationComment, Round


def consultation_of(session: Session, round_: Round) -> Consultation | None:
    """The consultation of the round, if there was one."""
    return session.scalar(select(Consultation).where(Consultation.round_id == round_.id))


def find_comment(session: Session, round_: Round, comment_id: str) -> ConsultationComment:
    """One comment of this round's consultation. Raises NotFound."""
    query = select(ConsultationComment).join(Consultation, Consultation.id == ConsultationComment.consultation_id)
    found = session.scalar(query.where(Consultation.round_id == round_.id, ConsultationComment.id == comment_id))
    if found is None:
        raise NotFound("This comment does not exist.")
    return found


def takes_comments(consultation: Consultation, today: date) -> bool:
    """True up to and including the last day, unless it is concluded."""
    return consultation.closed_at is None and today <= consultation.ends_on


def refuse_while_consulting(session: Session, round_: Round) -> None:
    """Raise Conflict while the draft of this round lies open, or its comments still wait for answers."""
    found = consultation_of(session, round_)
    if found is not None and found.closed_at is None:
        raise Conflict("The public consultation of this draft is not concluded yet. Weights are approved after it.")
