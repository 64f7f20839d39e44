"""What the oversight body reads of a run: scores by category, groups, problems, and every stage's table as a file."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from evalsys.errors import NotFound
from evalsys.models import Run
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.run_tables import Row, Tables, csv_file, overseen_tables, rows_of
from evalsys.services.runs import find_run
from evalsys.services.weights import Labels, scheme_of
from scoring.rank import round_half_up

DECIMALS = 2


@dataclass(frozen=True)
class GroupScore:
    """What one group gives a unit; `score` is empty when the group is absent or hidden, `n` when it is hidden."""

    score: Decimal | None
    n: int | None
    level: str


@dataclass(frozen=True)
class ScoreLine:
    """One unit's result; `level_group` names the group that keeps the result below "full", with its n."""

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
    groups: tuple[GroupScore, ...]


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
class RunFacts:
    """Where a run comes from: everything that is needed to rebuild it."""

    id: int
    number: int
    round_code: str
    round_name: Text
    created_at: datetime
    actor: str
    version: int
    scheme_digest: str
    input_digest: str
    result_digest: str
    engine_version: str
    seed: str


@dataclass(frozen=True)
class RunPage:
    """A run whole. `stages` are the tables that can be downloaded: code and number of rows."""

    facts: RunFacts
    groups: tuple[Text, ...]
    categories: tuple[CategoryBlock, ...]
    problems: tuple[ProblemLine, ...]
    stages: tuple[tuple[str, int], ...]


def run_page(actor: Actor, run_id: int, locale: str) -> RunPage:
    """One run for reading. Raises Forbidden, NotFound."""
    require(actor, "run.read")
    run = find_run(run_id)
    labels, scheme = Labels(locale), scheme_of(run.scheme_version.body)
    tables = overseen_tables(run)
    groups = tuple(group.code for group in scheme.groups)
    problems = tuple(_problem(row, labels, content.names("unit", locale)) for row in rows_of(tables["problems"]))
    return RunPage(
        facts=_facts(run, locale),
        groups=tuple(labels.of("group", code) for code in groups),
        categories=_categories(tables, groups, locale),
        problems=problems,
        stages=tuple((stage, len(table)) for stage, table in tables.items()),
    )


def run_csv(actor: Actor, run_id: int, stage: str) -> tuple[str, str]:
    """One stage's table as a file for spreadsheets: (file name, content). Raises Forbidden, NotFound."""
    require(actor, "run.read")
    run = find_run(run_id)
    table = overseen_tables(run).get(stage)
    if table is None:
        raise NotFound("This table does not exist.")
    return f"{run.round.code}-run-{run.number}-{stage}.csv", csv_file(table)


def _facts(run: Run, locale: str) -> RunFacts:
    return RunFacts(
        id=run.id,
        number=run.number,
        round_code=run.round.code,
        round_name=content.text_of("round", run.round.code, "name", locale),
        created_at=run.created_at,
        actor=run.actor.name,
        version=run.scheme_version.number,
        scheme_digest=run.scheme_version.digest,
        input_digest=run.input_digest,
        result_digest=run.result_digest,
        engine_version=run.engine_version,
        seed=run.seed,
    )


def _categories(tables: Tables, groups: tuple[str, ...], locale: str) -> tuple[CategoryBlock, ...]:
    names, units, labels = content.names("category", locale), content.names("unit", locale), Labels(locale)
    means = {row["category"]: _figure(row["mean"]) for row in rows_of(tables["categories"])}
    by_unit = {(row["unit"], row["group"]): row for row in rows_of(tables["groups"])}
    scores = sorted(rows_of(tables["scores"]), key=lambda row: (row["category"], row["unit"]))
    blocks = []
    for category, rows in groupby(scores, key=lambda row: row["category"]):
        lines = []
        for row in rows:
            given = tuple(_group(by_unit.get((row["unit"], group))) for group in groups)
            lines.append(_score(row, units.get(row["unit"]) or Text(row["unit"], ""), labels, given))
        ordered = tuple(sorted(lines, key=lambda line: (line.rank is None, line.rank or 0, line.code)))
        blocks.append(CategoryBlock(names.get(category) or Text(category, ""), means.get(category), ordered))
    return tuple(blocks)


def _score(row: Row, name: Text, labels: Labels, groups: tuple[GroupScore, ...]) -> ScoreLine:
    return ScoreLine(
        code=row["unit"],
        name=name,
        score=_figure(row["score"]),
        low=_figure(row["low"]),
        high=_figure(row["high"]),
        level=row["level"],
        level_group=labels.of("group", row["level_group"]) if row["level_group"] else None,
        level_n=row["level_n"],
        band=row["band"],
        rank=row["rank"],
        ranked_of=row["ranked_of"],
        groups=groups,
    )


def _group(row: Row | None) -> GroupScore:
    if row is None:
        return GroupScore(None, 0, "absent")
    return GroupScore(_figure(row["score"]), row["n"], row["level"])


def _problem(row: Row, labels: Labels, units: dict[str, Text]) -> ProblemLine:
    unit = (units.get(row["unit"]) or Text(row["unit"], "")) if row["unit"] else None
    return ProblemLine(unit, labels.anything(row["node"]) if row["node"] else None, row["code"], row["detail"])


def _figure(value: float | None) -> Decimal | None:
    return None if value is None else round_half_up(value, DECIMALS)
