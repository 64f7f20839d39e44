"""Publishing a run: the content of every card is written at once, its PDF is queued."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.config import Config
from evalsys.db import db, transaction
from evalsys.errors import NotFound
from evalsys.i18n import DEFAULT_LOCALE, LOCALES
from evalsys.models import PUBLIC, PublishedScorecard, Round, Run, Unit
from evalsys.reports.scorecard import HistoryPoint, Scorecard
from evalsys.services import content, work
from evalsys.services.access import Actor, require
from evalsys.services.figures.needs import Measures
from evalsys.services.indicators.freezing import frozen_names
from evalsys.services.register.reorganising import Descent, read_descent
from evalsys.services.run_input import RunInput
from evalsys.services.scorecards.card import Occasion, build_card
from evalsys.services.scorecards.fine import fine_scores
from evalsys.services.scorecards.opened import opened_facts
from evalsys.services.scorecards.said import reply_lines
from evalsys.services.scorecards.sheet import read_sheet
from evalsys.services.scorecards.words import Words
from evalsys.services.weights import scheme_of
from scoring.result import Result

KIND = "scorecard"
INITIALS = 3


def batch_of(round_code: str, run_number: int) -> str:
    """The name of the batch of work items that makes the PDFs of a run's cards."""
    return f"cards-{round_code}-{run_number}"


def publish(session: Session, round_: Round, run: Run, now: datetime) -> str:
    """Write the cards of all units in all languages within the caller's transaction, and queue their PDFs.

    Doing it again for the same run adds nothing. Returns the name of the batch of work items.
    """
    result = Result.from_json(run.result)
    occasion, replies = occasion_of(round_, run, now), reply_lines(session, round_)
    sheet = read_sheet(result, occasion.scheme)
    fine = fine_scores(sheet, occasion.scheme)
    former = former_points(session, round_)
    units = dict(session.execute(select(Unit.code, Unit.id).where(Unit.code.in_(sheet.scores))).all())
    opened = opened_facts(session, run, units)
    known = select(PublishedScorecard.unit_id, PublishedScorecard.locale).where(PublishedScorecard.run_id == run.id)
    there = set(session.execute(known).all())
    for locale in LOCALES:
        words = words_of(session, round_, locale)
        for unit, unit_id in units.items():
            if (unit_id, locale) not in there:
                card = build_card(sheet, occasion, words, unit, former.get(unit, ()))
                said = replace(card, **opened[unit], reply=replies.get(unit_id), indicators=fine.lines(card))
                session.add(_row(said, run, unit_id, now))
    session.flush()
    return enqueue_prints(session, run, round_.code, now)


def enqueue_prints(session: Session, run: Run, round_code: str, now: datetime) -> str:
    """Queue the PDF of every card of the run that is not queued yet; returns the batch's name."""
    query = select(PublishedScorecard.id, Unit.code, PublishedScorecard.locale).join(Unit)
    rows = session.execute(query.where(PublishedScorecard.run_id == run.id).order_by(Unit.code, PublishedScorecard.id))
    items = [(_key(unit, locale, run), {"card": card}) for card, unit, locale in rows.all()]
    batch = batch_of(round_code, run.number)
    work.enqueue(session, batch, KIND, items, now)
    return batch


def is_published(round_code: str) -> bool:
    """Whether this round's cards are public."""
    query = select(Round.id).where(Round.code == round_code, Round.state.in_(PUBLIC))
    return db.session.scalar(query) is not None


def reprint(actor: Actor, round_code: str, *, now: datetime) -> str:
    """Queue the PDFs that a published round lacks; returns the batch. Raises Forbidden, NotFound."""
    require(actor, "round.publish")
    with transaction() as session:
        newest = (
            select(Run)
            .join(PublishedScorecard, PublishedScorecard.run_id == Run.id)
            .join(Round, Round.id == Run.round_id)
            .where(Round.code == round_code)
        )
        run = session.scalar(newest.order_by(Run.number.desc()).limit(1))
        if run is None:
            raise NotFound("There are no published results of this round.")
        batch = enqueue_prints(session, run, round_code, now)
        rows = session.scalars(select(PublishedScorecard).where(PublishedScorecard.run_id == run.id))
        work.reopen(session, batch, [_key(row.unit.code, row.locale, run) for row in rows if pdf_path(row) is None])
        return batch


