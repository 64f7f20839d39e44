"""Two runs side by side: what changed, from which cause, whether it means anything, and where the series breaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from evalsys.db import db
from evalsys.models import Round, Run
from evalsys.services import content
from evalsys.services.access import Actor
from evalsys.services.content import Text
from evalsys.services.explorer.basis import Basis, Bounds, basis_of, bounds_of, read_basis
from evalsys.services.explorer.files import Sheet
from evalsys.services.run_pages import RunFacts, figure
from evalsys.services.run_tables import Row, rows_of
from evalsys.services.run_values import tree_values
from evalsys.services.runs import find_run
from evalsys.services.series import Reorganisation, between, reorganised, round_break
from scoring.change import Period, bound_difference, split_change

NOTHING = 1e-9
RUNS_LISTED = 12
CAUSES = ("data", "weights", "coverage")
COLUMNS = ("unit", "category", "before", "after", "break", "change", "low", "high", "clear", "data", "weights",
           "coverage", "findings")  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """A change split exactly: figures, weights, which figures there are, and bonus less deductions."""

    data: Decimal | None
    weights: Decimal | None
    coverage: Decimal | None
    findings: Decimal | None


@dataclass(frozen=True)
class PeriodLine:
    """One unit in both runs. Nothing is said of a change where `breaks` says why, or a score is hidden.

    `is_clear`: the 95 % interval of the change, `low` to `high`, does not hold 0; None where it is not known.
    """

    code: str
    name: Text
    category_code: str
    category: Text
    before: Decimal | None
    after: Decimal | None
    band_before: str
    band_after: str
    breaks: str
    day: Reorganisation | None
    change: Decimal | None
    low: Decimal | None
    high: Decimal | None
    is_clear: bool | None
    parts: Parts | None


@dataclass(frozen=True)
class PeriodsPage:
    """Two runs, the earlier one first. `reach` is the largest change or bound of one, for the chart.

    `breaks` says why no unit is compared ("method", "pilot"), and `methods` are the two. `gone` and `new` are the
    units of one run alone.
    """

    before: RunFacts
    after: RunFacts
    opened_from: int
    breaks: str
    methods: tuple[str, str]
    lines: tuple[PeriodLine, ...]
    reach: Decimal
    gone: tuple[Text, ...]
    new: tuple[Text, ...]


@dataclass(frozen=True)
class RunLine:
    """A run that this one may be laid beside; `breaks` as above."""

    id: int
    number: int
    round_name: Text
    breaks: str


@dataclass(frozen=True)
class _Pair:
    before: Basis
    after: Basis
    breaks: str
    changes: Mapping[str, tuple[Reorganisation, ...]]


def periods_page(actor: Actor, run_id: int, other_id: int, locale: str) -> PeriodsPage:
    """Both runs, whichever is named first. Raises Forbidden, NotFound."""
    pair = _pair(actor, run_id, other_id, locale)
    before, after = pair.before, pair.after
    lines = tuple(_line(pair, unit, row) for unit, row in _rows(pair).items())
    said = [abs(end) for line in lines for end in (line.change, line.low, line.high) if end is not None]
    return PeriodsPage(
        before=before.facts,
        after=after.facts,
        opened_from=run_id,
        breaks=pair.breaks,
        methods=(before.run.round.method, after.run.round.method),
        lines=lines,
        reach=max(said, default=Decimal(0)),
        gone=tuple(before.unit(unit) for unit in before.places if unit not in after.places),
        new=tuple(after.unit(unit) for unit in after.places if unit not in before.places),
    )


def periods_sheet(actor: Actor, run_id: int, other_id: int) -> Sheet:
    """The same as a table, unrounded. Raises Forbidden, NotFound."""
    pair = _pair(actor, run_id, other_id, "en")
    rows = [[unit, *(row[column] for column in COLUMNS[1:])] for unit, row in _rows(pair).items()]
    other = f"{pair.before.facts.round_code}-run-{pair.before.facts.number}"
    return Sheet(pair.after.file_name(f"since-{other}"), COLUMNS, rows)


def other_runs(basis: Basis, locale: str) -> tuple[RunLine, ...]:
    """The newest runs of other rounds and the other runs of this one, newest first."""
    query = (
        select(Run.id, Run.number, Round)
        .join(Round, Round.id == Run.round_id)
        .where(Run.id != basis.run.id)
        .order_by(Round.period_end.desc(), Run.number.desc())
        .limit(RUNS_LISTED)
    )
    names, own = content.names("round", locale), basis.run.round
    return tuple(
        RunLine(run_id, number, names.get(round_.code) or Text(round_.code, ""), round_break(round_, own))
        for run_id, number, round_ in db.session.execute(query)
    )


def _pair(actor: Actor, run_id: int, other_id: int, locale: str) -> _Pair:
    one = basis_of(actor, run_id, locale)
    two = read_basis(find_run(other_id), locale)
    before, after = sorted((one, two), key=_moment)
    return _Pair(before, after, round_break(before.run.round, after.run.round), reorganised(db.session()))


def _moment(basis: Basis) -> tuple[object, ...]:
    return basis.run.round.period_end, basis.run.round_id, basis.run.number


def _rows(pair: _Pair) -> dict[str, Row]:
    """What is said of each unit of both runs, unrounded, in the order of categories and units."""
    before, after = pair.before, pair.after
    both = [unit for unit in after.places if unit in before.places]
    units = sorted(both, key=lambda unit: (after.places[unit], unit))
    broken = {unit: _break(pair, unit) for unit in units}
    split = _split(pair, [unit for unit in units if not broken[unit]])
    return {unit: _row(pair, unit, broken[unit], split.get(unit)) for unit in units}


def _break(pair: _Pair, unit: str) -> str:
    found = between(pair.changes.get(unit, ()), pair.before.run.round, pair.after.run.round)
    return pair.breaks or (found.kind if found else "")


def _split(pair: _Pair, units: list[str]) -> dict[str, Row]:
    """The causes of the change of those units of which neither run hides anything."""
    clear = sorted(set(pair.before.clear) & set(pair.after.clear) & set(units))
    if not clear:
        return {}
    ends = [Period(clear, tree_values(one.tables, clear, one.scheme), one.scheme) for one in (pair.before, pair.after)]
    return {row["unit"]: row for row in rows_of(split_change(*ends))}


def _row(pair: _Pair, unit: str, broken: str, split: Row | None) -> Row:
    then, now = pair.before.scores[unit], pair.after.scores[unit]
    scores = then["score"], now["score"]
    change = None if broken or None in scores else scores[1] - scores[0]
    bounds = None if change is None else _bounds(change, bounds_of(then), bounds_of(now))
    causes = [split[name] for name in CAUSES] if split else []
    is_split = change is not None and bool(causes) and None not in causes
    return {
        "category": pair.after.places[unit],
        "before": scores[0],
        "after": scores[1],
        "break": broken,
        "change": change,
        "low": bounds[0] if bounds else None,
        "high": bounds[1] if bounds else None,
        "clear": None if bounds is None else bounds[0] > 0 or bounds[1] < 0,
        **dict(zip(CAUSES, causes if is_split else [None] * len(CAUSES), strict=True)),
        "findings": _rest(change, causes) if change is not None and is_split else None,
    }


def _rest(change: float, causes: list[float]) -> float:
    """What the causes leave of the change: bonus less deductions, then and now."""
    rest = change - sum(causes)
    return 0.0 if abs(rest) < NOTHING else rest


def _bounds(change: float, then: Bounds | None, now: Bounds | None) -> Bounds | None:
    return None if then is None or now is None else bound_difference(change, then, now)


def _line(pair: _Pair, unit: str, row: Row) -> PeriodLine:
    parts = Parts(*(_unsigned_zero(figure(row[name])) for name in (*CAUSES, "findings")))
    found = between(pair.changes.get(unit, ()), pair.before.run.round, pair.after.run.round)
    return PeriodLine(
        code=unit,
        name=pair.after.unit(unit),
        category_code=row["category"],
        category=pair.after.category(row["category"]),
        before=figure(row["before"]),
        after=figure(row["after"]),
        band_before=pair.before.scores[unit]["band"],
        band_after=pair.after.scores[unit]["band"],
        breaks=row["break"],
        day=found,
        change=_unsigned_zero(figure(row["change"])),
        low=figure(row["low"]),
        high=figure(row["high"]),
        is_clear=row["clear"],
        parts=None if parts.data is None else parts,
    )


def _unsigned_zero(number: Decimal | None) -> Decimal | None:
    """So little that it rounds to nothing has no sign."""
    return None if number is None else number + 0
