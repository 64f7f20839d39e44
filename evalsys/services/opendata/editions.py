"""What was published when: each run of a round that became public is an edition of its open data."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.i18n import DEFAULT_LOCALE, LOCALES
from evalsys.models import PublishedScorecard, Round, Run, SchemeVersion, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services import content
from evalsys.services.opendata.rows import Content
from evalsys.services.results import card_of, list_rounds, published_round
from evalsys.services.weights import scheme_of
from evalsys.services.zone import local_day

NONE = "There is no open data at this address."
STANDS = PublishedScorecard.withdrawn_at.is_(None)


@dataclass(frozen=True)
class Edition:
    """The open data of one published run; `newest` is the number of the run that is public now.

    `run_id` is a key of the database, `scheme` the document of the scheme, `corrected` why the run replaced another,
    `units` how many offices it has, without those whose card was withdrawn.
    """

    run_id: int
    round_code: str
    number: int
    newest: int
    titles: dict[str, str]
    period_start: date
    period_end: date
    published_on: date
    scheme: str
    corrected: str
    units: int

    @property
    def is_superseded(self) -> bool:
        """Whether newer results replaced these."""
        return self.number != self.newest


def read_editions(round_code: str) -> list[Edition]:
    """All editions of a published round, the newest first. Raises NotFound."""
    round_ = published_round(round_code)
    standing = case((STANDS, PublishedScorecard.unit_id))
    first, units = func.min(PublishedScorecard.created_at), func.count(standing.distinct())
    query = (
        select(Run.id, Run.number, Run.reason, SchemeVersion.body, first, units)
        .join(PublishedScorecard, PublishedScorecard.run_id == Run.id)
        .join(SchemeVersion, SchemeVersion.id == Run.scheme_version_id)
        .where(PublishedScorecard.round_id == round_.id)
        .group_by(Run.id, Run.number, Run.reason, SchemeVersion.body)
        .order_by(Run.number.desc())
    )
    rows = db.session.execute(query).all()
    titles = _titles(round_)
    return [
        Edition(
            run_id=run,
            round_code=round_.code,
            number=number,
            newest=rows[0][1],
            titles=titles,
            period_start=round_.period_start,
            period_end=round_.period_end,
            published_on=local_day(at),
            scheme=body,
            corrected=reason if number != rows[-1][1] else "",
            units=count,
        )
        for run, number, reason, body, at, count in rows
    ]


def read_edition(round_code: str, number: int | None = None) -> Edition:
    """One edition: the newest, unless the number of its run is given. Raises NotFound."""
    for edition in read_editions(round_code):
        if number in (None, edition.number):
            return edition
    raise NotFound(NONE)


def newest_editions() -> list[Edition]:
    """The newest edition of every published round, the newest round first."""
    return [found[0] for line in list_rounds("en") if (found := read_editions(line.code))]


def content_of(edition: Edition) -> Content:
    """The cards of an edition that stand, and its scheme."""
    query = select(PublishedScorecard, Unit.code).join(Unit, Unit.id == PublishedScorecard.unit_id)
    found: dict[str, dict[str, Scorecard]] = {}
    for row, unit in db.session.execute(query.where(STANDS, PublishedScorecard.run_id == edition.run_id)).all():
        found.setdefault(unit, {})[row.locale] = card_of(row)
    return Content(found, scheme_of(edition.scheme))


def content_in(edition: Edition, locale: str, unit: str | None = None) -> Content:
    """The same in one language, of all offices or of one: names in the other languages are not there."""
    query = select(PublishedScorecard, Unit.code).join(Unit, Unit.id == PublishedScorecard.unit_id)
    query = query.where(STANDS, PublishedScorecard.run_id == edition.run_id, PublishedScorecard.locale == locale)
    rows = db.session.execute(query if unit is None else query.where(Unit.code == unit)).all()
    cards = {code: dict.fromkeys((DEFAULT_LOCALE, locale), card_of(row)) for row, code in rows}
    return Content(cards, scheme_of(edition.scheme))


def digests_of(edition: Edition) -> list[str]:
    """The digests of the edition's cards that stand, which decide all of its files."""
    query = select(PublishedScorecard.digest).where(STANDS, PublishedScorecard.run_id == edition.run_id)
    return sorted(db.session.scalars(query))


def _titles(round_: Round) -> dict[str, str]:
    return {locale: str(content.text_of("round", round_.code, "name", locale)) for locale in LOCALES}