def pdf_path(row: PublishedScorecard) -> Path | None:
    """Where the card's PDF lies; None while it is not made, or when the file is gone."""
    if not row.pdf_name:
        return None
    path = Path(current_app.instance_path) / "scorecards" / row.pdf_name
    return path if path.is_file() else None


def former_points(session: Session, round_: Round) -> dict[str, tuple[HistoryPoint, ...]]:
    """The published results of earlier rounds by unit, oldest first; of several runs of a round the newest.

    Nothing from before a reorganisation can be compared. A unit that came from others has their results before its
    own, each with the code of the unit that it was of.
    """
    query = (
        select(PublishedScorecard.unit_id, PublishedScorecard.content, Round)
        .join(Round, PublishedScorecard.round_id == Round.id)
        .join(Run, PublishedScorecard.run_id == Run.id)
        .where(Round.state.in_(PUBLIC), Round.id != round_.id, Round.period_end < round_.period_end)
        .where(Round.is_pilot.is_(False))
        .where(PublishedScorecard.locale == DEFAULT_LOCALE)
        .order_by(Round.period_end, Run.number)
    )
    descent = read_descent(session)
    found: dict[int, dict[str, HistoryPoint]] = {}
    for unit, text, before in session.execute(query).all():
        card = Scorecard.from_json(text)
        is_broken = descent.breaks(unit, before, round_)
        point = HistoryPoint(
            round_code=card.round_code,
            score=card.score,
            band=card.band,
            level=card.level,
            comparable=before.method == round_.method and not is_broken,
            low=card.low,
            high=card.high,
            is_reorganised=is_broken,
        )
        found.setdefault(unit, {})[card.round_code] = point
    codes = dict(session.execute(select(Unit.id, Unit.code)).all())
    own = {unit: tuple(points.values()) for unit, points in found.items()}
    wanted = own.keys() | descent.formers.keys()
    return {codes[unit]: (*_inherited(unit, own, descent, codes), *own.get(unit, ())) for unit in wanted}


def _inherited(
    unit: int, own: Mapping[int, tuple[HistoryPoint, ...]], descent: Descent, codes: Mapping[int, str]
) -> Iterator[HistoryPoint]:
    """What the units from which this one came had, and those before them: never comparable, never its own."""
    for former in descent.ancestors(unit):
        for point in own.get(former, ()):
            yield replace(point, comparable=False, is_reorganised=True, unit=codes[former])


def _key(unit: str, locale: str, run: Run) -> str:
    return f"{unit}/{locale}/{run.number}"


def occasion_of(round_: Round, run: Run, now: datetime) -> Occasion:
    """What all cards of a run share."""
    version = run.scheme_version
    config: Config = current_app.config["EVALSYS"]
    return Occasion(
        round_code=round_.code,
        period_start=round_.period_start,
        period_end=round_.period_end,
        published_on=now.date(),
        run_number=run.number,
        run_digest=run.result_digest,
        engine_version=run.engine_version,
        scheme=scheme_of(version.body),
        supplement=RunInput.from_bytes(run.input).supplement,
        scheme_version=version.number,
        adopted_on=(version.decided_at or version.proposed_at).date(),
        adopted_by=(version.approver or version.proposer).name,
        public_url=config.public_url,
        initials="".join(re.findall(r"\b[A-Z]", config.body_name))[:INITIALS] or "EV",
    )


def words_of(session: Session, round_: Round, locale: str) -> Words:
    """The names of all that stands on the cards of a round."""
    config: Config = current_app.config["EVALSYS"]
    return Words(
        locale=locale,
        body_name=content.body_name(locale, config.body_name),
        round_title=content.text_of("round", round_.code, "name", locale).text,
        units=content.names("unit", locale),
        categories=content.names("category", locale),
        groups=content.names("group", locale),
        indicators={**content.names("indicator", locale), **frozen_names(session, round_.id, locale)},
        dimensions=content.names("dimension", locale),
        strata=content.names("stratum", locale),
        measures=Measures(locale),
    )


def _row(card: Scorecard, run: Run, unit_id: int, now: datetime) -> PublishedScorecard:
    return PublishedScorecard(
        reference=f"{card.reference}-{card.locale}",
        round_id=run.round_id,
        run_id=run.id,
        unit_id=unit_id,
        locale=card.locale,
        content=card.canonical().decode(),
        digest=card.digest,
        created_at=now,
    )
