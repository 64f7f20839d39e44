"""One unit's number from answers to band, step by step, as far as the oversight body may see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from evalsys.errors import NotFound
from evalsys.models import Run
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.figures.needs import Measures
from evalsys.services.run_figures import (
    AnswerLine,
    FigureLine,
    GivenLine,
    StratumLine,
    answer_lines,
    figure_lines,
    given_lines,
    stratum_lines,
)
from evalsys.services.run_influence import rounded
from evalsys.services.run_input import RunInput
from evalsys.services.run_pages import (
    AdjustmentLine,
    ProblemLine,
    RunFacts,
    adjustment_line,
    facts_of,
    figure,
    optional_rows,
    problem_line,
    rank_range,
    rank_rows,
)
from evalsys.services.run_supplement import GivenFigure, given_of
from evalsys.services.run_tables import Row, Tables, overseen_tables, rows_of
from evalsys.services.run_tree import NodeStep, adds_up, node_steps
from evalsys.services.runs import find_run
from evalsys.services.weights import Labels, scheme_of
from scoring.scheme import Band


@dataclass(frozen=True)
class GroupStep:
    """A group's own score and what it counts in the whole, by the scheme and as used (percent)."""

    name: Text
    n: int | None
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    weight_nominal: Decimal
    weight_used: Decimal
    level: str


@dataclass(frozen=True)
class PointsLine:
    """What a figure brings to the score; `group` is empty for administrative figures, caps and gaps."""

    name: Text
    group: Text | None
    weight_nominal: Decimal
    weight_used: Decimal
    score: Decimal | None
    points: Decimal | None


@dataclass(frozen=True)
class Outcome:
    """The last steps: score before and after bonus and deduction, band, rank and how firm they are."""

    before: Decimal | None
    bonus: Decimal
    deduction: Decimal
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    level: str
    band: str
    limit: str
    rank: int | None
    ranked_of: int
    range: tuple[int, int] | None
    first: Decimal | None
    band_share: Decimal | None
    tied: tuple[Text, ...]


@dataclass(frozen=True)
class BandLine:
    """A band and where it begins: a score, or with quotas the percent of units that get it."""

    code: str
    start: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Calculation:
    """One unit's number whole.

    `is_outside`: each group has an index of its own. `is_added_up`: every score is the sum of weights times scores.
    """

    facts: RunFacts
    code: str
    name: Text
    category: Text
    answers: tuple[AnswerLine, ...]
    strata: tuple[StratumLine, ...]
    figures: tuple[FigureLine, ...]
    given: tuple[GivenLine, ...]
    nodes: tuple[NodeStep, ...]
    groups: tuple[GroupStep, ...]
    points: tuple[PointsLine, ...]
    adjustments: tuple[AdjustmentLine, ...]
    outcome: Outcome
    bands: tuple[BandLine, ...]
    problems: tuple[ProblemLine, ...]
    is_outside: bool
    is_added_up: bool


def calculation_page(actor: Actor, run_id: int, unit_code: str, locale: str) -> Calculation:
    """How one unit's number came about in a run. Raises Forbidden; NotFound for an unknown run or unit."""
    require(actor, "run.read")
    run = find_run(run_id)
    scheme, whole = scheme_of(run.scheme_version.body), overseen_tables(run)
    tables = {name: table[table["unit"] == unit_code] for name, table in whole.items() if "unit" in table}
    if tables["scores"].empty:
        raise NotFound("This office is not part of the run.")
    labels, units = Labels(locale), content.names("unit", locale)
    category = str(tables["scores"]["category"].iloc[0])
    return Calculation(
        facts=facts_of(run, locale),
        code=unit_code,
        name=units.get(unit_code) or Text(unit_code, ""),
        category=content.names("category", locale).get(category) or Text(category, ""),
        answers=answer_lines(tables, scheme, labels),
        strata=stratum_lines(tables, scheme, labels),
        figures=figure_lines(tables, scheme, labels),
        given=given_lines(optional_rows(tables, "figures"), given_figures(run, unit_code, locale), scheme, labels),
        nodes=node_steps(tables, scheme, labels),
        groups=tuple(_group(row, labels) for row in rows_of(tables["groups"])),
        points=tuple(_points(row, labels) for row in rows_of(tables["contributions"])),
        adjustments=tuple(adjustment_line(row, units) for row in optional_rows(tables, "adjustments")),
        outcome=_outcome(whole, rows_of(tables["scores"])[0], units),
        bands=tuple(_band(band) for band in scheme.bands),
        problems=tuple(problem_line(row, labels, units) for row in rows_of(tables["problems"])),
        is_outside=scheme.order == "group-outside",
        is_added_up=adds_up(scheme),
    )


def given_figures(run: Run, unit: str, locale: str) -> dict[tuple[str, str], GivenFigure]:
    """What was loaded of the unit, as the run froze it; declared units of measure in the language of the page."""
    found, measures = given_of(RunInput.from_bytes(run.input).supplement, unit), Measures(locale)
    return {key: replace(one, measure=measures.of(key[0], one.measure)) for key, one in found.items()}


def _group(row: Row, labels: Labels) -> GroupStep:
    return GroupStep(
        name=labels.of("group", row["group"]),
        n=row["n"],
        score=figure(row["score"]),
        low=figure(row["low"]),
        high=figure(row["high"]),
        weight_nominal=rounded(row["weight_nominal"]) or Decimal(0),
        weight_used=rounded(row["weight_used"]) or Decimal(0),
        level=row["level"],
    )


def _points(row: Row, labels: Labels) -> PointsLine:
    return PointsLine(
        name=labels.node(row["indicator"]),
        group=labels.of("group", row["group"]) if row["group"] else None,
        weight_nominal=rounded(row["weight_nominal"]) or Decimal(0),
        weight_used=rounded(row["weight_used"]) or Decimal(0),
        score=figure(row["score"]),
        points=figure(row["contribution"]),
    )


def _outcome(tables: Tables, row: Row, units: Mapping[str, Text]) -> Outcome:
    firm = rank_rows(tables)
    own = firm.get(row["unit"])
    return Outcome(
        before=figure(row.get("score_before", row["score"])),
        bonus=figure(row.get("bonus")) or Decimal(0),
        deduction=figure(row.get("deduction")) or Decimal(0),
        score=figure(row["score"]),
        low=figure(row["low"]),
        high=figure(row["high"]),
        level=row["level"],
        band=row["band"],
        limit=row.get("limit", ""),
        rank=row["rank"],
        ranked_of=row["ranked_of"],
        range=rank_range(own),
        first=rounded(own["first"], 0) if own else None,
        band_share=rounded(own["band_share"], 0) if own else None,
        tied=tuple(units.get(code) or Text(code, "") for code in _tied(own, firm.values())),
    )


def _tied(own: Row | None, firm: Iterable[Row]) -> list[str]:
    """The other units of the same category that the draws do not tell apart from this one."""
    if own is None or own["tie_group"] is None:
        return []
    place = own["category"], own["tie_group"]
    return [row["unit"] for row in firm if (row["category"], row["tie_group"]) == place and row["unit"] != own["unit"]]


def _band(band: Band) -> BandLine:
    return BandLine(band.code, band.start, None if band.share is None else rounded(100 * float(band.share)))
