"""One unit's scorecard from the public sheet of a run: plain values, rounded as they are printed."""

import hashlib
import math
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from babel.dates import format_interval

from evalsys.i18n import direction
from evalsys.reports.scorecard import BandLine, GroupLine, HistoryPoint, Scorecard
from evalsys.services.disclosure import number_in
from evalsys.services.run_tables import Row
from evalsys.services.scorecards.former import Former, is_clear, with_change
from evalsys.services.scorecards.indicators import indicator_lines
from evalsys.services.scorecards.sheet import PUBLIC, Sheet, figure, weight
from evalsys.services.scorecards.steps import (
    adjustment_lines,
    given_lines,
    method_of,
    moves_of,
    node_lines,
    trial_of,
)
from evalsys.services.scorecards.words import Words, named
from scoring.rank import round_half_up
from scoring.result import Supplement
from scoring.scheme import Group, Scheme

NOTHING = Former()
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
    appeal: str = ""
    supplement: Supplement = field(default_factory=Supplement)

    def reference(self, unit: str) -> str:
        """What a card is called on paper, alike in all languages: body, round, unit, four digits of the run."""
        check = hashlib.sha256(f"{self.run_digest}:{unit}".encode()).hexdigest()[:4].upper()
        return f"{self.initials}-{self.round_code}-{unit}-{check}"


def build_card(sheet: Sheet, occasion: Occasion, words: Words, unit: str, former: Former = NOTHING) -> Scorecard:
    """The card of `unit` in the language of `words`; `former` is what was published of it in earlier rounds."""
    row = sheet.scores[unit]
    groups = _group_lines(sheet, occasion.scheme, words, unit)
    given = given_lines(sheet, occasion.supplement, words, unit)
    card = Scorecard(
        **_identity(occasion, words, unit, row["category"]),
        **_result(row, groups, occasion.scheme),
        **_comparison(sheet, row),
        **_provenance(occasion),
        **moves_of(row),
        bands=_bands(occasion.scheme),
        groups=groups,
        indicators=indicator_lines(sheet, occasion.scheme, given, words, unit),
        open_channel=sheet.open_channel.get(unit),
        coverage=_coverage(sheet, unit),
        nodes=node_lines(sheet, occasion.scheme, words, unit),
        trial=trial_of(sheet, occasion.scheme, words, unit),
        adjustments=adjustment_lines(sheet, unit),
    )
    points = tuple(replace(one, unit=named(words.units, one.unit)) if one.unit else one for one in former.points)
    return _with_findings(_with_history(card, replace(former, points=points)))


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
        "appeal": occasion.appeal,
    }


def _result(row: Row, groups: tuple[GroupLine, ...], scheme: Scheme) -> dict[str, Any]:
    """The composite, when it may be shown. `n` leaves out hidden groups, whose number would else be the difference."""
    shown = row["level"] in PUBLIC
    limiting = next((group for group in scheme.groups if group.code == row["level_group"]), None)
    has_number = limiting is not None and row["level"] in ("overseer", "indicative")
    level_n, level_n_to = number_in(row["level_n"], limiting) if limiting and has_number else (None, 0)
    return {
        "score": figure(row["score"]) if shown else None,
        "low": figure(row["low"]) if shown else None,
        "high": figure(row["high"]) if shown else None,
        "band": row["band"],
        "level": row["level"],
        "level_group": row["level_group"],
        "level_n": level_n,
        "level_n_to": level_n_to,
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


def _coverage(sheet: Sheet, unit: str) -> Decimal | None:
    """The percent of the weights, as they were adopted, that stands on published answers and figures."""
    rows = [row for row in sheet.weights.get(unit, ()) if row["weight_nominal"]]
    whole = math.fsum(row["weight_nominal"] for row in rows)
    if not sheet.lines or not whole:
        return None
    shown = [row for row in rows if (row["unit"], row["indicator"], row["group"]) in sheet.lines or _is_figure(row)]
    return round_half_up(100 * math.fsum(row["weight_nominal"] for row in shown) / whole, 0)


def _is_figure(row: Row) -> bool:
    return not row["group"] and row["score"] is not None


def _group_line(row: Row, group: Group, words: Words) -> GroupLine:
    _hidden, public_from, full_from = group.minimum
    shown = row["level"] in PUBLIC
    n, n_to = (None, 0) if row["level"] == "hidden" else number_in(row["n"], group)
    return GroupLine(
        code=group.code,
        name=named(words.groups, group.code),
        n=n,
        n_to=n_to,
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


def _with_history(card: Scorecard, former: Former) -> Scorecard:
    own = HistoryPoint(card.round_code, card.score, card.band, card.level, True, card.low, card.high)
    card, last = replace(card, history=(*former.points, own)), former.last
    if last is None or last.score is None or card.score is None:
        return card
    change, before = card.score - last.score, former.lines.get(last.round_code, {})
    return replace(
        card,
        change=change,
        change_since=last.round_code,
        change_is_clear=is_clear(change, (card.low, card.high), (last.low, last.high)),
        indicators=tuple(with_change(line, before.get((line.code, line.group_code))) for line in card.indicators),
    )


def _with_findings(card: Scorecard) -> Scorecard:
    """Names up to three indicators that stand out above and below the mean of the category."""
    if not card.is_shown:
        return card
    compared = sorted((line.gap, line.code) for line in card.indicators if line.gap is not None and line.weight_used)
    below = [code for gap, code in compared if gap < 0]
    above = [code for gap, code in reversed(compared) if gap > 0]
    return replace(card, strengths=tuple(above[:STRENGTHS]), weaknesses=tuple(below[:STRENGTHS]))
