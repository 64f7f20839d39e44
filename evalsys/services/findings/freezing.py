"""The findings in force as a run reads them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Finding, Round, Unit
from evalsys.services.findings.deciding import IN_FORCE


def read_findings(session: Session, round_: Round) -> list[list[str]]:
    """Unit, kind, code, points, source and reason of each finding; a rule without points has 0."""
    query = (
        select(Unit.code, Finding.kind, Finding.points, Finding.source, Finding.reason)
        .join(Unit, Unit.id == Finding.unit_id)
        .where(Finding.round_id == round_.id, Finding.state == IN_FORCE)
        .order_by(Finding.id)
    )
    rows = []
    for unit, rule, points, source, reason in session.execute(query):
        kind, _colon, code = rule.partition(":")
        rows.append([unit, kind, code, points or "0", source, reason])
    return rows
