"""What the pages of a round's figures show: what is asked for, what is there, what is missing, how it came about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import PUBLIC, Account, Figure, Round, RoundState, RoundUnit, Unit
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.figures.loading import RIGHT
from evalsys.services.figures.needs import Measures, Need, measures_of, needs_of, periods_of
from evalsys.services.rounds.states import find_round
from evalsys.services.versions import current_version
from evalsys.services.weights import Labels, leaf_weights, percent, scheme_of
from scoring.scheme import Scheme

IMPUTED_FROM_LAST = "last"
LOADS_SHOWN = 20


@dataclass(frozen=True)
class NeedLine:
    """A figure that is asked for, with its names; `weight` is its share of the score (percent), None for a divisor.

    `units` are the codes of those it is asked of, empty when it is asked of all; `given` of `asked` are there.
    """

    code: str
    name: Text
    hint: Text | None
    measure: str
    need: Need
    denominator: Text | None
    weight: Decimal | None
    units: tuple[str, ...]
    given: int
    asked: int


@dataclass(frozen=True)
class MatrixCell:
    """One figure of one unit: its value, "" where it is missing; it may not be asked for at all."""

    indicator: str
    name: Text
    value: str
    is_asked: bool


@dataclass(frozen=True)
class MatrixLine:
    """All figures of one unit for the round's own period."""

    unit: str
    name: Text
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True)
class LoadLine:
    """One load: when, by whom, how many figures."""

    at: datetime
    actor: str
    figures: int


@dataclass(frozen=True)
class FiguresPage:
    """The figures of a round. `periods`: earliest first, the last is its own; `earlier` counts those of the others."""

    round_code: str
    round_name: Text
    needs: tuple[NeedLine, ...]
    matrix: tuple[MatrixLine, ...]
    periods: tuple[str, ...]
    earlier: tuple[tuple[str, int], ...]
    given: int
    asked: int
    loads: tuple[LoadLine, ...]
    may_load: bool
    is_scored: bool


@dataclass(frozen=True)
class VersionLine:
    """A figure as it was loaded once; the current one of its period has `is_current`."""

    period: str
    value: str
    measure: str
    source: str
    actor: str
    at: datetime
    is_current: bool


@dataclass(frozen=True)
class HistoryPage:
    """All that was ever loaded of one figure of one unit, the newest first."""

    round_code: str
    round_name: Text
    indicator: Text
    unit: Text
    versions: tuple[VersionLine, ...]


def figures_page(actor: Actor, round_code: str, locale: str) -> FiguresPage:
    """What the weights of a round ask for, and what is there. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    matrix = _matrix(round_, needs_of(_scheme(round_)), locale)
    needs = tuple(_need_lines(round_, matrix, locale))
    periods = periods_of(round_)
    return FiguresPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        needs=needs,
        matrix=matrix,
        periods=periods,
        earlier=_earlier(round_, periods[:-1]),
        given=sum(line.given for line in needs),
        asked=sum(line.asked for line in needs),
        loads=_loads(round_),
        may_load=may(actor, RIGHT) and round_.state not in (RoundState.FINAL, *PUBLIC),
        is_scored=round_.state in (RoundState.DRAFT_RESULTS, RoundState.RIGHT_OF_REPLY),
    )


def template_rows(actor: Actor, round_code: str, locale: str) -> list[list[str]]:
    """The rows of a file to fill in: a row a unit and period, a column a figure. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    needs, periods = needs_of(_scheme(round_)), periods_of(round_)
    if not any(need.impute == IMPUTED_FROM_LAST for need in needs):
        periods = periods[-1:]
    measures = _measure_names(round_, needs, locale)
    heads = [f"{need.code} [{measures[need.code]}]" if measures.get(need.code) else need.code for need in needs]
    names = content.names("unit", locale)
    rows = [
        [unit, str(names.get(unit, unit)), period, "", *("" for _need in needs)]
        for unit in _units(round_)
        for period in periods
    ]
    return [["unit", "name", "period", "source", *heads], *rows]


