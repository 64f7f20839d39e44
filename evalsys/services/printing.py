"""Making the PDF of a published card. Only worker processes import this: the PDF engine is slow to load and large."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import flask_babel
import weasyprint
from flask import current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.config import PROJECT, Config
from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import PreparedScorecard, PublishedScorecard, SignedFile
from evalsys.reports import fonts, pdf
from evalsys.reports.conformance import require_conforming
from evalsys.reports.scorecard import Scorecard
from evalsys.reports.signing import sign_pdf
from evalsys.services import signing
from evalsys.services.files import write_once
from evalsys.services.work import Claimed, Effect

DESIGN = (
    "templates/pdf/*",
    "templates/components/scorecard/*",
    "templates/components/booklet/*",
    "templates/components/method_words.html",
    "templates/components/objection_words.html",
    "templates/components/words.html",
    "evalsys/static/css/pdf.css",
    "evalsys/static/css/card.css",
    "evalsys/static/css/scorecard.css",
    "evalsys/static/css/result_poster.css",
    "evalsys/static/css/booklet.css",
    "evalsys/reports/*.py",
    "evalsys/translations/*/LC_MESSAGES/messages.mo",
)
DESIGN_DIGITS = 8
STAMPED = "-stamped"


@dataclass(frozen=True)
class MadeFile:
    """A finished PDF: its name below `folder()`, and the SHA-256 of its bytes."""

    name: str
    digest: str


def print_scorecard(item: Claimed) -> Effect:
    """Make the card's PDF unless the same content in the same design was made before; the effect records the file."""
    row = db.session.get(PublishedScorecard, item.payload["card"])
    if row is None:
        raise NotFound("This scorecard does not exist.")
    card_id, digest, content = row.id, row.digest, row.content
    db.session.rollback()
    made = make_file(digest, lambda: render(Scorecard.from_json(content)))
    return partial(_record, card_id=card_id, name=made.name, digest=made.digest)


def print_prepared(item: Claimed) -> Effect | None:
    """The same for a card that is prepared for a planned publication; nothing when the plan has changed meanwhile."""
    row = db.session.get(PreparedScorecard, item.payload["card"])
    is_wanted = row is not None and row.digest == item.payload["digest"]
    content = row.content if row else ""
    db.session.rollback()
    if not is_wanted:
        return None
    made = make_file(item.payload["digest"], lambda: render(Scorecard.from_json(content)))
    return partial(_record_prepared, payload=item.payload, made=made)


def make_file(stem: str, draw: Callable[[], bytes]) -> MadeFile:
    """The file for this content in today's design: drawn unless it is there, signed, and kept only if it conforms.

    A file with a time stamp is another one than a file without. Raises RenderError when it cannot be drawn, NotSigned
    when it cannot be signed, and NotConforming when it then breaks a rule of PDF/A-3a or PDF/UA-1.
    """
    config: Config = current_app.config["EVALSYS"]
    mark = STAMPED if signing.has_service(config) else ""
    path = folder() / f"{stem}-{design_digest()[:DESIGN_DIGITS]}{mark}.pdf"
    if not path.is_file():
        data, now = draw(), utc_now()
        signed = sign_pdf(data, signing.current_seal(config, now), now=now)
        require_conforming(signed)  # the unsigned bytes are its beginning
        write_once(path, signed)
    return MadeFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def render(card: Scorecard) -> bytes:
    """The card as PDF in its own language. Needs an application context; raises RenderError."""
    with flask_babel.force_locale(card.locale):
        return pdf.render_scorecard(card, current_app.jinja_env)


def folder() -> Path:
    """Where the PDFs lie; made when absent."""
    path = Path(current_app.instance_path) / "scorecards"
    path.mkdir(parents=True, exist_ok=True)
    return path


@cache
def design_digest() -> str:
    """SHA-256 of everything but the content that decides how a card looks: a new design makes new files."""
    whole = hashlib.sha256(weasyprint.__version__.encode())
    files = sorted(path for pattern in DESIGN for path in PROJECT.glob(pattern))
    for path in [*files, *fonts.files()]:
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _record(session: Session, card_id: int, name: str, digest: str) -> None:
    values = {"pdf_name": name, "pdf_digest": digest}
    session.execute(update(PublishedScorecard).where(PublishedScorecard.id == card_id).values(**values))
    if session.get(SignedFile, digest) is None:
        session.add(SignedFile(digest=digest, scorecard_id=card_id, made_at=utc_now()))


def _record_prepared(session: Session, payload: Mapping[str, Any], made: MadeFile) -> None:
    """A card that was written anew meanwhile has another content, and this is not its file."""
    same = PreparedScorecard.id == payload["card"], PreparedScorecard.digest == payload["digest"]
    values = {"pdf_name": made.name, "pdf_digest": made.digest}
    session.execute(update(PreparedScorecard).where(*same).values(**values))
