"""Imports as the analyst's desk sees them: upload and check, start, cancel, go on after a stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Questionnaire, Round, RoundUnit, Transfer, Unit
from evalsys.services import work
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.imports.guard import ANSWERS, IN
from evalsys.services.imports.importing import add_transfer, begin
from evalsys.services.imports.mapping import read_map_text
from evalsys.services.imports.portions import batch_of, queue_undoing
from evalsys.services.transfers import files
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of

RIGHT = "response.import"
CHANNELS = ("web", "qr", "kiosk", "assisted", "paper", "phone")
RESPONDENT = "respondent"


@dataclass(frozen=True)
class Upload:
    """A received file and how it is to be read: for a questionnaire of the round, or by a mapping file.

    `respondent` is the column that tells respondents apart; `channel` how all were reached, "" when a column says it.
    """

    incoming: files.Incoming
    name: str
    questionnaire: str = ""
    respondent: str = RESPONDENT
    channel: str = ""
    mapping: bytes = b""


def upload_answers(actor: Actor, round_code: str, upload: Upload, *, now: datetime) -> int:
    """Keep the file and its mapping; nothing is imported before somebody has looked at the check. Returns its number.

    Raises Forbidden, NotFound; Invalid for a mapping that cannot be used.
    """
    act = Act(actor, RIGHT, _subject(round_code), now)
    with audited(act) as session:
        round_ = _round(session, round_code)
        body = _mapping(session, round_, upload)
        made = add_transfer(session, act, upload.incoming, upload.name, body)
        made.round_id = round_.id
        act.detail = {"transfer": made.id, "file": made.name, "sha256": made.digest, "step": "upload"}
        return made.id


def start_import(actor: Actor, round_code: str, transfer_id: int, *, now: datetime) -> None:
    """Begin to import a file that was uploaded.

    Raises Forbidden, NotFound; Conflict when it was started before, when the round takes no answers any more, or when
    another import of it runs.
    """
    act = Act(actor, RIGHT, _subject(round_code), now)
    with audited(act) as session:
        transfer = _take(session, round_code, transfer_id)
        if transfer.state != "received":
            raise Conflict("This import was started before.")
        preset = transfer.options["mapping"].get("preset", "")
        act.reason = f"Taken from the preset {preset} for the answers in {transfer.name}." if preset else ""
        begin(session, transfer, act)


def cancel_import(actor: Actor, round_code: str, transfer_id: int, *, now: datetime) -> None:
    """Stop an import and take back what it has stored; a file that was only uploaded is deleted.

    Raises Forbidden, NotFound, Conflict when it is over.
    """
    act = Act(actor, RIGHT, _subject(round_code), now)
    with audited(act) as session:
        transfer = _take(session, round_code, transfer_id)
        act.detail = {"transfer": transfer.id, "file": transfer.name, "step": "cancel"}
        if transfer.state == "received":
            transfer.state, transfer.finished_at = "cancelled", now
            files.forget(transfer.stored)
            transfer.stored = ""
        elif transfer.state in ("waiting", "running"):
            transfer.state = "cancelling"
            queue_undoing(session, transfer.id, now)
        else:
            raise Conflict("This import is over.")


def resume_import(actor: Actor, round_code: str, transfer_id: int, *, now: datetime) -> None:
    """Let an import go on whose workers have stopped again and again. Raises Forbidden, NotFound, Conflict."""
    act = Act(actor, RIGHT, _subject(round_code), now)
    with audited(act) as session:
        transfer = _take(session, round_code, transfer_id)
        act.detail = {"transfer": transfer.id, "file": transfer.name, "step": "resume"}
        batch = batch_of(transfer.id)
        if not work.reopen_failed(session, batch):
            raise Conflict("This import has not stopped.")


def _mapping(session: Session, round_: Round, upload: Upload) -> Mapping[str, Any]:
    if not upload.mapping:
        return default_mapping(session, round_, upload)
    plan = read_map_text(upload.mapping)
    codes = {spec.code for spec in plan.rounds.values()}
    if codes != {round_.code}:
        raise Invalid(
            "The mapping is about other rounds than this one: %(codes)s.", {"codes": ", ".join(sorted(codes))}
        )
    return plan.body


def default_mapping(session: Session, round_: Round, upload: Upload) -> Mapping[str, Any]:
    """The mapping of a questionnaire that exists: columns bear the codes of indicators. Raises NotFound."""
    form = session.scalar(
        select(Questionnaire).where(Questionnaire.round_id == round_.id, Questionnaire.code == upload.questionnaire)
    )
    if form is None:
        raise NotFound("This questionnaire does not exist.")
    units = select(Unit.code).join(RoundUnit).where(RoundUnit.round_id == round_.id).order_by(Unit.code)
    if form.unit_id is not None:
        units = units.where(Unit.id == form.unit_id)
    groups = {group.code: group for group in scheme_of(current_version(session, round_).body).groups}
    return {
        "round": round_.code,
        "questionnaire": form.code,
        "respondent": upload.respondent,
        "channel": upload.channel,
        "channels": list(CHANNELS),
        "strata": [stratum.code for stratum in groups[form.group].strata] if form.group in groups else ["all"],
        "units": list(session.scalars(units)),
        "questions": [[question.indicator.code, question.indicator.points] for question in form.questions],
    }


def _round(session: Session, code: str) -> Round:
    found = session.scalar(select(Round).where(Round.code == code))
    if found is None:
        raise NotFound("This round does not exist.")
    return found


def _take(session: Session, round_code: str, transfer_id: int) -> Transfer:
    query = (
        select(Transfer)
        .join(Round, Round.id == Transfer.round_id)
        .where(Transfer.id == transfer_id, Round.code == round_code)
        .where(Transfer.direction == IN, Transfer.kind == ANSWERS)
    )
    found = session.scalar(query.with_for_update(of=Transfer))
    if found is None:
        raise NotFound("This import does not exist.")
    return found


def _subject(round_code: str) -> str:
    return f"round:{round_code}"[:100]
