"""Publishing a run: the content of every card is written at once, its PDF is queued."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.config import Config
from evalsys.db import db, transaction
from evalsys.errors import NotFound
from evalsys.i18n import LOCALES
from evalsys.models import PUBLIC, PublishedScorecard, Round, Run, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services import content, work
from evalsys.services.access import Actor, require
from evalsys.services.figures.needs import Measures
from evalsys.services.indicators.freezing import frozen_names
from evalsys.services.run_input import RunInput
from evalsys.services.scorecards.card import Occasion, build_card
from evalsys.services.scorecards.files import enqueue_files, missing_files
from evalsys.services.scorecards.fine import fine_scores
from evalsys.services.scorecards.former import Former, read_former
from evalsys.services.scorecards.left_out import left_out
from evalsys.services.scorecards.opened import opened_facts
from evalsys.services.scorecards.said import said_by_units
from evalsys.services.scorecards.sheet import read_sheet
from evalsys.services.scorecards.words import Words
from evalsys.services.weights import scheme_of
from evalsys.services.zone import local_day
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
    known = select(PublishedScorecard.unit_id, PublishedScorecard.locale).where(PublishedScorecard.run_id == run.id)
    there = set(session.execute(known).all())
    for unit_id, card in cards_of(session, round_, run, now):
        if (unit_id, card.locale) not in there:
            session.add(_row(card, run, unit_id, now))
    session.flush()
    return enqueue_prints(session, run, round_.code, now)


def cards_of(session: Session, round_: Round, run: Run, now: datetime) -> Iterator[tuple[int, Scorecard]]:
    """The cards of a run as they are published at `now`: of all units in all languages, each with its unit's id."""
    result = Result.from_json(run.result)
    occasion, said = occasion_of(round_, run, now), said_by_units(session, round_, local_day(now))
    sheet = read_sheet(result, occasion.scheme)
    fine = fine_scores(sheet, occasion.scheme)
    former, omitted = read_former(session, round_), left_out(session, round_)
    units = dict(session.execute(select(Unit.code, Unit.id).where(Unit.code.in_(sheet.scores))).all())
    opened = opened_facts(session, run, units)
    for locale in LOCALES:
        words = words_of(session, round_, locale)
        for unit, unit_id in units.items():
            card = build_card(sheet, occasion, words, unit, former.get(unit, Former()))
            added = {"indicators": fine.lines(card), "left_out": omitted[unit], **opened[unit]}
            yield unit_id, replace(card, **added, **said.of(unit_id, words))


def enqueue_prints(session: Session, run: Run, round_code: str, now: datetime) -> str:
    """Queue the PDFs of the run that are not queued yet: cards, posters, booklets; returns the batch's name."""
    query = select(PublishedScorecard.id, Unit.code, PublishedScorecard.locale).join(Unit)
    rows = session.execute(query.where(PublishedScorecard.run_id == run.id).order_by(Unit.code, PublishedScorecard.id))
    items = [(_key(unit, locale, run), {"card": card}) for card, unit, locale in rows.all()]
    batch = batch_of(round_code, run.number)
    work.enqueue(session, batch, KIND, items, now)
    enqueue_files(session, run, batch, now)
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
        lacking = [
            _key(row.unit.code, row.locale, run) for row in rows if row.withdrawn_at is None and pdf_path(row) is None
        ]
        work.reopen(session, batch, [*lacking, *missing_files(session, run)])
        return batch


def pdf_path(row: PublishedScorecard) -> Path | None:
    """Where the card's PDF lies; None while it is not made, or when the file is gone."""
    return card_file(row.pdf_name)


def card_file(name: str) -> Path | None:
    """A file of this name among the PDFs of cards; None for an empty name, and when it is not there."""
    path = Path(current_app.instance_path) / "scorecards" / name
    return path if name and path.is_file() else None


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
        published_on=local_day(now),
        run_number=run.number,
        run_digest=run.result_digest,
        engine_version=run.engine_version,
        scheme=scheme_of(version.body),
        supplement=RunInput.from_bytes(run.input).supplement,
        scheme_version=version.number,
        adopted_on=(version.decided_at or version.proposed_at).date(),
        adopted_by=(version.approver or version.proposer).name,
        public_url=config.public_url,
        appeal=config.appeal_contact,
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
