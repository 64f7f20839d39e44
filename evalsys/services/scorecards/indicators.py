"""The lines of a card's indicators: one for each group that judges an indicator, and for administrative figures."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evalsys.reports.calculation import percents
from evalsys.reports.lines import GivenLine, IndicatorLine
from evalsys.services.disclosure import PEOPLE_OF_A_SHARE, number_in, shares_of
from evalsys.services.run_tables import Row
from evalsys.services.scorecards.sheet import Sheet, figure, weight
from evalsys.services.scorecards.steps import reading_of
from evalsys.services.scorecards.words import Words, named
from scoring.scheme import Group, Node, Scheme


def indicator_lines(
    sheet: Sheet, scheme: Scheme, given: Mapping[str, GivenLine], words: Words, unit: str
) -> tuple[IndicatorLine, ...]:
    """The lines of a unit in the order of the scheme; `given` are its administrative figures, by indicator."""
    leaves = {leaf.code: leaf for leaf in scheme.leaves()}
    groups = {group.code: group for group in scheme.groups}
    parents = {child.code: node.code for node in scheme.nodes() for child in node.children}
    absent = {row["group"] for row in sheet.groups.get(unit, ()) if row["level"] == "absent"}
    lines = (
        (row, _indicator_line(words, row, leaves[row["indicator"]], parents[row["indicator"]]))
        for row in sheet.weights.get(unit, ())
        if row["group"] not in absent and row["indicator"] in leaves
    )
    return tuple(
        replace(
            _with_figures(line, sheet, row, (leaves[line.code], groups[line.group_code]))
            if (unit, line.code, line.group_code) in sheet.lines
            else line,
            given=None if row["group"] else given.get(row["indicator"]),
        )
        for row, line in lines
    )


def _indicator_line(words: Words, row: Row, leaf: Node, parent: str) -> IndicatorLine:
    return IndicatorLine(
        code=leaf.code,
        name=named(words.indicators, leaf.code),
        group_code=row["group"],
        group_name=named(words.groups, row["group"]),
        dimension_name=named(words.dimensions, parent),
        weight_nominal=weight(row["weight_nominal"]),
        weight_used=weight(row["weight_used"]),
        score=None if leaf.is_rated else figure(row["score"]),
        low=None,
        high=None,
        n=None,
        dont_know=0,
        not_applicable=0,
        contribution=None if leaf.is_rated else figure(row["contribution"]),
        raw_mean=None,
        points=leaf.points,
        parent=parent,
        withheld=row["withheld"],
    )


def _with_figures(line: IndicatorLine, sheet: Sheet, row: Row, place: tuple[Node, Group]) -> IndicatorLine:
    leaf, group = place
    key = (row["unit"], row["indicator"], row["group"])
    mean = sheet.lines[key]
    category_mean = sheet.category_means.get((sheet.scores[row["unit"]]["category"], *key[1:]))
    score, (n, n_to) = figure(mean["mean"]), number_in(mean["n"], group)
    return replace(
        line,
        score=score,
        low=figure(mean["low"]),
        high=figure(mean["high"]),
        n=n,
        n_to=n_to,
        **_shares(mean, sheet.spreads.get(key, ())),
        contribution=figure(row["contribution"]),
        reading=reading_of(leaf, mean, is_exact=not n_to),
        category_mean=category_mean,
        gap=None if category_mean is None or score is None else score - category_mean,
    )


def _shares(mean: Row, spread: tuple[int, ...]) -> dict[str, Any]:
    """How the answers were spread, and who did not know, as percents; nothing of a few people."""
    asked = [int(mean[name] or 0) for name in ("n", "dont_know", "not_applicable")]
    if asked[0] < PEOPLE_OF_A_SHARE:
        return {}
    _known, unknown, none = percents(asked)
    return {"shares": shares_of(spread) if spread else (), "dont_know_share": unknown, "not_applicable_share": none}
