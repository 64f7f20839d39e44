"""What a run reads besides answers: figures, and ratings with their raters where strictness is taken out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Figure, Round, Unit
from evalsys.services.figures.needs import periods_of
from evalsys.services.findings.freezing import read_findings
from evalsys.services.panels.ratings import read_panel_ratings
from scoring.result import Supplement
from scoring.scheme import Scheme

FIGURES = ("unit", "indicator", "period", "given", "measure", "source")
FINDINGS = ("unit", "kind", "code", "points", "source", "reason")
PANELS = ("unit", "group", "indicator", "rater", "value")
NAMED = "accountable"
Stored = Mapping[str, Any]


@dataclass(frozen=True)
class GivenFigure:
    """A figure as it was loaded: exact decimal in raw units, unit of measure, where it is from."""

    value: str
    measure: str
    source: str


def freeze_supplement(session: Session, round_: Round, scheme: Scheme) -> Supplement:
    """The current figures and the findings in force of the round, and the ratings of groups whose strictness counts."""
    query = (
        select(Unit.code, Figure.indicator, Figure.period, Figure.value, Figure.measure, Figure.source)
        .join(Unit, Unit.id == Figure.unit_id)
        .where(Figure.round_id == round_.id, Figure.is_current)
    )
    rows = [list(row) for row in session.execute(query)]
    figures = _with_own_period(rows, periods_of(round_)[-1], scheme)
    return _supplement(figures, _panels(session, round_, scheme), read_findings(session, round_))


def supplement_rows(supplement: Supplement) -> dict[str, list[list[Any]]]:
    """The rows as canonical lists; what has no row is left out, so that a run without them has the bytes of old."""
    frames = {
        "figures": (supplement.figures, FIGURES),
        "panels": (supplement.panels, PANELS),
        "adjustments": (supplement.adjustments, FINDINGS),
    }
    return {
        name: sorted(frame[list(columns)].to_numpy(dtype=object).tolist())
        for name, (frame, columns) in frames.items()
        if frame is not None and len(frame)
    }


def supplement_of(stored: Stored) -> Supplement:
    """What `supplement_rows` wrote; nothing for the input of a run from before there were figures."""
    return _supplement(*(stored.get(name, ()) for name in ("figures", "panels", "adjustments")))


def given_of(supplement: Supplement, unit: str) -> dict[tuple[str, str], GivenFigure]:
    """The figures of a unit as they were loaded, by indicator and period."""
    if supplement.figures is None:
        return {}
    own = supplement.figures[supplement.figures["unit"] == unit]
    return {
        (row["indicator"], row["period"]): GivenFigure(row["given"], row["measure"], row["source"])
        for row in own.to_dict("records")
        if row["given"]
    }


def _with_own_period(rows: list[list[Any]], period: str, scheme: Scheme) -> list[list[Any]]:
    """The engine takes the last period it meets for the present one: where only earlier ones came, a gap says so."""
    leaves = [leaf.code for leaf in scheme.leaves()]
    dated = [row for row in rows if row[1] in leaves]
    if not dated or any(row[2] == period for row in dated):
        return rows
    unit, indicator, *_rest = min(dated)
    return [*rows, [unit, indicator, period, "", "", ""]]


def _supplement(
    figures: Sequence[Sequence[Any]], panels: Sequence[Sequence[Any]], findings: Sequence[Sequence[Any]]
) -> Supplement:
    given = pd.DataFrame(figures, columns=list(FIGURES)) if figures else None
    if given is not None:
        given["value"] = [float(text or "nan") for text in given["given"]]
    return Supplement(
        figures=given,
        panels=pd.DataFrame(panels, columns=list(PANELS)) if panels else None,
        adjustments=pd.DataFrame(findings, columns=list(FINDINGS)) if findings else None,
    )


def _panels(session: Session, round_: Round, scheme: Scheme) -> list[list[Any]]:
    """Only where it is clear which group a rating is of: of several named groups with one question it is of none."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for leaf in scheme.leaves():
        named = [group for group in scheme.groups if group.promise == NAMED and group.code in dict(leaf.shares)]
        asked[leaf.code] = [(group.code, group.severity) for group in named]
    if not any(severity != "none" for groups in asked.values() for _code, severity in groups):
        return []
    rows = []
    for rater, unit, indicator, code in read_panel_ratings(session, round_):
        groups = asked.get(indicator, [])
        if len(groups) == 1 and groups[0][1] != "none":
            rows.append([unit, groups[0][0], indicator, rater, code])
    return rows
