"""What other weights would have done: the newest scored round whose answers fit them is scored again, nothing stored.

Only units of which nothing is hidden are shown, before and after. Whoever tries many weights could work out hidden
figures from the scores of the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from evalsys.errors import Conflict
from evalsys.models import OVER, Round, Run, SchemeVersion
from evalsys.services import content
from evalsys.services.content import Text
from evalsys.services.rescoring import StoredRun, standings_then, standings_with
from evalsys.services.run_as_opened import BEHIND_SCORES
from evalsys.services.run_influence import HIDING_TABLES, InfluenceLine, influence_lines
from evalsys.services.run_pages import figure, rank_range, rank_rows
from evalsys.services.run_tables import Row, Tables, rows_of, without_ranks
from evalsys.services.weights import Labels, scheme_of
from scoring.scheme import Scheme

RUNS_LOOKED_AT = 40
LINES_SHOWN = 60


@dataclass(frozen=True)
class Standing:
    """Where a unit stands: score with its interval, band, rank with its likely range; empty where it has none."""

    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    band: str
    rank: int | None
    range: tuple[int, int] | None


@dataclass(frozen=True)
class TrialLine:
    """A unit before and after; `places` is how many it would rise (below 0: fall), `points` how its score changes."""

    code: str
    name: Text
    category: Text
    before: Standing
    after: Standing
    places: int | None
    points: Decimal | None


@dataclass(frozen=True)
class Trial:
    """One round scored with other weights. `lines` are those that move most, `more` the number of units left out there.

    `moved` of `units` would change their place, `regraded` ones their band; `hidden` have something that may not be
    shown and are not counted. `chosen` is the unit that was asked for, if it may be shown.
    """

    round_name: Text
    run_id: int
    run_number: int
    lines: tuple[TrialLine, ...]
    more: int
    units: int
    moved: int
    regraded: int
    hidden: int
    influence: tuple[InfluenceLine, ...]
    chosen: TrialLine | None = None


@dataclass(frozen=True)
class Focus:
    """What of a trial is looked at: how many of those that move most, and one unit in any case."""

    lines: int = LINES_SHOWN
    unit: str = ""


WHOLE = Focus()


def try_scheme(session: Session, scheme: Scheme, locale: str, focus: Focus = WHOLE) -> Trial | None:
    """What `scheme` would have done to the newest scored round that asked the same.

    None when there is no such round, or its answers cannot be scored with it or shown.
    """
    return try_schemes(session, [scheme], locale, focus)[0]


def try_schemes(
    session: Session, schemes: Sequence[Scheme], locale: str, focus: Focus = WHOLE, labels: Labels | None = None
) -> list[Trial | None]:
    """What each of `schemes` would have done, one beside the other; in as many statements as for one."""
    units, categories, titles = (content.names(entity, locale) for entity in ("unit", "category", "round"))
    names = _Names(labels or Labels(locale), units, categories, titles)
    found = fitting_runs(session, schemes)
    return [_try(run, scheme, names, focus) if run else None for run, scheme in zip(found, schemes, strict=True)]


@dataclass(frozen=True)
class _Names:
    """Names of all that a trial mentions."""

    labels: Labels
    units: Mapping[str, Text]
    categories: Mapping[str, Text]
    rounds: Mapping[str, Text]


def _try(run: Run, scheme: Scheme, names: _Names, focus: Focus) -> Trial | None:
    stored = stored_run(run)
    try:
        before, after = standings_then(stored), standings_with(stored, scheme)
    except Conflict:
        return None
    behind = tables_behind(run, scheme)
    clear = before.clear(behind) & after.clear(behind)
    sides = [without_ranks(side.tables) if run.round.is_pilot else side.tables for side in (before, after)]
    lines = _lines(sides[0], sides[1], clear, names.units, names.categories)
    return Trial(
        round_name=names.rounds.get(run.round.code) or Text(run.round.code, ""),
        run_id=run.id,
        run_number=run.number,
        lines=tuple(lines[: focus.lines]),
        more=len(lines[focus.lines :]),
        units=len(lines),
        moved=sum(1 for line in lines if line.places),
        regraded=sum(1 for line in lines if line.before.band != line.after.band),
        hidden=len(before.tables["scores"]) - len(clear),
        influence=influence_lines({"nodes": after.nodes}, clear, scheme, names.labels),
        chosen=next((line for line in lines if line.code == focus.unit), None),
    )


def stored_run(run: Run) -> StoredRun:
    """What names the run and its content."""
    return StoredRun(run.id, run.input_digest, run.result_digest)


def tables_behind(run: Run, scheme: Scheme) -> tuple[str, ...]:
    """Where nothing of a unit may be hidden, or it takes no part when the run is scored with `scheme`."""
    return HIDING_TABLES if scheme.groups == scheme_of(run.scheme_version.body).groups else BEHIND_SCORES


def fitting_runs(session: Session, schemes: Sequence[Scheme], *, ranks: bool = False) -> list[Run | None]:
    """For each scheme the newest run of a round that is over and asked the same.

    A pilot's counts like any other unless `ranks` are asked for, which a pilot never has.
    """
    allowed = Round.state.in_(OVER), Run.is_as_opened.is_(False), *([Round.is_pilot.is_(False)] if ranks else [])
    newest = (
        select(Run.id, SchemeVersion.body)
        .join(SchemeVersion, SchemeVersion.id == Run.scheme_version_id)
        .join(Round, Round.id == Run.round_id)
        .where(*allowed)
        .order_by(Round.period_end.desc(), Run.id.desc())
        .limit(RUNS_LOOKED_AT)
    )
    asked = [(run_id, _asked(scheme_of(body))) for run_id, body in session.execute(newest)]
    chosen = [next((run_id for run_id, said in asked if said == _asked(scheme)), None) for scheme in schemes]
    facts = (joinedload(Run.round), joinedload(Run.scheme_version), defer(Run.input), defer(Run.result))
    found = session.scalars(select(Run).where(Run.id.in_({one for one in chosen if one})).options(*facts))
    runs = {run.id: run for run in found}
    return [runs.get(one) if one else None for one in chosen]


def _asked(scheme: Scheme) -> frozenset[tuple[str, ...]]:
    """What answers must say to fit: each indicator with its scale, who is asked about it, the parts of groups."""
    asked = {(leaf.code, str(leaf.points), group) for leaf in scheme.leaves() for group in dict(leaf.shares) or [""]}
    return frozenset(asked | {(group.code, stratum.code) for group in scheme.groups for stratum in group.strata})


def compare_lines(before: Tables, after: Tables, clear: frozenset[str], locale: str) -> list[TrialLine]:
    """The clear units, those that move most places first, then those whose score changes most."""
    return _lines(before, after, clear, content.names("unit", locale), content.names("category", locale))


def _lines(
    before: Tables, after: Tables, clear: frozenset[str], units: Mapping[str, Text], categories: Mapping[str, Text]
) -> list[TrialLine]:
    then, now = _standings(before), _standings(after)
    lines = []
    for row in rows_of(before["scores"]):
        code, category = row["unit"], row["category"]
        if code not in clear:
            continue
        old, new = then[code], now[code]
        lines.append(
            TrialLine(
                code=code,
                name=units.get(code) or Text(code, ""),
                category=categories.get(category) or Text(category, ""),
                before=old,
                after=new,
                places=None if old.rank is None or new.rank is None else old.rank - new.rank,
                points=None if old.score is None or new.score is None else new.score - old.score,
            )
        )
    return sorted(lines, key=lambda line: (-abs(line.places or 0), -abs(line.points or Decimal(0)), line.code))


def _standings(tables: Tables) -> Mapping[str, Standing]:
    firm = rank_rows(tables)
    return {row["unit"]: _standing(row, firm.get(row["unit"])) for row in rows_of(tables["scores"])}


def _standing(row: Row, firm: Row | None) -> Standing:
    return Standing(
        score=figure(row["score"]),
        low=figure(row["low"]),
        high=figure(row["high"]),
        band=row["band"],
        rank=row["rank"],
        range=rank_range(firm),
    )
