"""A small city with every publication level, scored and published through the real use cases.

U01 is the worked example (75.69, band B), U02 its neighbour, U08 indicative, U18 without citizens, U19 and U20 a
category in which one unit may not be shown, U21 below the number from which anything may be told.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from evalsys.db import Base, db
from evalsys.models import Account, Category, Cell, PublishedScorecard, Questionnaire, Role, Round, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services import printing, runs
from evalsys.services.access import actor_of
from evalsys.services.presets import add_questionnaires, install, read_preset
from evalsys.services.weights import read_scheme
from scoring.collect import Form, pack, tally
from tests.factories import (
    make_account,
    make_category,
    make_round,
    make_scheme_version,
    make_unit,
    number_from,
)
from tests.tracing import untraced

NOW = datetime(2025, 12, 2, 9, 0, tzinfo=UTC)
GOLDEN = (4.4, 4.2, 4.3, 4.5, 4.1, 3.9, 4.6)
PLAIN = (4.0, 3.5, 4.0, 3.5, 4.0, 3.0, 4.0)


@dataclass(frozen=True)
class Ratings:
    """Mean codes of each question and the number of raters of one group; citizens may also have open answers."""

    means: Sequence[float]
    n: int
    open_n: int = 0


PEERS = Ratings((4.0, 3.8, 3.6), 10)
EXPERTS = Ratings((69, 69, 69, 69, 69, 69), 4)
CITY: Mapping[str, tuple[str, Mapping[str, Ratings]]] = {
    "U01": ("A", {"citizens": Ratings(GOLDEN, 120, 40), "peers": PEERS, "experts": EXPERTS}),
    "U02": ("A", {"citizens": Ratings(PLAIN, 100), "peers": PEERS, "experts": EXPERTS}),
    "U08": ("A", {"citizens": Ratings(PLAIN, 96), "peers": PEERS, "experts": EXPERTS}),
    "U18": ("D", {"peers": PEERS, "experts": EXPERTS}),
    "U19": ("E", {"citizens": Ratings(PLAIN, 62), "peers": PEERS, "experts": EXPERTS}),
    "U20": ("E", {"citizens": Ratings((*GOLDEN[:6], 4.0), 20), "peers": PEERS, "experts": EXPERTS}),
    "U21": ("F", {"citizens": Ratings(PLAIN, 8), "peers": PEERS, "experts": EXPERTS}),
}


def make_published_round(
    session: Session, code: str = "2025", *, method: str = "m1", publication: str = "scores-and-grades"
) -> Round:
    """The city's round `code` (a year), scored and published: scores and grades unless told otherwise."""

    def make() -> None:
        make_scored_round(session, code, method=method, publication=publication)
        adopt(session, code)
        runs.publish_round(actor_of(_officer(session, Role.BOARD)), code, now=NOW)

    make_once(session, f"published-{code}-{method}-{publication}", make)
    return _round(session, code)


@untraced  # what it takes has tests of its own
def make_once(session: Session, name: str, make: Callable[[], object]) -> None:
    """Make a city. Alone in a SQLite database it is made once; after that the whole database is copied from there."""
    city = hashlib.sha256(repr(CITY).encode()).hexdigest()  # tests have cities of their own
    kept = _copy_of(session, f"{name}-{city}")
    if kept is None or not kept.is_file():
        make()
        session.commit()
        if kept is not None:
            _copy(Path(str(db.engine.url.database)), kept)
    else:
        session.rollback()
        db.engine.dispose()
        shutil.rmtree(printing.folder())  # the same cards have the same files, and a test may have written others
        _copy(kept, Path(str(db.engine.url.database)))
    number_from(100_000)  # beyond whatever the copy was made with


