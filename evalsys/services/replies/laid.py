"""Which drafts an office reads: a new one only where it tells nothing hidden beside those that it has read before."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Round, Run, Unit
from evalsys.services.publication.gate import told_together


def laid_runs(session: Session, round_: Round, unit: Unit) -> list[Run]:
    """The runs that the office has read or reads now, which is the last one; the first is the one that was shared.

    The check is that of corrections: two releases together must not tell what fewer people than the least number said.
    """
    own = Run.round_id == round_.id, Run.is_as_opened.is_(False)
    first = session.scalar(select(func.max(Run.number)).where(*own, Run.reason == "")) or 0
    laid: list[Run] = []
    for run in session.scalars(select(Run).where(*own, Run.number >= first).order_by(Run.number)):
        if all(unit.code not in told_together(former, run) for former in laid):
            laid.append(run)
    return laid
