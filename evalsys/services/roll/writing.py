"""Writing the letters and mails of a batch. Only worker processes import this: the PDF engine is slow to load.

Codes exist in memory while their letters are written. Digests of an attempt that is under way stand in the payload of
its work item: for letters and files of mails, which nobody has seen before they are whole, the next attempt voids
them and goes on; where a worker stopped between mails, nobody can tell which of them left, and an analyst decides.
"""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.errors import Conflict, EvalsysError, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import RollEntry, Round, RoundState
from evalsys.reports import pdf
from evalsys.reports.letters import Letter, letters_html
from evalsys.services import mail, work
from evalsys.services.credentials import store_digests, token_digest, void
from evalsys.services.roll import files, people, words
from evalsys.services.roll.batches import settle
from evalsys.services.roll.codes import new_code
from evalsys.services.roll.words import Recipient

LEASE_SECONDS = 600
MAILS_BETWEEN_RENEWALS = 20
Codes = Mapping[str, str]


def write_invitations(item: work.Claimed) -> work.Effect:
    """Write one batch of invitations (kind "invitations"). Raises Conflict, Unavailable, RenderError."""
    work.prolong(item, utc_now(), LEASE_SECONDS)
    if item.payload.get("digests") and item.payload["way"] == "smtp":
        raise Conflict("A worker stopped while it sent these mails, and nobody can tell which of them left.")
    recipients = _recipients(item, "sending")
    codes = {one.id: new_code() for one in recipients}
    _begin(item, [token_digest(code) for code in codes.values()])
    if item.payload["way"] == "smtp":
        return _send_invitations(item, recipients, codes)
    about = _occasions(item)
    if item.payload["way"] == "letters":
        content = _as_pdf([words.invitation_letter(about[one.locale], one, codes[one.id]) for one in recipients])
    else:
        content = _as_zip([words.invitation_mail(about[one.locale], one, codes[one.id]) for one in recipients])
    kept = {"file": files.write_sealed(content), "number": len(recipients)}
    return partial(_end_invitations, item=item, reached=[one.id for one in recipients], kept=kept)


def write_reminders(item: work.Claimed) -> work.Effect:
    """Write one batch of reminders (kind "reminders"); they hold no code. Raises Unavailable, RenderError."""
    work.prolong(item, utc_now(), LEASE_SECONDS)
    recipients, about = _recipients(item, "invited"), _occasions(item)
    if item.payload["way"] == "smtp":
        return _send_reminders(item, recipients)
    if item.payload["way"] == "letters":
        content = _as_pdf([words.reminder_letter(about[one.locale], one) for one in recipients])
    else:
        content = _as_zip([words.reminder_mail(about[one.locale], one) for one in recipients])
    kept = {"file": files.write_sealed(content), "number": len(recipients)}
    return partial(_end_reminders, item=item, reached=[one.id for one in recipients], kept=kept)


def _recipients(item: work.Claimed, state: str) -> list[Recipient]:
    """The people of the batch whose letter is still owed. Raises Conflict when none is left."""
    ids = RollEntry.id.in_(item.payload["people"])
    owed = ids, RollEntry.state == state, RollEntry.contact != b""
    query = select(RollEntry.id, RollEntry.locale, RollEntry.contact).where(*owed).order_by(RollEntry.id)
    rows = db.session.execute(query).all()
    db.session.rollback()
    if not rows:
        raise Conflict("The addresses of these people have been deleted: the round is over.")
    return [Recipient(id_, locale, people.opened(item.payload["round"], sealed)) for id_, locale, sealed in rows]


def _begin(item: work.Claimed, digests: Sequence[str]) -> None:
    """Store the credentials of this attempt, void those of the one before, note the digests: all or nothing."""
    facts = item.payload
    with transaction() as session:
        round_ = session.get(Round, facts["round"], with_for_update={"read": True})
        if round_ is None:
            raise NotFound("This round does not exist.")
        if round_.state not in (RoundState.APPROVED, RoundState.COLLECTING):
            raise Conflict("People can be invited while a round is approved or collecting.")
        work.hold(session, item, payload={**facts, "digests": sorted(digests)})
        void(session, facts.get("digests", []))
        store_digests(session, round_.id, facts["group"], facts["stratum"], digests)


