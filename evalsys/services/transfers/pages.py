"""What the pages of a round's transfers show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import Conflict, EvalsysError, Invalid, NotFound
from evalsys.models import OVER, Questionnaire, Round, Transfer
from evalsys.services import content, work
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.imports import portions
from evalsys.services.imports.importing import Preview, preview
from evalsys.services.imports.layout import layout_of
from evalsys.services.imports.structure import OPEN_STATES
from evalsys.services.rowlist import RowProblem
from evalsys.services.transfers import files
from evalsys.services.transfers.exporting import ANSWERS, KEPT_DAYS
from evalsys.services.transfers.refusals import refusal_of

REJECTIONS_SHOWN = 10


@dataclass(frozen=True)
class TransferLine:
    """One file on its way in or out; `rows` is read or written so far, `error` why it failed."""

    id: int
    is_import: bool
    name: str
    state: str
    by: str
    created_at: datetime
    finished_at: datetime | None
    size: int
    position: int
    digest: str
    counts: Mapping[str, Any]
    options: Mapping[str, Any]
    error: EvalsysError | None
    has_file: bool
    has_rejected: bool

    @property
    def is_over(self) -> bool:
        """True when nothing changes any more."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def kept_until(self) -> date | None:
        """The last day on which its files lie here."""
        return (self.finished_at + timedelta(days=KEPT_DAYS)).date() if self.finished_at else None


@dataclass(frozen=True)
class Choice:
    """A questionnaire to import for, or a group to export; not ready while its answers are nobody's to see."""

    code: str
    name: Text
    is_ready: bool = True


@dataclass(frozen=True)
class TransfersPage:
    """A round's transfers, the newest first, and what may be begun."""

    round_code: str
    round_name: Text
    lines: tuple[TransferLine, ...]
    questionnaires: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    takes_answers: bool
    may_import: bool
    may_export: bool


@dataclass(frozen=True)
class TransferPage:
    """One transfer; `stopped` is why its workers gave up, `check` what a file that was only uploaded would bring."""

    round_code: str
    round_name: Text
    line: TransferLine
    stopped: str
    check: Preview | None
    refusal: EvalsysError | None
    may_act: bool

    @property
    def samples(self) -> tuple[RowProblem, ...]:
        """Some of what the check rejects."""
        return self.check.rejections[:REJECTIONS_SHOWN] if self.check else ()


def transfers_page(actor: Actor, round_code: str, locale: str) -> TransfersPage:
    """All transfers of answers of a round. Raises Forbidden, NotFound."""
    require(actor, "transfer.read")
    round_ = _round(round_code)
    query = select(Transfer).where(Transfer.round_id == round_.id, Transfer.kind == ANSWERS)
    lines = tuple(_line(found) for found in db.session.scalars(query.order_by(Transfer.id.desc())))
    forms = db.session.scalars(
        select(Questionnaire).where(Questionnaire.round_id == round_.id).order_by(Questionnaire.id)
    ).all()
    names, units = content.names("group", locale), content.names("unit", locale)
    return TransfersPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        lines=lines,
        questionnaires=tuple(Choice(form.code, _form_name(form, names, units)) for form in forms),
        groups=_groups(round_, list(dict.fromkeys(form.group for form in forms)), names),
        takes_answers=round_.state in OPEN_STATES,
        may_import=may(actor, "response.import"),
        may_export=may(actor, "response.export"),
    )


def transfer_page(actor: Actor, round_code: str, transfer_id: int, locale: str) -> TransferPage:
    """One transfer. Raises Forbidden, NotFound."""
    require(actor, "transfer.read")
    found = _find(round_code, transfer_id)
    line = _line(found)
    check, refusal = _check(found) if line.state == "received" else (None, None)
    stopped = "" if line.is_over else "; ".join(one.error for one in work.failures(portions.batch_of(line.id)))
    return TransferPage(
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        line=line,
        stopped=stopped,
        check=check,
        refusal=refusal,
        may_act=may(actor, "response.import") and line.is_import,
    )


def rejected_file(actor: Actor, round_code: str, transfer_id: int) -> tuple[Path, str]:
    """The file that names what an import left out, and a name for it. Raises Forbidden, NotFound."""
    require(actor, "response.import")
    found = _find(round_code, transfer_id)
    if not found.rejected:
        raise NotFound("Nothing was rejected, or the file is no longer kept.")
    return files.path_of(found.rejected), f"{Path(found.name).stem}-rejected.csv"


def _check(found: Transfer) -> tuple[Preview | None, EvalsysError | None]:
    try:
        return preview(files.path_of(found.stored), layout_of(found.options["mapping"])), None
    except FileNotFoundError:
        return None, Conflict("The uploaded file is no longer on this machine. Upload it again.")
    except Invalid as refusal:
        return None, refusal


def _groups(round_: Round, codes: list[str], names: Mapping[str, Text]) -> tuple[Choice, ...]:
    is_over = round_.state in OVER
    return tuple(Choice(code, names.get(code, Text(code, "")), is_over) for code in codes)


def _form_name(form: Questionnaire, groups: Mapping[str, Text], units: Mapping[str, Text]) -> Text:
    if form.unit is not None:
        return units.get(form.unit.code, Text(form.unit.code, ""))
    return groups.get(form.group, Text(form.group, ""))


def _line(found: Transfer) -> TransferLine:
    return TransferLine(
        id=found.id,
        is_import=found.direction == "in",
        name=found.name,
        state=found.state,
        by=found.account.name,
        created_at=found.created_at,
        finished_at=found.finished_at,
        size=found.size,
        position=found.position,
        digest=found.digest,
        counts=found.counts,
        options=found.options,
        error=refusal_of(found.error),
        has_file=found.direction == "out" and bool(found.stored),
        has_rejected=bool(found.rejected),
    )


def _round(code: str) -> Round:
    found = db.session.scalar(select(Round).where(Round.code == code))
    if found is None:
        raise NotFound("This round does not exist.")
    return found


def _find(round_code: str, transfer_id: int) -> Transfer:
    query = select(Transfer).join(Round, Round.id == Transfer.round_id).where(Round.code == round_code)
    found = db.session.scalar(query.where(Transfer.id == transfer_id, Transfer.kind == ANSWERS))
    if found is None:
        raise NotFound("This transfer does not exist.")
    return found
