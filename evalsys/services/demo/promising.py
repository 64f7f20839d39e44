"""What offices of the demo city commit themselves to with their reply, and what they report on it afterwards."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select

from evalsys.db import db
from evalsys.models import Commitment, CommitmentReport, Round, Unit
from evalsys.services.commitments.making import NewCommitment, write_commitments
from evalsys.services.commitments.reporting import NewReport, report_commitment
from evalsys.services.demo.city import read
from evalsys.services.demo.steps import Step, actor_called, is_there


def promising_steps(code: str, now: datetime) -> Iterator[Step]:
    """The commitments that are not written yet, while offices read their draft results."""
    facts = read("replies")
    for unit, said in facts["commitments"].items() if code == facts["round"] else ():
        there = select(Commitment.id).join(Round, Round.id == Commitment.round_id)
        if not is_there(there.join(Unit, Unit.id == Commitment.unit_id).where(Round.code == code, Unit.code == unit)):
            yield Step(f"round {code}: commitments of {unit}", partial(_promise, code, unit, said, now))


def reporting_steps(code: str, now: datetime) -> Iterator[Step]:
    """The reports on them that are not there yet, of those whose day has come, once the results are public."""
    facts = read("replies")
    for unit, said in facts["commitments"].items() if code == facts["round"] else ():
        for number, promised in enumerate(said["promised"], 1):
            for report in promised["reports"][_reported(code, unit, number) :]:
                if report["at"] <= now:
                    act = partial(_report, code, unit, number, {"locale": said["locale"], **report})
                    yield Step(f"round {code}: report of {unit} on commitment {number}", act)


def _promise(code: str, unit: str, said: dict[str, Any], now: datetime) -> None:
    rows = [NewCommitment(one["text"], one["topic"], one["owner"], one["due"]) for one in said["promised"]]
    head = actor_called(f"head.{unit.lower()}")
    write_commitments(head, code, rows, said["locale"], now=min(said["at"], now))


def _report(code: str, unit: str, number: int, facts: dict[str, Any]) -> None:
    new = NewReport(facts["state"], facts["note"], facts["locale"])
    report_commitment(actor_called(f"head.{unit.lower()}"), code, number, new, now=facts["at"])


def _reported(code: str, unit: str, number: int) -> int:
    query = (
        select(func.count(CommitmentReport.id))
        .join(Commitment, Commitment.id == CommitmentReport.commitment_id)
        .join(Round, Round.id == Commitment.round_id)
        .join(Unit, Unit.id == Commitment.unit_id)
    )
    found = db.session.scalar(query.where(Round.code == code, Unit.code == unit, Commitment.number == number)) or 0
    db.session.rollback()
    return found
