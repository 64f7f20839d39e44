"""What else was decided about a round: answers left out, findings in force, and whether its draft lay open."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import PUBLIC, Consultation, Finding, Round
from evalsys.services.quality.exclusions import Note, exclusions_of

IN_FORCE = "in_force"


@dataclass(frozen=True)
class MethodRecord:
    """Beside the method of a round: what concerns its results is told once they are public.

    `findings` is how many findings are in force, `offices` how many units they are about.
    """

    has_consultation: bool
    is_published: bool
    left_out: tuple[Note, ...]
    findings: int
    offices: int


def record_of(session: Session, round_: Round) -> MethodRecord:
    """What stands beside the method of a round."""
    is_published = round_.state in PUBLIC
    consulted = session.scalar(select(Consultation.id).where(Consultation.round_id == round_.id)) is not None
    if not is_published:
        return MethodRecord(consulted, is_published, (), 0, 0)
    counts = select(func.count(), func.count(Finding.unit_id.distinct()))
    findings, offices = session.execute(counts.where(Finding.round_id == round_.id, Finding.state == IN_FORCE)).one()
    return MethodRecord(consulted, is_published, exclusions_of(session, round_.id), findings, offices)