def _send_invitations(item: work.Claimed, recipients: Sequence[Recipient], codes: Codes) -> work.Effect:
    about = _occasions(item)
    refused: list[str] = []
    reached: list[str] = []
    try:
        _send(
            item, recipients, lambda one: words.invitation_mail(about[one.locale], one, codes[one.id]), reached, refused
        )
    except EvalsysError:
        unsent = [token_digest(code) for id_, code in codes.items() if id_ not in reached]
        with transaction() as session:
            work.hold(session, item, payload=dict(item.payload) | {"digests": []})
            void(session, unsent)
            _mark_invited(session, reached, refused)
        raise
    failed = [token_digest(codes[id_]) for id_ in refused]
    kept = {"number": len(reached), "refused": len(refused)}
    return partial(_end_sending, item=item, sent=(reached, refused, failed), kept=kept)


def _send_reminders(item: work.Claimed, recipients: Sequence[Recipient]) -> work.Effect:
    about = _occasions(item)
    refused: list[str] = []
    reached: list[str] = []
    try:
        _send(item, recipients, lambda one: words.reminder_mail(about[one.locale], one), reached, refused)
    except EvalsysError:
        left = [id_ for id_ in item.payload["people"] if id_ not in {*reached, *refused}]
        with transaction() as session:
            work.hold(session, item, payload=dict(item.payload) | {"people": left})
            _count_reminder(session, [*reached, *refused])
        raise
    kept = {"number": len(reached), "refused": len(refused)}
    return partial(_end_reminders, item=item, reached=[*reached, *refused], kept=kept)


def _send(
    item: work.Claimed,
    recipients: Sequence[Recipient],
    written: Callable[[Recipient], mail.Message],
    reached: list[str],
    refused: list[str],
) -> None:
    """Send one by one, noting who was reached and whose mail the server refuses for good."""
    with mail.outbox() as box:
        for number, one in enumerate(recipients, 1):
            try:
                box.send(written(one))
                reached.append(one.id)
            except mail.Refused:
                refused.append(one.id)
            if not number % MAILS_BETWEEN_RENEWALS:
                work.prolong(item, utc_now(), LEASE_SECONDS)


def _occasions(item: work.Claimed) -> dict[str, words.Occasion]:
    round_ = db.session.get_one(Round, item.payload["round"])
    found = {locale: words.occasion(round_, locale) for locale in LOCALES}
    db.session.rollback()
    return found


def _as_pdf(letters: Sequence[Letter]) -> bytes:
    return pdf.render(letters_html(letters, letters[0].title, letters[0].sender, current_app.jinja_env))


def _as_zip(messages: Sequence[mail.Message]) -> bytes:
    """Mails as files, named by number alone."""
    file, now = io.BytesIO(), utc_now()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, message in enumerate(messages, 1):
            archive.writestr(f"{number:03d}.eml", mail.as_bytes(message, now))
    return file.getvalue()


def _end_invitations(session: Session, item: work.Claimed, reached: Sequence[str], kept: Mapping[str, Any]) -> None:
    _mark_invited(session, reached, [])
    settle(session, item, utc_now(), kept)


def _end_sending(
    session: Session, item: work.Claimed, sent: tuple[list[str], list[str], list[str]], kept: Mapping[str, Any]
) -> None:
    reached, refused, failed = sent
    void(session, failed)
    _mark_invited(session, reached, refused)
    settle(session, item, utc_now(), kept)


def _end_reminders(session: Session, item: work.Claimed, reached: Sequence[str], kept: Mapping[str, Any]) -> None:
    _count_reminder(session, reached)
    settle(session, item, utc_now(), kept)


def _mark_invited(session: Session, reached: Sequence[str], refused: Sequence[str]) -> None:
    today = utc_now().date()
    for ids, values in ((reached, {"state": "invited", "invited_on": today}), (refused, {"state": "failed"})):
        session.execute(update(RollEntry).where(RollEntry.id.in_(ids)).values(values))


def _count_reminder(session: Session, ids: Sequence[str]) -> None:
    session.execute(update(RollEntry).where(RollEntry.id.in_(ids)).values(reminders=RollEntry.reminders + 1))
