"""What the oversight body reads of a run: scores by category, groups, problems, and every stage's table as a file."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import Run
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.quality.exclusions import Note, exclusions_of
from evalsys.services.run_influence import InfluenceLine, clear_units, influence_lines, rounded
from evalsys.services.run_rollup import RollupLine, rollup_lines
from evalsys.services.run_severity import SeverityLine, severity_lines
from evalsys.services.run_tables import Row, Tables, csv_file, overseen_tables, rows_of
from evalsys.services.runs import find_run
from evalsys.services.weights import Labels, scheme_of

DECIMALS = 2


@dataclass(frozen=True)
class GroupScore:
    """What one group gives a unit; `score` is empty when the group is absent or withheld, `n` when it is hidden."""

    score: Decimal | None
    n: int | None
    level: str
    is_withheld: bool = False


@dataclass(frozen=True)
class ScoreLine:
    """One unit's result; `level_group` names the group that keeps the result below "full", with its n.

    `range` bounds the rank with 90 % and `band_share` is the percent of draws with this band; `tied` counts the units
    that the draws do not tell apart from this one, itself included. All three are empty without draws.
    """

    code: str
    name: Text
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    level: str
    level_group: Text | None
    level_n: int | None
    band: str
    rank: int | None
    ranked_of: int
    limit: str
    range: tuple[int, int] | None
    band_share: Decimal | None
    tied: int
    groups: tuple[GroupScore, ...]
    is_withheld: bool


@dataclass(frozen=True)
class CategoryBlock:
    """The units that are compared with one another; the mean is empty when it would tell one unit's score."""

    name: Text
    mean: Decimal | None
    lines: tuple[ScoreLine, ...]


@dataclass(frozen=True)
class ProblemLine:
    """Something in the data that the engine left out or warns of."""

    unit: Text | None
    node: Text | None
    code: str
    detail: str


@dataclass(frozen=True)
class AdjustmentLine:
    """A bonus, deduction, veto or limiter: points found and points that count."""

    unit: Text
    kind: str
    code: str
    points: Decimal | None
    counted: Decimal | None
    source: str
    reason: str


@dataclass(frozen=True)
class RunFacts:
    """Where a run comes from: everything that is needed to rebuild it."""

    id: int
    number: int
    round_code: str
    round_name: Text
    is_pilot: bool
    created_at: datetime
    actor: str
    version: int
    scheme_digest: str
    input_digest: str
    result_digest: str
    engine_version: str
    seed: str
    is_as_opened: bool


@dataclass(frozen=True)
class RunPage:
    """A run whole. `stages` are the tables that can be downloaded: code and number of rows.

    `influence` rests on `clear_units` of the `units`: those of which nothing is hidden. `left_out` are the exclusions
    that were in force when the run was made.
    """

    facts: RunFacts
    groups: tuple[Text, ...]
    categories: tuple[CategoryBlock, ...]
    influence: tuple[InfluenceLine, ...]
    clear_units: int
    units: int
    adjustments: tuple[AdjustmentLine, ...]
    severity: tuple[SeverityLine, ...]
    problems: tuple[ProblemLine, ...]
    stages: tuple[tuple[str, int], ...]
    left_out: tuple[Note, ...]
    rollups: tuple[RollupLine, ...]


def run_page(actor: Actor, run_id: int, locale: str) -> RunPage:
    """One run for reading. Raises Forbidden, NotFound."""
    require(actor, "run.read")
    run = find_run(run_id)
    labels, scheme = Labels(locale), scheme_of(run.scheme_version.body)
    tables = overseen_tables(run)
    groups = tuple(group.code for group in scheme.groups)
    units, clear = content.names("unit", locale), clear_units(tables)
    return RunPage(
        facts=facts_of(run, locale),
        groups=tuple(labels.of("group", code) for code in groups),
        categories=_categories(tables, groups, _Names(labels, units, content.names("category", locale))),
        influence=influence_lines(tables, clear, scheme, labels),
        clear_units=len(clear),
        units=len(tables["scores"]),
        adjustments=tuple(adjustment_line(row, units) for row in optional_rows(tables, "adjustments")),
        severity=severity_lines(tables, labels),
        problems=tuple(problem_line(row, labels, units) for row in rows_of(tables["problems"])),
        stages=tuple((stage, len(table)) for stage, table in tables.items()),
        left_out=exclusions_of(db.session(), run.round_id, run.created_at),
        rollups=rollup_lines(tables, units),
    )


def run_csv(actor: Actor, run_id: int, stage: str) -> tuple[str, str]:
    """One stage's table as a file for spreadsheets: (file name, content). Raises Forbidden, NotFound."""
    require(actor, "run.read")
    run = find_run(run_id)
    table = overseen_tables(run).get(stage)
    if table is None:
        raise NotFound("This table does not exist.")
    return f"{run.round.code}-run-{run.number}-{stage}.csv", csv_file(table)