def history_page(actor: Actor, round_code: str, figure: tuple[str, str], locale: str) -> HistoryPage:
    """Every value of one `figure` (indicator, unit), with who loaded it and from where. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    indicator, unit = figure
    query = (
        select(Figure, Account.name)
        .join(Account, Account.id == Figure.uploaded_by)
        .join(Unit, Unit.id == Figure.unit_id)
        .where(Figure.round_id == round_.id, Figure.indicator == indicator, Unit.code == unit)
    )
    rows = db.session.execute(query.order_by(Figure.period.desc(), Figure.id.desc())).all()
    if not rows:
        raise NotFound("There is no such figure.")
    spoken = Measures(locale)
    return HistoryPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        indicator=Labels(locale).node(indicator),
        unit=content.text_of("unit", unit, "name", locale),
        versions=tuple(
            VersionLine(
                period=row.period,
                value=row.value,
                measure=spoken.of(indicator, row.measure),
                source=row.source,
                actor=name,
                at=row.uploaded_at,
                is_current=row.is_current,
            )
            for row, name in rows
        ),
    )


def _scheme(round_: Round) -> Scheme:
    return scheme_of(current_version(db.session(), round_).body)


def _units(round_: Round) -> list[str]:
    query = select(Unit.code).join(RoundUnit, RoundUnit.unit_id == Unit.id).where(RoundUnit.round_id == round_.id)
    return list(db.session.scalars(query.order_by(Unit.code)))


def _matrix(round_: Round, needs: tuple[Need, ...], locale: str) -> tuple[MatrixLine, ...]:
    query = select(Unit.code, Figure.indicator, Figure.value).join(Unit, Unit.id == Figure.unit_id)
    own = query.where(Figure.round_id == round_.id, Figure.is_current, Figure.period == periods_of(round_)[-1])
    there = {(unit, indicator): value for unit, indicator, value in db.session.execute(own)}
    names, labels = content.names("unit", locale), Labels(locale)
    heads = [(need, labels.node(need.code)) for need in needs]
    return tuple(
        MatrixLine(
            unit,
            names.get(unit) or Text(unit, ""),
            tuple(
                MatrixCell(need.code, name, there.get((unit, need.code), ""), need.applies_to(unit))
                for need, name in heads
            ),
        )
        for unit in _units(round_)
    )


def _need_lines(round_: Round, matrix: tuple[MatrixLine, ...], locale: str) -> Iterator[NeedLine]:
    scheme = _scheme(round_)
    needs, labels = needs_of(scheme), Labels(locale)
    weights = {leaf.code: percent(weight) for leaf, weight in leaf_weights(scheme)}
    hints, measures = content.texts("indicator", "hint", locale), _measure_names(round_, needs, locale)
    for place, need in enumerate(needs):
        asked = [line.cells[place] for line in matrix if line.cells[place].is_asked]
        yield NeedLine(
            code=need.code,
            name=labels.node(need.code),
            hint=hints.get(need.code),
            measure=measures.get(need.code, ""),
            need=need,
            denominator=labels.node(need.denominator) if need.denominator else None,
            weight=weights.get(need.code),
            units=tuple(sorted(need.units or ())),
            given=sum(1 for cell in asked if cell.value),
            asked=len(asked),
        )


def _measure_names(round_: Round, needs: tuple[Need, ...], locale: str) -> Mapping[str, str]:
    spoken = Measures(locale)
    found = measures_of(db.session(), round_, needs)
    return {code: spoken.of(code, measure.stored) for code, measure in found.items()}


def _earlier(round_: Round, periods: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    counts = select(Figure.period, func.count()).where(Figure.round_id == round_.id, Figure.is_current)
    found = dict(db.session.execute(counts.group_by(Figure.period)).all())
    return tuple((period, found.get(period, 0)) for period in periods)


def _loads(round_: Round) -> tuple[LoadLine, ...]:
    query = (
        select(Figure.uploaded_at, Account.name, func.count())
        .join(Account, Account.id == Figure.uploaded_by)
        .where(Figure.round_id == round_.id)
        .group_by(Figure.uploaded_at, Account.name)
        .order_by(Figure.uploaded_at.desc())
    )
    return tuple(LoadLine(*row) for row in db.session.execute(query.limit(LOADS_SHOWN)))
