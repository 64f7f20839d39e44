"""Making the PDF of a published card. Only worker processes import this: the PDF engine is slow to load and large."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import flask_babel
import weasyprint
from flask import current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.config import PROJECT, Config
from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import PublishedScorecard, SignedFile
from evalsys.reports import fonts, pdf
from evalsys.reports.conformance import require_conforming
from evalsys.reports.scorecard import Scorecard
from evalsys.reports.signing import sign_pdf
from evalsys.services import signing
from evalsys.services.files import write_first
from evalsys.services.work import Claimed, Effect

DESIGN = (
    "templates/pdf/*",
    "templates/components/scorecard/*",
    "templates/components/method_words.html",
    "evalsys/static/css/pdf.css",
    "evalsys/static/css/scorecard.css",
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
        write_first(path, signed)
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
