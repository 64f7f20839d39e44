"""Severity of named raters, and units that rate each other: figures of answers, so only after the round is closed.

Who rated whom is known for accountable groups alone. Confidential answers carry no trace of their rater, so for their
groups the most that units which rate each other could have done to each other's figure is told instead (ADR 11).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from evalsys.db import db
from evalsys.models import OVER, Account, Assignment, Questionnaire, Response, Round, Unit
from evalsys.models.response import COUNTED
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.cells import load_forms
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round
from evalsys.services.run_influence import rounded
from scoring.collect import unpack
from scoring.frames import InputError
from scoring.raters import reciprocity, severity
from scoring.raters.ratings import components, read_ratings

LEAST_ANSWERS = 5
"""The promise to confidential raters: only the combined result of five people or more."""
PAIRS_SHOWN = 20
FEW, APART = "few", "apart"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class RaterLine:
    """A rater: points above (lenient) or below (severe) the average rater on the 0-100 scale."""

    name: str
    units: int
    effect: Decimal | None
    is_extreme: bool


@dataclass(frozen=True)
class PairLine:
    """Two units that rated each other: the index, and what each did to the other's mean (0-100 points)."""

    first: Text
    second: Text
    index: Decimal | None
    effect_first: Decimal | None
    effect_second: Decimal | None


@dataclass(frozen=True)
class GroupRaters:
    """One group. `is_bound`: its pairs hold the most that is possible, not what was; `too_few` pairs are not shown.

    `problem` says why there is no severity: "few", or "apart" with the `parts` that nobody ties together.
    """

    code: str
    name: Text
    raters: tuple[RaterLine, ...]
    problem: str
    parts: tuple[tuple[Text, ...], ...]
    pairs: tuple[PairLine, ...]
    is_bound: bool
    too_few: int


@dataclass(frozen=True)
class RatersPage:
    """All groups with assigned raters; empty while the round collects (`is_over` is false)."""

    round_code: str
    round_name: Text
    is_over: bool
    has_names: bool
    groups: tuple[GroupRaters, ...]


def raters_page(actor: Actor, round_code: str, locale: str) -> RatersPage:
    """Severity and reciprocity of a closed round. Auditors see raters by number. Raises Forbidden, NotFound."""
    require(actor, "quality.read")
    session = db.session()
    round_ = find_round(session, round_code)
    is_over, has_names = round_.state in OVER, may(actor, "exclusion.propose") or may(actor, "exclusion.decide")
    groups = _groups(session, round_, locale, has_names=has_names) if is_over else ()
    name = content.text_of("round", round_code, "name", locale)
    return RatersPage(round_code, name, is_over, has_names, groups)


def _groups(session: Session, round_: Round, locale: str, *, has_names: bool) -> tuple[GroupRaters, ...]:
    units, names = content.names("unit", locale), content.names("group", locale)
    forms = session.execute(
        select(Questionnaire.group, Assignment.is_named)
        .join(Assignment)
        .where(Questionnaire.round_id == round_.id)
        .distinct()
        .order_by(Questionnaire.group)
    )
    found = []
    for code, is_named in forms.all():
        name = names.get(code) or Text(code, "")
        if is_named:
            rows = named_rows(session, round_.id, code)
            raters, problem, parts = _severity(rows, units, has_names=has_names)
            found.append(
                GroupRaters(code, name, raters, problem, parts, _pairs(rows, units), is_bound=False, too_few=0)
            )
        else:
            pairs, too_few = _bounds(session, round_.id, code, units)
            found.append(GroupRaters(code, name, (), "", (), pairs, is_bound=True, too_few=too_few))
    return tuple(found)


def named_rows(session: Session, round_id: int, group: str) -> Rows:
    """One row a named rating: unit, rater, rater_name, rater_unit ("" if none), value (mean of 0-100 points).

    The first, blind round of a panel counts; ratings without any level are left out.
    """
    home, rated = aliased(Unit), aliased(Unit)
    query = (
        select(Questionnaire.id, rated.code, Account.id, Account.name, home.code, Response.answers)
        .select_from(Assignment)
        .join(Questionnaire, Questionnaire.id == Assignment.questionnaire_id)
        .join(Account, Account.id == Assignment.account_id)
        .outerjoin(home, home.id == Account.unit_id)
        .join(rated, rated.id == Assignment.unit_id)
        .join(Response, Response.id == Assignment.response_id)
        .where(Questionnaire.round_id == round_id, Questionnaire.group == group, Assignment.is_named)
        .where(Response.status == COUNTED)
        .order_by(Account.id, rated.code)
    )
    found = session.execute(query).all()
    forms = load_forms(session, {row[0] for row in found})
    rows = [
        {"unit": unit, "rater": f"{rater:09}", "rater_name": name, "rater_unit": own or ""}
        | {"value": _mean(answers, forms[form].points)}
        for form, unit, rater, name, own, answers in found
    ]
    return [row for row in rows if row["value"] is not None]