def _copy_of(session: Session, name: str) -> Path | None:
    """Where a copy of the database is kept, if that is an empty file of SQLite now."""
    if db.engine.dialect.name != "sqlite":
        return None
    found = session.execute(
        text(" UNION ALL ".join(f'SELECT EXISTS (SELECT 1 FROM "{table}")' for table in Base.metadata.tables))
    )
    return None if any(found.scalars()) else Path(str(db.engine.url.database)).with_name(f"{name}.sqlite")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        there.execute("PRAGMA synchronous=OFF")
        here.backup(there)


def _round(session: Session, code: str) -> Round:
    return session.scalars(select(Round).where(Round.code == code)).one()


def adopt(session: Session, code: str) -> None:
    """The board has adopted the round's results, as if all offices had been heard."""
    session.execute(update(Round).where(Round.code == code).values(state="final", adopted_at=NOW))
    session.commit()


def make_scored_round(
    session: Session, code: str = "2025", *, method: str = "m1", publication: str = "scores-and-grades"
) -> Round:
    """The city's round `code` (a year), scored but not published."""
    make_once(session, f"scored-{code}-{method}-{publication}", lambda: _score_city(session, code, method, publication))
    return _round(session, code)


def _score_city(session: Session, code: str, method: str, publication: str) -> None:
    preset = read_preset("rivergate")
    units = [_unit(session, unit, category) for unit, (category, _ratings) in CITY.items()]
    year = int(code)
    round_ = make_round(
        session,
        units,
        code=code,
        method=method,
        state="quality_control",
        period_start=date(year, 1, 1),
        period_end=date(year, 12, 31),
    )
    install(session, preset)
    forms = {form.group: form for form in add_questionnaires(session, round_, preset)}
    analyst, board = _officer(session, Role.ANALYST), _officer(session, Role.BOARD)
    body = replace(read_scheme(preset.scheme), publication=publication).canonical()
    decided = {"state": "approved", "approver": board, "decided_at": NOW}
    make_scheme_version(session, round_, analyst, body, **decided)
    for unit in units:
        for group, ratings in CITY[unit.code][1].items():
            session.add_all(_cells(forms[group], unit, ratings))
    session.commit()
    runs.score_round(actor_of(_officer(session, Role.ANALYST)), code, now=NOW)


def card_of(session: Session, unit: str, locale: str = "en", round_code: str = "2025") -> Scorecard:
    """The published card, read back from the database."""
    session.rollback()
    query = select(PublishedScorecard).join(Unit).join(Round, Round.id == PublishedScorecard.round_id)
    row = session.scalars(
        query.where(Unit.code == unit, PublishedScorecard.locale == locale, Round.code == round_code)
    ).one()
    return Scorecard.from_json(row.content)


def _unit(session: Session, code: str, category: str) -> Unit:
    there = session.scalar(select(Unit).where(Unit.code == code))
    if there is not None:
        return there
    same = session.scalar(select(Category).where(Category.code == category))
    return make_unit(session, code=code, category=same or make_category(session, code=category))


def _officer(session: Session, role: Role) -> Account:
    there = session.scalar(select(Account).where(Account.role == role).limit(1))
    return there or make_account(session, role)


def _cells(form: Questionnaire, unit: Unit, ratings: Ratings) -> list[Cell]:
    stratum = "users" if form.group == "citizens" else "all"
    people = {stratum: ratings.n, "open": ratings.open_n}
    return [_cell(form, unit, name, ratings.means, n) for name, n in people.items() if n]


def _cell(form: Questionnaire, unit: Unit, stratum: str, means: Sequence[float], n: int) -> Cell:
    points = tuple(question.indicator.points for question in form.questions)
    asked = Form(form.code, form.group, tuple(question.indicator.code for question in form.questions), points)
    totals = [round(mean * n) for mean in means]
    answers = [[total // n + (person < total % n) for total in totals] for person in range(n)]
    counted = tally("".join(pack(codes, points) for codes in answers), asked)
    blobs = {"counts": counted.counts_blob(), "moments": counted.moments_blob()}
    return Cell(questionnaire_id=form.id, unit_id=unit.id, stratum=stratum, n=counted.n, **blobs)
