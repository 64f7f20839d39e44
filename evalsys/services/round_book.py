"""What the booklet of a round is made from: the published cards of a run, the weights they name, the public record."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from evalsys.errors import NotFound
from evalsys.models import Category, Objection, PublishedScorecard, Run, Unit
from evalsys.reports.booklet import Booklet, CorrectionNote, Decision, Record, WithdrawnNote, make_booklet
from evalsys.reports.scorecard import Scorecard
from evalsys.services import content
from evalsys.services.method import MethodScheme, describe_scheme
from evalsys.services.weights import Labels
from evalsys.services.zone import local_day

OUTCOMES = ("upheld", "partly", "rejected", "withdrawn")


@dataclass(frozen=True)
class RoundBook:
    """A booklet's content in one language."""

    booklet: Booklet
    method: MethodScheme
    record: Record


def read_book(session: Session, run_id: int, locale: str) -> RoundBook:
    """The booklet of a run whose cards are written. Raises NotFound."""
    run = session.get(Run, run_id)
    query = select(PublishedScorecard.content).where(*standing_cards(run_id, locale))
    cards = [Scorecard.from_json(text) for text in session.scalars(query)]
    if run is None or not cards:
        raise NotFound("There are no published results of this round.")
    categories = session.scalars(select(Category.code).order_by(Category.position, Category.code)).all()
    return RoundBook(
        make_booklet(cards, categories), describe_scheme(run.scheme_version, locale), _record(session, run, locale)
    )


def standing_cards(run_id: int, locale: str) -> tuple[ColumnElement[bool], ...]:
    """Which cards a booklet holds: those of the run in this language that were not withdrawn."""
    of_run = PublishedScorecard.run_id == run_id, PublishedScorecard.locale == locale
    return *of_run, PublishedScorecard.withdrawn_at.is_(None)


def _withdrawn(session: Session, run: Run, locale: str, names: Mapping[str, content.Text]) -> tuple[WithdrawnNote, ...]:
    taken = PublishedScorecard.withdrawn_at
    query = select(Unit.code, taken, PublishedScorecard.withdrawn_reason).join(Unit)
    same = PublishedScorecard.round_id == run.round_id, PublishedScorecard.locale == locale, taken.is_not(None)
    rows = session.execute(query.where(*same).order_by(taken.desc(), Unit.code)).all()
    return tuple(WithdrawnNote(str(names.get(unit, unit)), local_day(at), why) for unit, at, why in rows if at)


def _record(session: Session, run: Run, locale: str) -> Record:
    """What was objected to the draft, and what was corrected up to this run."""
    rows = session.execute(
        select(Objection, Unit.code)
        .join(Unit)
        .where(Objection.round_id == run.round_id)
        .order_by(Unit.code, Objection.id)
    ).all()
    numbers = Counter(objection.state for objection, _unit in rows)
    names, labels = content.names("unit", locale), Labels(locale)
    decided = [(objection, unit) for objection, unit in rows if objection.state in OUTCOMES and objection.decided_at]
    return Record(
        {state: numbers[state] for state in OUTCOMES if numbers[state]},
        tuple(_decision(objection, str(names.get(unit, unit)), labels) for objection, unit in decided),
        _corrections(session, run),
        _withdrawn(session, run, locale, names),
    )


def _decision(one: Objection, unit: str, labels: Labels) -> Decision:
    topic = str(labels.node(one.topic)) if one.topic else ""
    return Decision(unit, topic, one.state, one.decision, (one.decided_at or one.at).date())


def _corrections(session: Session, run: Run) -> tuple[CorrectionNote, ...]:
    query = (
        select(Run.reason, func.min(PublishedScorecard.created_at))
        .join(PublishedScorecard, PublishedScorecard.run_id == Run.id)
        .where(Run.round_id == run.round_id, Run.number <= run.number)
        .group_by(Run.number, Run.reason)
        .order_by(Run.number)
    )
    rows = session.execute(query).all()[1:]
    return tuple(CorrectionNote(local_day(at), reason) for reason, at in reversed(rows))
