"""Result posters and booklets of published rounds, for everybody to take along."""

from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import PublicationFile, PublishedScorecard, Round, Run, Unit
from evalsys.services.results import CardFile, published_round
from evalsys.services.scorecards.files import file_path, find_file


def read_poster(round_code: str, unit_code: str, locale: str) -> CardFile:
    """The result poster of a unit: the file, or no path while it is being made. Raises NotFound."""
    run, unit = _public_run(published_round(round_code)), _unit_of(unit_code)
    card = PublishedScorecard.run_id == run, PublishedScorecard.unit_id == unit, PublishedScorecard.locale == locale
    reference = db.session.scalar(select(PublishedScorecard.reference).where(*card))
    if reference is None:
        raise NotFound("This office has no published result in this round.")
    return _file(find_file(db.session(), run, unit, locale), f"poster-{reference}.pdf")


def read_booklet(round_code: str, locale: str) -> CardFile:
    """The booklet of a round: the file, or no path while it is being made. Raises NotFound."""
    run = _public_run(published_round(round_code))
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
