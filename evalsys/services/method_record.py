"""What else was decided about a round: answers left out, findings in force, and whether its draft lay open."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import PUBLIC, Consultation, Finding, Round
from evalsys.services.consultations.poll import PUBLIC_FROM, Look, Poll, read_poll
from evalsys.services.consultations.standing import consultation_of
from evalsys.services.quality.exclusions import Note, exclusions_of
from evalsys.services.versions import approved_version
from evalsys.services.weights import Labels, scheme_of

IN_FORCE = "in_force"


@dataclass(frozen=True)
class MethodRecord:
    """Beside the method of a round: what concerns its results is told once they are public.

    `findings` is how many findings are in force, `offices` how many units they are about.
    """

    has_consultation: bool
    poll: Poll | None
    is_published: bool
    left_out: tuple[Note, ...]
    findings: int
    offices: int


def record_of(session: Session, round_: Round, locale: str) -> MethodRecord:
    """What stands beside the method of a round."""
    is_published = round_.state in PUBLIC
    consultation = consultation_of(session, round_)
    poll = _poll(session, round_, consultation, locale) if consultation and consultation.has_poll else None
    if not is_published:
        return MethodRecord(consultation is not None, poll, is_published, (), 0, 0)
    counts = select(func.count(), func.count(Finding.unit_id.distinct()))
    findings, offices = session.execute(counts.where(Finding.round_id == round_.id, Finding.state == IN_FORCE)).one()
    left_out = exclusions_of(session, round_.id)
    return MethodRecord(consultation is not None, poll, is_published, left_out, findings, offices)


def _poll(session: Session, round_: Round, consultation: Consultation, locale: str) -> Poll | None:
    """The poll beside the weights in force, as far as it is public."""
    version = approved_version(session, round_.id)
    if version is None:
        return None
    look = Look(PUBLIC_FROM, is_over=consultation.closed_at is not None)
    return read_poll(session, consultation, look, scheme_of(version.body), Labels(locale))
