"""The import itself: rounds, units and forms where they are missing, then every response once, in one transaction."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.models import Dirty, Response
from evalsys.models.response import COUNTED
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.imports.mapping import ImportMap
from evalsys.services.imports.reading import Ballot, Count, Progress, Reader, Rejection
from evalsys.services.imports.structure import Place, prepare

BATCH_RESPONSES = 10_000
ID_CHARACTERS = 32


def _ignore(_news: object) -> None:
    return None


@dataclass(frozen=True)
class Source:
    """The file and how to read it; `reject` hears of each rejected row or cell, `progress` of the bytes read so far."""

    path: Path
    plan: ImportMap
    reject: Callable[[Rejection], None] = _ignore
    progress: Progress = _ignore


@dataclass(frozen=True)
class ImportReport:
    """What came of an import. `responses` is one a respondent and unit; `added` of them are new."""

    count: Count
    responses: int
    added: int

    @property
    def already_there(self) -> int:
        """Responses that an earlier import had brought."""
        return self.responses - self.added


def import_responses(actor: Actor, source: Source, *, now: datetime) -> ImportReport:
    """Import the file once: all that fits, or nothing when an error ends it. A second import of the file adds nothing.

    A response's id is the digest of round, unit and respondent, so the same person is never counted twice.
    Raises Forbidden; Invalid when file and mapping do not fit; Conflict when a round takes no answers any more.
    """
    name = source.path.name
    act = Act(actor, "response.import", f"file:{name}"[:100], now)
    act.reason = f"Taken from the preset {source.plan.preset.code} for the answers in {name}."
    with audited(act) as session:
        if not source.path.is_file():
            raise Invalid("There is no file %(name)s.", {"name": name})
        places = prepare(session, source.plan, act)
        before = _numbers(session, places)
        reader = Reader(source.plan, source.reject, source.progress)
        responses = _write(session, _rows(reader.ballots(source.path), places))
        after = _numbers(session, places)
        changed = {key for key, number in after.items() if number != before.get(key, 0)}
        _mark_dirty(session, changed)
        report = ImportReport(reader.count, responses, sum(after.values()) - sum(before.values()))
        act.detail = _detail(source.path, report)
        return report


def response_id(round_code: str, unit_code: str, respondent: str) -> str:
    """The key of an imported response: the first 128 bits of a digest.

    >>> response_id("kc-2021-q3", "POLICE", "2021-Q3-0001")
    '2158e244e6abec662fac1ad3a8261e85'
    """
    return hashlib.sha256(f"{round_code}|{unit_code}|{respondent}".encode()).hexdigest()[:ID_CHARACTERS]


def _rows(ballots: Iterable[Ballot], places: dict[tuple[str, str], Place]) -> Iterator[dict[str, Any]]:
    for ballot in ballots:
        place = places[ballot.round_code, ballot.unit_code]
        yield {
            "id": response_id(ballot.round_code, ballot.unit_code, ballot.respondent),
            "questionnaire_id": place.questionnaire_id,
            "unit_id": place.unit_id,
            "stratum": ballot.stratum,
            "channel": ballot.channel,
            "day": place.day,
            "status": COUNTED,
            "answers": ballot.answers,
        }


def _write(session: Session, rows: Iterator[dict[str, Any]]) -> int:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Response).on_conflict_do_nothing(index_elements=["id"])
    total = 0
    while batch := list(islice(rows, BATCH_RESPONSES)):
        session.execute(statement, batch)
        total += len(batch)
    return total


def _numbers(session: Session, places: dict[tuple[str, str], Place]) -> dict[tuple[int, int], int]:
    """How many responses each form and unit has now."""
    forms = sorted({place.questionnaire_id for place in places.values()})
    query = select(Response.questionnaire_id, Response.unit_id, func.count())
    query = query.where(Response.questionnaire_id.in_(forms)).group_by(Response.questionnaire_id, Response.unit_id)
    return {(form, unit): number for form, unit, number in session.execute(query)}


def _mark_dirty(session: Session, changed: set[tuple[int, int]]) -> None:
    rows = [{"id": secrets.token_hex(16), "questionnaire_id": form, "unit_id": unit} for form, unit in sorted(changed)]
    if rows:
        session.execute(insert(Dirty), rows)


def _detail(path: Path, report: ImportReport) -> dict[str, Any]:
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    count = report.count
    return {
        "sha256": digest,
        "rows": count.rows,
        "rejected_rows": count.rejected_rows,
        "rejected_cells": count.rejected_cells,
        "valid": count.valid,
        "dont_know": count.dont_know,
        "added": report.added,
        "already_there": report.already_there,
    }
