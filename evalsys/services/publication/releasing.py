"""Making public what was planned, when its moment has come; whatever is not in order keeps it back, by name."""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.errors import Conflict
from evalsys.i18n import _l
from evalsys.models import AuditEntry, PreparedScorecard, PublishedScorecard, Release, Round, RoundState, SignedFile
from evalsys.services import work
from evalsys.services.publication.correcting import correcting_run
from evalsys.services.publication.gate import require_publishable
from evalsys.services.publication.planned import key_of, planned_batch, prepared_cards, release_of
from evalsys.services.publication.preparing import prepare_cards
from evalsys.services.publication.problems import Problem
from evalsys.services.rounds.states import require_act, subject_of, take_round
from evalsys.services.runs import latest_run
from evalsys.services.scorecards.publishing import card_file, enqueue_prints
from evalsys.services.zone import local_day

NAMED = 6
SYSTEM = "system"
NEWER = _l("A newer run has been made since. Call the plan off, or plan the publication of the newer run.")
WAITING = _l("PDFs that are not made yet: %(number)s (%(cards)s).")
FAILED = _l("The PDF of %(card)s could not be made: %(error)s")


def release_due(*, now: datetime) -> int:
    """Make public every planned publication whose moment has come and that is complete; returns how many.

    Several workers may call this at once: the round is locked, and whoever comes second finds nothing left to do.
    """
    query = select(Release.round_id).where(Release.at <= now).order_by(Release.at, Release.id)
    due = db.session.scalars(query).all()
    db.session.rollback()
    done: list[bool] = []
    with ExitStack() as turns:  # every round has its turn, even if one before it fails
        for round_id in reversed(due):
            turns.callback(_release_into, done, round_id, now)
    return sum(done)


def keys_without_file(rows: Iterable[PreparedScorecard]) -> list[str]:
    """The cards whose PDF is not there, or not as it was made."""
    return [key_of(row) for row in rows if not _is_printed(row)]


def failed_prints(release: Release) -> dict[str, Problem]:
    """The cards whose PDF could not be made, each with the reason."""
    given_up = work.failures(planned_batch(release))
    return {one.key: (FAILED, {"card": one.key, "error": one.error}) for one in given_up}


def _release_into(done: list[bool], round_id: int, now: datetime) -> None:
    done.append(_release(round_id, now))


def _release(round_id: int, now: datetime) -> bool:
    with transaction() as session:
        round_ = session.scalars(select(Round).where(Round.id == round_id).with_for_update()).one()
        release = release_of(session, round_)
        if release is None or release.at > now:
            return False
        if release.day != local_day(now):
            release.day = local_day(now)
            prepare_cards(session, release, now, now)
        rows = prepared_cards(session, release)
        problems = _of_cards(session, release, rows) or _of_run(session, release)
        if problems:
            _hold(session, release, problems, now)
        else:
            _make_public(session, release, rows, now)
        return not problems


def _of_cards(session: Session, release: Release, rows: list[PreparedScorecard]) -> list[Problem]:
    """The cards without a PDF: which of them failed, and why; a lost file is made again by itself."""
    lacking, failed = keys_without_file(rows), failed_prints(release)
    waiting = [key for key in lacking if key not in failed]
    work.reopen(session, planned_batch(release), waiting)
    found = [problem for key, problem in failed.items() if key in lacking]
    if waiting:
        named = ", ".join(waiting[:NAMED]) + (" …" if len(waiting) > NAMED else "")
        found.append((WAITING, {"number": len(waiting), "cards": named}))
    return found


def _of_run(session: Session, release: Release) -> list[Problem]:
    """What would refuse the same publication if somebody asked for it now."""
    round_ = release.round
    newest = latest_run(session, round_)
    if newest is None or newest.id != release.run_id:
        return [(NEWER, {})]
    try:
        require_act(round_, _act(round_))
        if round_.state == RoundState.FINAL:
            require_publishable(session, round_, newest)
        else:
            correcting_run(session, round_)
    except Conflict as refusal:
        return [(text, dict(values)) for text, values in refusal.problems] or [(refusal.message, refusal.params)]
    return []


def _hold(session: Session, release: Release, problems: list[Problem], now: datetime) -> None:
    """Keep it back; the audit log says so once, and again when other kinds of reasons come up."""
    kinds = {text for text, _values in release.problems}
    stored = [[str(text), dict(values)] for text, values in problems]
    if release.held_at is None or {text for text, _values in stored} - kinds:
        named = [str(text) % values for text, values in problems]
        session.add(_entry(release, "release.hold", now, {"problems": named}))
    if stored != release.problems:
        release.problems = stored
    release.held_at = release.held_at or now


def _make_public(session: Session, release: Release, rows: list[PreparedScorecard], now: datetime) -> None:
    round_, run = release.round, release.run
    is_first = round_.state == RoundState.FINAL
    take_round(session, round_.code, _act(round_))
    round_.published_at = now if is_first else round_.published_at
    told = _entry(release, "round.publish", now, {"result": run.result_digest, "correction": not is_first})
    told.reason = "" if is_first else run.reason
    session.add(told)
    cards = [
        PublishedScorecard(
            reference=row.reference,
            round_id=round_.id,
            run_id=run.id,
            unit_id=row.unit_id,
            locale=row.locale,
            content=row.content,
            digest=row.digest,
            pdf_name=row.pdf_name,
            pdf_digest=row.pdf_digest,
            created_at=now,
        )
        for row in rows
    ]
    session.add_all(cards)
    session.flush()
    made = [SignedFile(digest=card.pdf_digest, scorecard_id=card.id, made_at=now) for card in cards]
    session.add_all(made)  # whoever saves a file now can have it checked now
    enqueue_prints(session, run, round_.code, now)
    session.execute(delete(PreparedScorecard).where(PreparedScorecard.release_id == release.id))
    session.delete(release)


def _entry(release: Release, act: str, now: datetime, detail: dict[str, object]) -> AuditEntry:
    """Nobody does this by hand: the entry names who planned it."""
    planned = {"run": release.run.number, "planned_by": release.account.login, "planned_for": release.at.isoformat()}
    return AuditEntry(
        at=now,
        actor=SYSTEM,
        act=act,
        subject=subject_of(release.round.code),
        outcome="done",
        detail={**planned, **detail},
    )


def _act(round_: Round) -> str:
    return "publish" if round_.state == RoundState.FINAL else "republish"


def _is_printed(row: PreparedScorecard) -> bool:
    """Whether the very file is there that was made, and checked by the validator when it was made."""
    path = card_file(row.pdf_name)
    return path is not None and hashlib.sha256(path.read_bytes()).hexdigest() == row.pdf_digest
