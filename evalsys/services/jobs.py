"""A batch of work as its page shows it: how far it is, what failed and why, and what the board may do about it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, NotFound
from evalsys.i18n import LOCALES, _l
from evalsys.models import Round
from evalsys.services import batches, content, work
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.rounds.states import subject_of
from evalsys.services.transfers.cells import visible

RIGHT = "scorecard.print"
RIGHTS: Mapping[str, str] = dict.fromkeys(("scorecard", "poster", "booklet", "planned"), RIGHT)
"""The kinds of work that may be cancelled, taken up again and retried, and the right that this needs."""
CARDS = re.compile(r"(?:cards|plan)-(?P<round>.+)-\d+")
KEY = re.compile(r"(?:(?P<kind>poster|booklet)/)?(?:(?P<unit>[^/]+)/)?(?P<locale>[a-z]{2})(?:/\d+)?")
"""U01/en/1 and U01/en: a card; poster/U01/en/1; booklet/en/1."""
MOST_SHOWN = 100
REASONS: Mapping[str, str] = {
    "RenderError": _l("The renderer complained, so no file was kept."),
    "MissingGlyph": _l("It holds characters that no font of the PDFs has."),
    "NotConforming": _l("The file breaks a rule of PDF/A or PDF/UA, so it was not kept."),
    "TookTooLong": _l("It took longer than it may and was stopped."),
    "MemoryError": _l("It needed more memory than it may have and was stopped."),
    "NoRoom": _l("There is no room left on the disk."),
    "every worker that took this item stopped": _l("Every worker that took it up ended before it was done."),
}
OTHER_REASON = _l("It failed for another reason.")


@dataclass(frozen=True)
class JobError:
    """An item that was given up: what it is, why (a message id), and the program's own words.

    `kind` is "card", "poster" or "booklet", "" for other work; a booklet has no unit.
    """

    kind: str
    unit: content.Text | None
    locale: str
    key: str
    reason: str
    detail: str


@dataclass(frozen=True)
class JobPage:
    """Everything on the page of a batch. `state`: "absent", "waiting", "running", "cancelled", "failed" or "done"."""

    batch: str
    state: str
    progress: work.Progress
    pace: batches.Pace | None
    errors: tuple[JobError, ...]
    round_code: str
    round_name: content.Text | None
    may_act: bool
    is_of_cards: bool
    is_planned: bool


def job_page(actor: Actor, batch: str, locale: str, *, now: datetime) -> JobPage:
    """How far a batch is. Raises Forbidden; a batch that is not there has the state "absent"."""
    require(actor, "oversight.read")
    progress, kinds, code = work.progress(batch), batches.kinds_of(db.session(), batch), round_of(batch)
    names = content.names("unit", locale) if progress.failed else {}
    return JobPage(
        batch=visible(batch),
        state=_state(progress),
        progress=progress,
        pace=batches.pace(batch, progress.left, now) if progress.left else None,
        errors=tuple(_error(one, names) for one in work.failures(batch)[:MOST_SHOWN]),
        round_code=code,
        round_name=content.text_of("round", code, "name", locale) if code else None,
        may_act=bool(kinds) and kinds <= RIGHTS.keys() and all(may(actor, RIGHTS[kind]) for kind in kinds),
        is_of_cards=bool(kinds) and kinds <= RIGHTS.keys(),
        is_planned=kinds == {"planned"},
    )


def cancel_job(actor: Actor, batch: str, *, now: datetime) -> None:
    """Give up what the batch has not done yet; it can be taken up again. Raises Forbidden, NotFound, Conflict."""
    _act(actor, batch, "cancel", now)


def resume_job(actor: Actor, batch: str, *, now: datetime) -> None:
    """Take up again what was cancelled. Raises Forbidden, NotFound, Conflict."""
    _act(actor, batch, "resume", now)


def retry_job(actor: Actor, batch: str, *, now: datetime) -> None:
    """Have what failed tried again. Raises Forbidden, NotFound, Conflict."""
    _act(actor, batch, "retry", now)


STEPS: Mapping[str, tuple[Callable[[Session, str], int], str]] = {
    "cancel": (batches.cancel, _l("Nothing of this work is left to be cancelled.")),
    "resume": (batches.resume, _l("Nothing of this work was cancelled.")),
    "retry": (work.reopen_failed, _l("Nothing of this work has failed.")),
}


def round_of(batch: str) -> str:
    """The code of the round whose cards the batch makes; empty for other work and for a round that is not there."""
    found = CARDS.fullmatch(batch)
    code = db.session.scalar(select(Round.code).where(Round.code == found["round"])) if found else None
    return code or ""


def _act(actor: Actor, batch: str, step: str, now: datetime) -> None:
    kinds, code = batches.kinds_of(db.session(), batch), round_of(batch)
    right = next((RIGHTS[kind] for kind in kinds if kind in RIGHTS), RIGHT)
    take, nothing = STEPS[step]
    subject, detail = subject_of(code) if code else f"batch:{batch}"[:100], {"batch": batch, "step": step}
    act = Act(actor, right, subject, now, detail=detail)
    with audited(act) as session:
        if not kinds:
            raise NotFound("There is no work of this name.")
        if not kinds <= RIGHTS.keys():
            raise Conflict("This kind of work goes on by itself and cannot be stopped here.")
        act.detail["items"] = take(session, batch)
        if not act.detail["items"]:
            raise Conflict(nothing)


def _state(progress: work.Progress) -> str:
    if not progress.total:
        return "absent"
    if progress.left:
        return "running" if progress.leased or progress.settled else "waiting"
    if progress.cancelled:
        return "cancelled"
    return "failed" if progress.failed else "done"


def _error(failure: work.Failure, names: Mapping[str, content.Text]) -> JobError:
    kind, _, detail = failure.error.partition(": ")
    found = KEY.fullmatch(failure.key)
    key = found if found is not None and found["locale"] in LOCALES else None
    return JobError(
        kind=(key["kind"] or "card") if key else "",
        unit=names.get(key["unit"]) if key and key["unit"] else None,
        locale=key["locale"] if key else "",
        key=failure.key,
        reason=REASONS.get(kind, OTHER_REASON),
        detail=detail or failure.error,
    )