def _mean(answers: str, points: tuple[int, ...]) -> float | None:
    given = [
        100 * (code - 1) / (k - 1) for code, k in zip(unpack(answers, points), points, strict=True) if 1 <= code <= k
    ]
    return float(np.mean(given)) if given else None


def _severity(
    rows: Rows, units: Mapping[str, Text], *, has_names: bool
) -> tuple[tuple[RaterLine, ...], str, tuple[tuple[Text, ...], ...]]:
    """Lines, why there are none (FEW or APART), and the sets of units that nobody ties together."""
    if not rows:
        return (), "", ()
    try:
        parts = components(read_ratings(pd.DataFrame(rows)))
    except InputError:
        return (), FEW, ()
    if len(parts) > 1:
        return (), APART, tuple(tuple(_text(units, code) for code in codes) for codes, _raters in parts)
    found = severity(pd.DataFrame(rows), "fixed")
    names = {row["rater"]: row["rater_name"] for row in rows}
    lines = [
        RaterLine(
            names[rater] if has_names else str(place + 1),
            int(found.counts[place]),
            rounded(float(found.effects[place]), 1),
            bool(found.extreme[place]),
        )
        for place, rater in enumerate(found.raters)
    ]
    return tuple(sorted(lines, key=lambda line: -(line.effect or Decimal(0)))), "", ()


def _pairs(rows: Rows, units: Mapping[str, Text]) -> tuple[PairLine, ...]:
    given = [row for row in rows if row["rater_unit"] and row["rater_unit"] != row["unit"]]
    if not given:
        return ()
    found = reciprocity(pd.DataFrame(given)).head(PAIRS_SHOWN)
    columns = ("first", "second", "index", "effect_first", "effect_second")
    return tuple(
        PairLine(_text(units, first), _text(units, second), *(_shown(value) for value in values))
        for first, second, *values in found[list(columns)].itertuples(index=False, name=None)
    )


def _bounds(session: Session, round_id: int, group: str, units: Mapping[str, Text]) -> tuple[tuple[PairLine, ...], int]:
    """For each pair that rated each other: had the best answers come from the other unit, what would they have done?

    Only units with `LEAST_ANSWERS` answers beside those of the other one; second value: pairs left out for that.
    """
    values, given = _unnamed_values(session, round_id, group), _given(session, round_id, group)
    lines, too_few = [], 0
    for first, second in sorted(pair for pair in given if pair[0] < pair[1] and pair[::-1] in given):
        most = [_most(values.get(to, []), given[of, to]) for of, to in ((second, first), (first, second))]
        if most[0] is None or most[1] is None:
            too_few += 1
            continue
        (gap_first, effect_first), (gap_second, effect_second) = most[0], most[1]
        lines.append((gap_first * gap_second, first, second, effect_first, effect_second))
    lines.sort(key=lambda line: (-line[0], line[1], line[2]))
    shown = tuple(
        PairLine(_text(units, first), _text(units, second), _shown(index), _shown(one), _shown(two))
        for index, first, second, one, two in lines[:PAIRS_SHOWN]
    )
    return shown, too_few


def _most(values: list[float], number: int) -> tuple[float, float] | None:
    """How far the best `number` values lie above the others, and what they do to the mean."""
    rest = sorted(values)[: len(values) - number]
    if len(values) < LEAST_ANSWERS or len(rest) < LEAST_ANSWERS - 1 or not number:
        return None
    top = sorted(values)[len(rest) :]
    return float(np.mean(top) - np.mean(rest)), float(np.mean(values) - np.mean(rest))


def _unnamed_values(session: Session, round_id: int, group: str) -> dict[str, list[float]]:
    query = (
        select(Questionnaire.id, Unit.code, Response.answers)
        .select_from(Response)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .join(Unit, Unit.id == Response.unit_id)
        .where(Questionnaire.round_id == round_id, Questionnaire.group == group, Response.status == COUNTED)
        .order_by(Unit.code, Response.id)
    )
    rows = session.execute(query).all()
    forms = load_forms(session, {row[0] for row in rows})
    found: dict[str, list[float]] = {}
    for form, unit, answers in rows:
        value = _mean(answers, forms[form].points)
        if value is not None:
            found.setdefault(unit, []).append(value)
    return found


def _given(session: Session, round_id: int, group: str) -> Counter[tuple[str, str]]:
    """How many ratings the people of one unit handed in about another."""
    home, rated = aliased(Unit), aliased(Unit)
    query = (
        select(home.code, rated.code)
        .select_from(Assignment)
        .join(Questionnaire, Questionnaire.id == Assignment.questionnaire_id)
        .join(Account, Account.id == Assignment.account_id)
        .join(home, home.id == Account.unit_id)
        .join(rated, rated.id == Assignment.unit_id)
        .where(Questionnaire.round_id == round_id, Questionnaire.group == group, Assignment.state == "submitted")
    )
    return Counter((of, to) for of, to in session.execute(query).all())


def _shown(value: float) -> Decimal | None:
    return None if np.isnan(value) else rounded(value, 1)


def _text(units: Mapping[str, Text], code: str) -> Text:
    return units.get(code) or Text(code, "")
