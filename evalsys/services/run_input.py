"""What a scoring run reads, frozen as bytes from which it can be repeated: cells, forms, units and the supplement."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Category, Cell, Questionnaire, Round, RoundUnit, Unit
from evalsys.services.questionnaires.document import parse, unscored
from evalsys.services.run_supplement import freeze_supplement, supplement_of, supplement_rows
from scoring.collect import CELL_COLUMNS, Form
from scoring.result import Supplement
from scoring.scheme import Scheme


@dataclass(frozen=True)
class RunInput:
    """What `scoring.pipeline.run` takes: cells (one row a unit, form and stratum), forms, units, the supplement."""

    cells: pd.DataFrame
    forms: Mapping[str, Form]
    units: pd.DataFrame
    supplement: Supplement = field(default_factory=Supplement)

    def to_bytes(self) -> bytes:
        """Canonical JSON: the same bytes for the same rows in any order."""
        rows = self.cells.itertuples(index=False, name=None)
        cells = sorted(
            [unit, form, stratum, int(n), _text(counts), _text(moments)]
            for unit, form, stratum, n, counts, moments in rows
        )
        forms = {code: _stored(form) for code, form in self.forms.items()}
        units = sorted(list(row) for row in self.units.itertuples(index=False, name=None))
        content = {"cells": cells, "forms": forms, "units": units, **supplement_rows(self.supplement)}
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "RunInput":
        """The input that was frozen; one from before there were figures has no supplement."""
        stored: dict[str, Any] = json.loads(content)
        cells = [[*row[:4], base64.b64decode(row[4]), base64.b64decode(row[5])] for row in stored["cells"]]
        forms = {
            code: Form(
                code, group, tuple(indicators), tuple(points), frozenset(code for part in marked for code in part)
            )
            for code, (group, indicators, points, *marked) in stored["forms"].items()
        }
        units = _frame(stored["units"], ("unit", "category"))
        return cls(_frame(cells, CELL_COLUMNS), forms, units, supplement_of(stored))


def freeze_input(session: Session, round_: Round, scheme: Scheme) -> RunInput:
    """The cells, forms, units and figures of the round as they are now, as far as `scheme` asks for them."""
    forms = {form.code: _form(form) for form in _forms(session, round_)}
    query = (
        select(Unit.code, Questionnaire.code, Cell.stratum, Cell.n, Cell.counts, Cell.moments)
        .join(Questionnaire, Questionnaire.id == Cell.questionnaire_id)
        .join(Unit, Unit.id == Cell.unit_id)
        .where(Questionnaire.round_id == round_.id, Cell.n > 0)
        .order_by(Unit.code, Questionnaire.code, Cell.stratum)
    )
    cells = [list(row) for row in session.execute(query)]
    places = (
        select(Unit.code, Category.code)
        .join(RoundUnit, RoundUnit.unit_id == Unit.id)
        .join(Category, Category.id == RoundUnit.category_id)
        .where(RoundUnit.round_id == round_.id)
        .order_by(Unit.code)
    )
    units = [list(row) for row in session.execute(places)]
    supplement = freeze_supplement(session, round_, scheme)
    return RunInput(_frame(cells, CELL_COLUMNS), forms, _frame(units, ("unit", "category")), supplement)


def _forms(session: Session, round_: Round) -> list[Questionnaire]:
    query = select(Questionnaire).where(Questionnaire.round_id == round_.id).order_by(Questionnaire.code)
    return list(session.scalars(query))


def _form(form: Questionnaire) -> Form:
    """The engine's description; questions that the document marks as unscored are frozen as such."""
    indicators = [question.indicator for question in form.questions]
    marked = unscored(parse(form.body)) if form.body else frozenset()
    return Form(form.code, form.group, tuple(i.code for i in indicators), tuple(i.points for i in indicators), marked)


def _stored(form: Form) -> list[Any]:
    """The list of unscored questions is there only when there are some, so that older input stays as it was."""
    marked = [sorted(form.unscored)] if form.unscored else []
    return [form.group, list(form.indicators), list(form.points), *marked]


def _frame(rows: list[list[Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _text(blob: bytes) -> str:
    return base64.b64encode(blob).decode("ascii")
