"""One unit's scorecard from the public sheet of a run: plain values, rounded as they are printed."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from babel.dates import format_interval

from evalsys.i18n import direction
from evalsys.reports.scorecard import BandLine, GroupLine, HistoryPoint, IndicatorLine, Scorecard
from evalsys.services.run_tables import Row
from evalsys.services.scorecards.sheet import PUBLIC, Sheet, figure, weight
from evalsys.services.scorecards.steps import (
    adjustment_lines,
    given_lines,
    method_of,
    moves_of,
    node_lines,
    reading_of,
    trial_of,
)
from evalsys.services.scorecards.words import Words, named
from scoring.result import Supplement
from scoring.scheme import Group, Node, Scheme

STRENGTHS = 3
TOP = Decimal(100)


@dataclass(frozen=True)
class Occasion:
    """What all cards of one publication share."""

    round_code: str
    period_start: date
    period_end: date
    published_on: date
    run_number: int
    run_digest: str
    engine_version: str
    scheme: Scheme
    scheme_version: int
    adopted_on: date
    adopted_by: str
    public_url: str
    initials: str
    supplement: Supplement = field(default_factory=Supplement)

    def reference(self, unit: str) -> str:
        """What a card is called on paper, alike in all languages: body, round, unit, four digits of the run."""
        check = hashlib.sha256(f"{self.run_digest}:{unit}".encode()).hexdigest()[:4].upper()
        return f"{self.initials}-{self.round_code}-{unit}-{check}"


def build_card(
    sheet: Sheet, occasion: Occasion, words: Words, unit: str, former: tuple[HistoryPoint, ...] = ()
) -> Scorecard:
    """The card of `unit` in the language of `words`; `former` are its results of earlier rounds, oldest first."""
    row = sheet.scores[unit]
    groups = _group_lines(sheet, occasion.scheme, words, unit)
    card = Scorecard(
        **_identity(occasion, words, unit, row["category"]),
        **_result(row, groups),
        **_comparison(sheet, row),
        **_provenance(occasion),
        **moves_of(row),
        bands=_bands(occasion.scheme),
        groups=groups,
        indicators=_indicator_lines(sheet, occasion, words, unit),
        open_channel=sheet.open_channel.get(unit),
        nodes=node_lines(sheet, occasion.scheme, words, unit),
        trial=trial_of(sheet, occasion.scheme, words, unit),
        adjustments=adjustment_lines(sheet, unit),
    )
    named_former = tuple(replace(one, unit=named(words.units, one.unit)) if one.unit else one for one in former)
    return _with_findings(_with_history(card, named_former))


def _identity(occasion: Occasion, words: Words, unit: str, category: str) -> dict[str, Any]:
    period = format_interval(occasion.period_start, occasion.period_end, "yMMMMd", locale=words.locale)
    return {
        "unit_code": unit,
        "unit_name": named(words.units, unit),
        "category_code": category,
        "category_name": named(words.categories, category),
        "body_name": words.body_name,
        "round_code": occasion.round_code,
        "round_title": words.round_title,
        "period": period.replace("\u2009", " "),
        "reference": occasion.reference(unit),
        "locale": words.locale,
        "direction": direction(words.locale),
        "link": f"{occasion.public_url}/{words.locale}/rounds/{occasion.round_code}/units/{unit}",
        "check_url": f"{occasion.public_url}/v/{quote(occasion.reference(unit))}-{words.locale}",
    }


def _provenance(occasion: Occasion) -> dict[str, Any]:
    return {
        "published_on": occasion.published_on,
        "run_id": f"{occasion.round_code}/{occasion.run_number}",
        "run_digest": occasion.run_digest,
        "scheme_code": occasion.scheme.code,
        "publication": occasion.scheme.publication,
        "order": occasion.scheme.order,
        "banding": occasion.scheme.banding,
        "scheme_version": str(occasion.scheme_version),
        "scheme_digest": occasion.scheme.digest,
        "engine_version": occasion.engine_version,
        "adopted_on": occasion.adopted_on,
        "adopted_by": occasion.adopted_by,
    }


def _result(row: Row, groups: tuple[GroupLine, ...]) -> dict[str, Any]:
    """The composite, when it may be shown. `n` leaves out hidden groups, whose number would else be the difference."""
    shown = row["level"] in PUBLIC
    return {
        "score": figure(row["score"]) if shown else None,
        "low": figure(row["low"]) if shown else None,
        "high": figure(row["high"]) if shown else None,
        "band": row["band"],
        "level": row["level"],
        "level_group": row["level_group"],
        "level_n": int(row["level_n"]) if row["level"] in ("overseer", "indicative") else None,
        "n": sum(line.n or 0 for line in groups),
    }


def _comparison(sheet: Sheet, row: Row) -> dict[str, Any]:
    category = sheet.categories[row["category"]]
    ranked = row["level"] == "full" and row["rank"] is not None
    return {
        "rank": int(row["rank"]) if ranked else None,
        "ranked_of": int(row["ranked_of"]) if ranked else 0,
        "category_mean": figure(category["mean"]),
        "category_units": int(category["published_units"]),
    }


def _bands(scheme: Scheme) -> tuple[BandLine, ...]:
    """The bands and the scores between which each is given; none where places decide or no grade is published."""
    if scheme.banding != "absolute" or scheme.publication == "scores":
        return ()
    best_first = sorted(scheme.bands, key=lambda band: -band.start)
    ends = [TOP, *(band.start for band in best_first)]
    return tuple(BandLine(band.code, band.start, end) for band, end in zip(best_first, ends, strict=False))


def _group_lines(sheet: Sheet, scheme: Scheme, words: Words, unit: str) -> tuple[GroupLine, ...]:
    rows = {row["group"]: row for row in sheet.groups.get(unit, ())}
    return tuple(_group_line(rows[group.code], group, words) for group in scheme.groups if group.code in rows)


def _group_line(row: Row, group: Group, words: Words) -> GroupLine:
    _hidden, public_from, full_from = group.minimum
    shown = row["level"] in PUBLIC
    return GroupLine(
        code=group.code,
        name=named(words.groups, group.code),
        n=None if row["level"] == "hidden" else int(row["n"]),
        score=figure(row["score"]) if shown else None,
        low=figure(row["low"]) if shown else None,
        high=figure(row["high"]) if shown else None,
        weight_nominal=weight(row["weight_nominal"]),
        weight_used=weight(row["weight_used"]),
        level=row["level"],
        promise=group.promise,
        needed=full_from if shown else public_from,
        withheld=row["withheld"],
        **method_of(group, words),
    )


def _indicator_lines(sheet: Sheet, occasion: Occasion, words: Words, unit: str) -> tuple[IndicatorLine, ...]:
    scheme, given = occasion.scheme, given_lines(sheet, occasion.supplement, words, unit)
    leaves = {leaf.code: leaf for leaf in scheme.leaves()}
    parents = {child.code: node.code for node in scheme.nodes() for child in node.children}
    absent = {row["group"] for row in sheet.groups.get(unit, ()) if row["level"] == "absent"}
    return tuple(
        replace(
            _indicator_line(sheet, words, row, (leaves[row["indicator"]], parents[row["indicator"]])),
            given=None if row["group"] else given.get(row["indicator"]),
        )
        for row in sheet.weights.get(unit, ())
        if row["group"] not in absent and row["indicator"] in leaves
    )


def _indicator_line(sheet: Sheet, words: Words, row: Row, place: tuple[Node, str]) -> IndicatorLine:
    leaf, parent = place
    line = IndicatorLine(
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
    return _with_figures(line, sheet, row, leaf) if (row["unit"], leaf.code, row["group"]) in sheet.lines else line


def _with_figures(line: IndicatorLine, sheet: Sheet, row: Row, leaf: Node) -> IndicatorLine:
    key = (row["unit"], row["indicator"], row["group"])
    mean = sheet.lines[key]
    category_mean = sheet.category_means.get((sheet.scores[row["unit"]]["category"], *key[1:]))
    score = figure(mean["mean"])
    return replace(
        line,
        score=score,
        low=figure(mean["low"]),
        high=figure(mean["high"]),
        n=int(mean["n"]),
        dont_know=int(mean["dont_know"] or 0),
        not_applicable=int(mean["not_applicable"] or 0),
        contribution=figure(row["contribution"]),
        raw_mean=figure(mean["raw_mean"]),
        reading=reading_of(leaf, mean),
        distribution=sheet.spreads.get(key, ()),
        category_mean=category_mean,
        gap=None if category_mean is None or score is None else score - category_mean,
    )


def _with_history(card: Scorecard, former: tuple[HistoryPoint, ...]) -> Scorecard:
    own = HistoryPoint(card.round_code, card.score, card.band, card.level, True, card.low, card.high)
    card = replace(card, history=(*former, own))
    last = former[-1] if former else None
    if last is None or not last.comparable or last.score is None or card.score is None:
        return card
    change = card.score - last.score
    return replace(card, change=change, change_since=last.round_code, change_is_clear=_is_clear(change, own, last))


def _is_clear(change: Decimal, now: HistoryPoint, before: HistoryPoint) -> bool | None:
    """Whether the change is larger than the margin of a difference of two independent samples; None if unknown."""
    if now.low is None or now.high is None or before.low is None or before.high is None:
        return None
    margins = ((now.high - now.low) / 2) ** 2 + ((before.high - before.low) / 2) ** 2
    return change**2 > margins


def _with_findings(card: Scorecard) -> Scorecard:
    """Names up to three indicators that stand out above and below the mean of the category."""
    if not card.is_shown:
        return card
    compared = sorted((line.gap, line.code) for line in card.indicators if line.gap is not None and line.weight_used)
    below = [code for gap, code in compared if gap < 0]
    above = [code for gap, code in reversed(compared) if gap > 0]
    return replace(card, strengths=tuple(above[:STRENGTHS]), weaknesses=tuple(below[:STRENGTHS]))
