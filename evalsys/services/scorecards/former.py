"""What was published of offices before a round: their results, and the lines with which new ones are compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.i18n import DEFAULT_LOCALE
from evalsys.models import PUBLIC, PublishedScorecard, Round, Run, Unit
from evalsys.reports.scorecard import HistoryPoint, IndicatorLine, Scorecard
from evalsys.services.register.reorganising import Descent, read_descent

Key = tuple[str, str]
Interval = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True)
class Former:
    """An office's published results of earlier rounds, oldest first; `lines` by round, then indicator and group."""

    points: tuple[HistoryPoint, ...] = ()
    lines: Mapping[str, Mapping[Key, IndicatorLine]] = field(default_factory=dict)

    @property
    def last(self) -> HistoryPoint | None:
        """The newest result that can be compared and has a score."""
        own = (point for point in reversed(self.points) if point.comparable and point.score is not None)
        return next(own, None)


def read_former(session: Session, round_: Round) -> dict[str, Former]:
    """What was published of earlier rounds by unit; of several runs of a round the newest, if it stands.

    Nothing from before a reorganisation can be compared. A unit that came from others has their results before its
    own, each with the code of the unit that it was of.
    """
    query = (
        select(PublishedScorecard.unit_id, PublishedScorecard.content, Round, PublishedScorecard.withdrawn_at)
        .join(Round, PublishedScorecard.round_id == Round.id)
        .join(Run, PublishedScorecard.run_id == Run.id)
        .where(Round.state.in_(PUBLIC), Round.id != round_.id, Round.period_end < round_.period_end)
        .where(Round.is_pilot.is_(False))
        .where(PublishedScorecard.locale == DEFAULT_LOCALE)
        .order_by(Round.period_end, Run.number)
    )
    descent = read_descent(session)
    points: dict[int, dict[str, HistoryPoint]] = {}
    lines: dict[int, dict[str, Mapping[Key, IndicatorLine]]] = {}
    for unit, text, before, withdrawn_at in session.execute(query).all():
        card = Scorecard.from_json(text)
        if withdrawn_at is not None:
            points.get(unit, {}).pop(card.round_code, None)
            lines.get(unit, {}).pop(card.round_code, None)
            continue
        is_broken = descent.breaks(unit, before, round_)
        point = _point(card, before.method == round_.method and not is_broken, is_broken)
        points.setdefault(unit, {})[card.round_code] = point
        if point.comparable:
            shown = (line for line in card.indicators if line.score is not None)
            lines.setdefault(unit, {})[card.round_code] = {(line.code, line.group_code): line for line in shown}
    codes = dict(session.execute(select(Unit.id, Unit.code)).all())
    own = {unit: tuple(found.values()) for unit, found in points.items()}
    return {
        codes[unit]: Former((*_inherited(unit, own, descent, codes), *own.get(unit, ())), lines.get(unit, {}))
        for unit in own.keys() | descent.formers.keys()
    }


def is_clear(change: Decimal, now: Interval, before: Interval) -> bool | None:
    """Whether the change is larger than the margin of a difference of two independent samples; None if unknown."""
    if now[0] is None or now[1] is None or before[0] is None or before[1] is None:
        return None
    margins = ((now[1] - now[0]) / 2) ** 2 + ((before[1] - before[0]) / 2) ** 2
    return change**2 > margins


def with_change(line: IndicatorLine, before: IndicatorLine | None) -> IndicatorLine:
    """The line with its change since a former one, where both have a score."""
    if before is None or before.score is None or line.score is None:
        return line
    change = line.score - before.score
    clear = is_clear(change, (line.low, line.high), (before.low, before.high))
    return replace(line, change=change, change_is_clear=clear)


def _point(card: Scorecard, comparable: bool, is_broken: bool) -> HistoryPoint:
    return HistoryPoint(
        round_code=card.round_code,
        score=card.score,
        band=card.band,
        level=card.level,
        comparable=comparable,
        low=card.low,
        high=card.high,
        is_reorganised=is_broken,
    )


def _inherited(
    unit: int, own: Mapping[int, tuple[HistoryPoint, ...]], descent: Descent, codes: Mapping[int, str]
) -> Iterator[HistoryPoint]:
    """What the units from which this one came had, and those before them: never comparable, never its own."""
    for former in descent.ancestors(unit):
        for point in own.get(former, ()):
            yield replace(point, comparable=False, is_reorganised=True, unit=codes[former])
