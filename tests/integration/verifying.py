"""One published card, printed and signed, and copies of it that were tampered with."""

import io
from contextlib import nullcontext
from unittest.mock import patch

import pypdf
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import PublishedScorecard, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.reports.signing import Seal
from evalsys.services import printing
from evalsys.services.work import Claimed
from tests.stamping import DER, PLAIN, make_pair

KEPT: dict[str, bytes] = {}
ADDRESS = "203.0.113.5"


def card_row(session: Session, unit: str = "U01", locale: str = "en") -> PublishedScorecard:
    query = select(PublishedScorecard).join(Unit).where(Unit.code == unit, PublishedScorecard.locale == locale)
    return session.scalars(query.order_by(PublishedScorecard.id.desc())).first() or PublishedScorecard()


def print_card(session: Session, unit: str = "U01", locale: str = "en") -> bytes:
    """The signed PDF of a card, on record as a worker leaves it; what was drawn once is not drawn again."""
    row = card_row(session, unit, locale)
    stem = row.digest
    with patch.object(printing, "render", lambda _card: KEPT[stem]) if stem in KEPT else nullcontext():
        effect = printing.print_scorecard(Claimed(0, "batch", "key", "scorecard", {"card": row.id}, 1))
    effect(db.session())
    db.session.commit()
    signed = (printing.folder() / card_row(session, unit, locale).pdf_name).read_bytes()
    KEPT.setdefault(stem, unsigned_of(signed))
    return signed


def unsigned_of(signed: bytes) -> bytes:
    """The file as it was before it was signed."""
    return signed[: signed.index(b"%%EOF") + len(b"%%EOF\n")]


def foreign_seal() -> Seal:
    """A key of somebody who gives it our name."""
    root = make_pair("Rivergate City Council – root")
    signer = make_pair("Rivergate City Council – seal", root)
    chain = tuple(one.certificate.public_bytes(DER) for one in (signer, root))
    return Seal(signer.key.private_bytes(DER, *PLAIN), chain, "Rivergate City Council")


def with_data_of(session: Session, unit: str, other: str) -> bytes:
    """The card of one unit, unsigned, that carries the data of another."""
    card = Scorecard.from_json(card_row(session, unit).content)
    data = Scorecard.from_json(card_row(session, other).content)

    class Exchanged(Scorecard):
        """Looks like one card and carries another."""

        def canonical(self) -> bytes:
            return data.canonical()

    fields = {name: getattr(card, name) for name in Scorecard.__dataclass_fields__}
    return printing.render(Exchanged(**fields))


def encrypted(data: bytes) -> bytes:
    """The same file behind a password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
