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

from evalsys.config import PROJECT
from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import PublishedScorecard
from evalsys.reports import fonts, pdf
from evalsys.reports.conformance import require_conforming
from evalsys.reports.scorecard import Scorecard
from evalsys.services.files import write_once
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
    """The file for this content in today's design: drawn unless it is there, and kept only if it conforms.

    Raises RenderError when it cannot be drawn and NotConforming when it breaks a rule of PDF/A-3a or PDF/UA-1.
    """
    path = folder() / f"{stem}-{design_digest()[:DESIGN_DIGITS]}.pdf"
    if not path.is_file():
        data = draw()
        require_conforming(data)
        write_once(path, data)
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
