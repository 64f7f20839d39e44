"""Findings about offices of the demo city, each confirmed by a member of the board."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from evalsys.models import Finding, Round, Unit
from evalsys.services.demo.steps import actor_called, is_there
from evalsys.services.findings.deciding import Decision, NewFinding, decide_finding, propose_finding


def add_findings(code: str, findings: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Write down and confirm what is not there yet."""
    for one in findings:
        query = select(Finding.id).join(Unit, Unit.id == Finding.unit_id).join(Round, Round.id == Finding.round_id)
        if is_there(query.where(Round.code == code, Unit.code == one["unit"])):
            continue
        points = Decimal(one["points"]) if "points" in one else None
        new = NewFinding(one["unit"], one["rule"], one["source"], points, one["reason"])
        number = propose_finding(actor_called("analyst"), code, new, now=now)
        decide_finding(actor_called("board1"), code, Decision(number, is_confirmed=True, reason=""), now=now)