def facts_of(run: Run, locale: str) -> RunFacts:
    """Where a run comes from, for the page of any part of it."""
    return RunFacts(
        id=run.id,
        number=run.number,
        round_code=run.round.code,
        round_name=content.text_of("round", run.round.code, "name", locale),
        is_pilot=run.round.is_pilot,
        created_at=run.created_at,
        actor=run.actor.name,
        version=run.scheme_version.number,
        scheme_digest=run.scheme_version.digest,
        input_digest=run.input_digest,
        result_digest=run.result_digest,
        engine_version=run.engine_version,
        seed=run.seed,
        is_as_opened=run.is_as_opened,
    )


@dataclass(frozen=True)
class _Names:
    """Names of all that the table of scores mentions."""

    labels: Labels
    units: Mapping[str, Text]
    categories: Mapping[str, Text]


def _categories(tables: Tables, groups: tuple[str, ...], names: _Names) -> tuple[CategoryBlock, ...]:
    means = {row["category"]: figure(row["mean"]) for row in rows_of(tables["categories"])}
    by_unit = {(row["unit"], row["group"]): row for row in rows_of(tables["groups"])}
    firmness = rank_rows(tables)
    scores = sorted(rows_of(tables["scores"]), key=lambda row: (row["category"], row["unit"]))
    blocks = []
    for category, rows in groupby(scores, key=lambda row: row["category"]):
        lines = []
        for row in rows:
            given = tuple(_group(by_unit.get((row["unit"], group))) for group in groups)
            lines.append(_score(row, firmness.get(row["unit"]), names, given))
        ordered = tuple(sorted(lines, key=lambda line: (line.rank is None, line.rank or 0, line.code)))
        blocks.append(CategoryBlock(names.categories.get(category) or Text(category, ""), means.get(category), ordered))
    return tuple(blocks)


def _score(row: Row, firm: Row | None, names: _Names, groups: tuple[GroupScore, ...]) -> ScoreLine:
    return ScoreLine(
        code=row["unit"],
        name=names.units.get(row["unit"]) or Text(row["unit"], ""),
        score=figure(row["score"]),
        low=figure(row["low"]),
        high=figure(row["high"]),
        level=row["level"],
        level_group=names.labels.of("group", row["level_group"]) if row["level_group"] else None,
        level_n=row["level_n"],
        band=row["band"],
        rank=row["rank"],
        ranked_of=row["ranked_of"],
        limit=row.get("limit", ""),
        range=rank_range(firm),
        band_share=rounded(firm["band_share"], 0) if firm else None,
        tied=firm["tied"] if firm else 0,
        groups=groups,
        is_withheld=bool(row["withheld"]),
    )


def _group(row: Row | None) -> GroupScore:
    if row is None:
        return GroupScore(None, 0, "absent")
    return GroupScore(figure(row["score"]), row["n"], row["level"], bool(row["withheld"]))


def problem_line(row: Row, labels: Labels, units: Mapping[str, Text]) -> ProblemLine:
    """A problem with the names of what it is about."""
    unit = (units.get(row["unit"]) or Text(row["unit"], "")) if row["unit"] else None
    return ProblemLine(unit, labels.anything(row["node"]) if row["node"] else None, row["code"], row["detail"])


def adjustment_line(row: Row, units: Mapping[str, Text]) -> AdjustmentLine:
    """A finding with the name of the unit it is about."""
    return AdjustmentLine(
        unit=units.get(row["unit"]) or Text(row["unit"], ""),
        kind=row["kind"],
        code=row["code"],
        points=figure(row["points"]),
        counted=figure(row["counted"]),
        source=row["source"],
        reason=row["reason"],
    )


def rank_rows(tables: Tables) -> dict[str, Row]:
    """What is said about how firm each unit's rank is, by unit; `tied` counts the units of its tie group."""
    rows = optional_rows(tables, "robustness")
    sizes = Counter((row["category"], row["tie_group"]) for row in rows)
    return {
        row["unit"]: {**row, "tied": sizes[row["category"], row["tie_group"]] if row["tie_group"] is not None else 0}
        for row in rows
    }


def rank_range(row: Row | None) -> tuple[int, int] | None:
    """The best and the worst rank that are likely: the bounds widened to whole ranks."""
    if row is None or row["rank_low"] is None:
        return None
    return math.floor(row["rank_low"]), math.ceil(row["rank_high"])


def optional_rows(tables: Tables, name: str) -> list[Row]:
    """The rows of a table that runs of an older engine do not have."""
    return rows_of(tables[name]) if name in tables else []


def figure(value: float | None) -> Decimal | None:
    """A number of the tables as it is shown: two decimals, half up; None where there is none."""
    return rounded(value, DECIMALS)
