"""Result posters and booklets of published rounds, for everybody to take along."""

from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import Gone, NotFound
from evalsys.models import PublicationFile, PublishedScorecard, Round, Run, Unit
from evalsys.services.results import ALL_GONE, GONE, CardFile, published_round
from evalsys.services.scorecards.files import file_path, find_file


def read_poster(round_code: str, unit_code: str, locale: str) -> CardFile:
    """The result poster of a unit: the file, or no path while it is being made. Raises NotFound; Gone if withdrawn."""
    run, unit = _public_run(published_round(round_code)), _unit_of(unit_code)
    card = PublishedScorecard.run_id == run, PublishedScorecard.unit_id == unit, PublishedScorecard.locale == locale
    row = db.session.execute(select(PublishedScorecard.reference, PublishedScorecard.withdrawn_at).where(*card)).first()
    if row is None:
        raise NotFound("This office has no published result in this round.")
    if row[1] is not None:
        raise Gone(GONE)
    return _file(find_file(db.session(), run, unit, locale), f"poster-{row[0]}.pdf")


def read_booklet(round_code: str, locale: str) -> CardFile:
    """The booklet of a round: the file, or no path while it is being made. Raises NotFound; Gone without any card."""
    run = _public_run(published_round(round_code))
    stands = PublishedScorecard.run_id == run, PublishedScorecard.withdrawn_at.is_(None)
    if db.session.scalar(select(PublishedScorecard.id).where(*stands).limit(1)) is None:
        raise Gone(ALL_GONE)
    return _file(find_file(db.session(), run, None, locale), f"booklet-{round_code}-{locale}.pdf")


def _file(row: PublicationFile | None, name: str) -> CardFile:
    return CardFile(file_path(row), row.digest if row else "", name)


def _public_run(round_: Round) -> int:
    query = select(Run.id).join(PublishedScorecard, PublishedScorecard.run_id == Run.id)
    found = db.session.scalar(query.where(Run.round_id == round_.id).order_by(Run.number.desc()).limit(1))
    if found is None:
        raise NotFound("This round has no published results.")
    return found


def _unit_of(code: str) -> int | None:
    return db.session.scalar(select(Unit.id).where(Unit.code == code))
