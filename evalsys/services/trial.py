"""What other weights would have done: the newest scored round whose answers fit them is scored again, nothing stored.

Only units of which nothing is hidden are shown, before and after. Whoever tries many weights could work out hidden
figures from the scores of the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from evalsys.errors import Conflict
from evalsys.models import Round, Run, SchemeVersion
from evalsys.services import content
from evalsys.services.content import Text
from evalsys.services.run_influence import HIDING_TABLES, InfluenceLine, clear_units, influence_lines
from evalsys.services.run_input import RunInput
from evalsys.services.run_pages import figure, rank_range, rank_rows
from evalsys.services.run_tables import Row, Tables, overseen_tables, rows_of, shown_tables, without_ranks
from evalsys.services.runs import score_input
from evalsys.services.weights import Labels, scheme_of
from scoring.scheme import Scheme

RUNS_LOOKED_AT = 40
LINES_SHOWN = 60
BEHIND_SCORES = (*HIDING_TABLES, "strata")
"""Where nothing may be hidden when groups are weighed otherwise: that would tell the mean of too small a stratum."""


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

    `moved` units would change their place, `regraded` ones their band; `hidden` have something that may not be shown.
    """

    round_name: Text
    run_id: int
    run_number: int
    lines: tuple[TrialLine, ...]
    more: int
    moved: int
    regraded: int
    hidden: int
    influence: tuple[InfluenceLine, ...]


def try_scheme(session: Session, scheme: Scheme, locale: str) -> Trial | None:
    """What `scheme` would have done to the newest scored round that asked the same.

    None when there is no such round, or its answers cannot be scored with it or shown.
    """
    run = _fitting_run(session, scheme)
    if run is None:
        return None
    try:
        before = overseen_tables(run)
        after = shown_tables(score_input(RunInput.from_bytes(run.input), scheme), scheme, "overseer")
        after = without_ranks(after) if run.round.is_pilot else after
    except Conflict:
        return None
    return _compare(run, (before, after), scheme, locale)


def _compare(run: Run, tables: tuple[Tables, Tables], scheme: Scheme, locale: str) -> Trial:
    before, after = tables
    is_weighed_alike = scheme.groups == scheme_of(run.scheme_version.body).groups
    behind = HIDING_TABLES if is_weighed_alike else BEHIND_SCORES
    clear = clear_units(before, behind) & clear_units(after, behind)
    lines = compare_lines(before, after, clear, locale)
    return Trial(
        round_name=content.text_of("round", run.round.code, "name", locale),
        run_id=run.id,
        run_number=run.number,
        lines=tuple(lines[:LINES_SHOWN]),
        more=len(lines[LINES_SHOWN:]),
        moved=sum(1 for line in lines if line.places),
        regraded=sum(1 for line in lines if line.before.band != line.after.band),
        hidden=len(before["scores"]) - len(clear),
        influence=influence_lines(after, clear, scheme, Labels(locale)),
    )


def _fitting_run(session: Session, scheme: Scheme) -> Run | None:
    newest = (
        select(Run.id, SchemeVersion.body)
        .join(SchemeVersion, SchemeVersion.id == Run.scheme_version_id)
        .join(Round, Round.id == Run.round_id)
        .order_by(Round.period_end.desc(), Run.id.desc())
        .limit(RUNS_LOOKED_AT)
    )
    wanted = _asked(scheme)
    chosen = next((run_id for run_id, body in session.execute(newest) if _asked(scheme_of(body)) == wanted), None)
    if chosen is None:
        return None
    facts = (joinedload(Run.round), joinedload(Run.scheme_version))
    return session.scalar(select(Run).where(Run.id == chosen).options(*facts))


def _asked(scheme: Scheme) -> frozenset[tuple[str, ...]]:
    """What answers must say to fit: each indicator with its scale, who is asked about it, the parts of groups."""
    asked = {(leaf.code, str(leaf.points), group) for leaf in scheme.leaves() for group in dict(leaf.shares) or [""]}
    return frozenset(asked | {(group.code, stratum.code) for group in scheme.groups for stratum in group.strata})


def compare_lines(before: Tables, after: Tables, clear: frozenset[str], locale: str) -> list[TrialLine]:
    """The clear units, those that move most places first, then those whose score changes most."""
    units, categories = content.names("unit", locale), content.names("category", locale)
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
