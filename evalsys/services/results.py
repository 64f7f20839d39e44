"""What the public sees of published rounds. Reads nothing but published cards, so what is withheld cannot get out."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from evalsys.db import db
from evalsys.errors import Gone, NotFound
from evalsys.i18n import _l
from evalsys.models import PUBLIC, Category, PublishedScorecard, Round, Run, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.scorecards import pdf_path
from evalsys.services.zone import local_day

CARDS_IN_MEMORY = 2048
GONE = _l("This scorecard was withdrawn.")
ALL_GONE = _l("All scorecards of this round were withdrawn.")


@dataclass(frozen=True)
class RoundLine:
    """A published round in a list."""

    code: str
    title: str


@dataclass(frozen=True)
class Withdrawn:
    """Since when, and why, a card is shown to nobody."""

    on: date
    reason: str


@dataclass(frozen=True)
class CardPage:
    """One published card; `has_pdf` is False while the PDF is being made. Of a withdrawn one only names are told."""

    card: Scorecard
    has_pdf: bool
    withdrawn: Withdrawn | None = None

    @property
    def shown(self) -> Scorecard:
        """The card for whoever takes it or a part of it along. Raises Gone when it was withdrawn."""
        if self.withdrawn is not None:
            raise Gone(GONE)
        return self.card


@dataclass(frozen=True)
class UnitLine:
    """A unit by code and name."""

    code: str
    name: str


@dataclass(frozen=True)
class OwnResults:
    """What a head sees first: the newest card (None before any round is published) and former ones, newest first."""

    unit: UnitLine
    newest: Scorecard | None
    former: tuple[Scorecard, ...]


@dataclass(frozen=True)
class CardFile:
    """The PDF of a card: the file (None while it is being made), its digest, the name under which it is saved."""

    path: Path | None
    digest: str
    name: str


def list_rounds(locale: str) -> list[RoundLine]:
    """The published rounds, newest first."""
    titles = content.names("round", locale)
    query = select(Round.code).where(Round.state.in_(PUBLIC)).order_by(Round.period_end.desc())
    return [RoundLine(code, str(titles.get(code, code))) for code in db.session.scalars(query)]


def read_cards(round_code: str, locale: str) -> list[Scorecard]:
    """The newest card of every unit of a published round, by code of unit, but those withdrawn.

    Raises NotFound; Gone when all of them were withdrawn.
    """
    rows = newest_rows(published_round(round_code), locale)
    cards = [card_of(row) for row in rows if row.withdrawn_at is None]
    if not cards:
        raise Gone(ALL_GONE)
    return cards


def read_card(round_code: str, unit_code: str, locale: str) -> CardPage:
    """The newest published card of a unit in a published round. Raises NotFound."""
    row = _newest_card(published_round(round_code), unit_code, locale)
    if row.withdrawn_at is not None:
        return CardPage(
            card_of(row), has_pdf=False, withdrawn=Withdrawn(local_day(row.withdrawn_at), row.withdrawn_reason)
        )
    return CardPage(card_of(row), pdf_path(row) is not None)


def read_pdf(round_code: str, unit_code: str, locale: str) -> CardFile:
    """The card's PDF. Raises NotFound; Gone when the card was withdrawn."""
    row = _newest_card(published_round(round_code), unit_code, locale)
    if row.withdrawn_at is not None:
        raise Gone(GONE)
    return CardFile(pdf_path(row), row.pdf_digest, f"{row.reference}.pdf")


def read_unit_cards(unit_code: str, locale: str) -> list[Scorecard]:
    """The published cards of a unit, newest round first, without those that were withdrawn."""
    rows = (
        select(PublishedScorecard)
        .join(Round, Round.id == PublishedScorecard.round_id)
        .join(Run, Run.id == PublishedScorecard.run_id)
        .join(Unit, Unit.id == PublishedScorecard.unit_id)
        .where(Round.state.in_(PUBLIC), Unit.code == unit_code, PublishedScorecard.locale == locale)
        .order_by(Round.period_end.desc(), Round.id.desc(), Run.number.desc())
    )
    newest: dict[int, PublishedScorecard] = {}
    for row in db.session.scalars(rows):
        newest.setdefault(row.round_id, row)
    return [card_of(row) for row in newest.values() if row.withdrawn_at is None]


def category_order() -> list[str]:
    """The codes of all categories as they are listed."""
    return list(db.session.scalars(select(Category.code).order_by(Category.position, Category.code)))


def read_own_card(actor: Actor, round_code: str, locale: str) -> CardPage:
    """A head's own unit's card; only what everybody may see as well. Raises Forbidden, NotFound."""
    return read_card(round_code, _own_unit(actor), locale)


def read_own_pdf(actor: Actor, round_code: str, locale: str) -> CardFile:
    """The PDF of a head's own unit's card. Raises Forbidden, NotFound."""
    return read_pdf(round_code, _own_unit(actor), locale)


def read_own_results(actor: Actor, locale: str) -> OwnResults:
    """Every published result of a head's own unit. Raises Forbidden, NotFound."""
    code = _own_unit(actor)
    cards = read_unit_cards(code, locale)
    name = content.text_of("unit", code, "name", locale)
    return OwnResults(UnitLine(code, str(name)), cards[0] if cards else None, tuple(cards[1:]))


def published_round(code: str) -> Round:
    """The published round of this code. Raises NotFound, also for a round that is not published yet."""
    found = db.session.scalar(select(Round).where(Round.code == code, Round.state.in_(PUBLIC)))
    if found is None:
        raise NotFound("There are no published results of this round.")
    return found


def newest_rows(round_: Round, locale: str) -> list[PublishedScorecard]:
    """The newest card of every unit of a round, by code of unit, withdrawn ones too. Raises NotFound without any."""
    rows = list(db.session.scalars(_newest_cards(round_, locale)))
    if not rows:
        raise NotFound("This round has no published results.")
    return rows


def card_of(row: PublishedScorecard) -> Scorecard:
    """The card that a row holds; published content never changes, so it is read once."""
    return _read(row.content)


@lru_cache(maxsize=CARDS_IN_MEMORY)
def _read(text: str) -> Scorecard:
    return Scorecard.from_json(text)


def _own_unit(actor: Actor) -> str:
    require(actor, "unit.read")
    code = db.session.scalar(select(Unit.code).where(Unit.id == actor.unit_id))
    if code is None:
        raise NotFound("Your account belongs to no office.")
    return code


def _newest_cards(round_: Round, locale: str) -> Select[PublishedScorecard]:
    newest = (
        select(PublishedScorecard.run_id)
        .join(Run, Run.id == PublishedScorecard.run_id)
        .where(PublishedScorecard.round_id == round_.id)
        .order_by(Run.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(PublishedScorecard)
        .join(Unit)
        .options(contains_eager(PublishedScorecard.unit))
        .where(PublishedScorecard.run_id == newest, PublishedScorecard.locale == locale)
        .order_by(Unit.code)
    )


def _newest_card(round_: Round, unit_code: str, locale: str) -> PublishedScorecard:
    row = db.session.scalar(_newest_cards(round_, locale).where(Unit.code == unit_code))
    if row is None:
        raise NotFound("This office has no published result in this round.")
    return row
