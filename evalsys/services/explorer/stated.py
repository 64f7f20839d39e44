"""How much each indicator matters to the people who were asked: their own answers, all offices of a round together.

Questions of the role "importance" are never scored, so that no table of a run holds them: they are counted from the
answers that the run froze. One mean for the whole round, of a group large enough to be published, tells nobody's own.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sqlalchemy import select

from evalsys.db import db
from evalsys.models import Questionnaire, Run
from evalsys.services.questionnaires.document import IMPORTANCE, parse
from evalsys.services.run_input import RunInput
from scoring.collect import Form, Tally
from scoring.scheme import Scheme

FEWEST = 5
"""Answers that a mean needs, whatever the group's own number is."""


def stated_importance(run: Run, scheme: Scheme) -> dict[str, float]:
    """What the answers say, 0 to 100, by indicator; one that too few answered, or all alike, is left out."""
    asked = _asked(run)
    if not asked:
        return {}
    frozen = RunInput.from_bytes(run.input)
    counted = {
        group.code: (max(group.minimum[-1], FEWEST), [part.code for part in group.strata if part.weight])
        for group in scheme.groups
    }
    sums: dict[str, list[tuple[int, float]]] = {}
    for code, form in frozen.forms.items():
        least, strata = counted.get(form.group, (FEWEST, []))
        for column, about in _columns(form, asked.get(code, {})):
            cells = frozen.cells[(frozen.cells["form"] == code) & frozen.cells["stratum"].isin(strata)]
            levels = _levels(cells[["n", "counts", "moments"]], form, column)
            if sum(levels) >= least and sum(1 for count in levels if count) > 1:
                sums.setdefault(about, []).append(_mean(levels))
    return {about: sum(n * mean for n, mean in found) / sum(n for n, _ in found) for about, found in sums.items()}


def _asked(run: Run) -> dict[str, dict[str, str]]:
    """By questionnaire: which of its questions asks how much which indicator matters."""
    query = select(Questionnaire.code, Questionnaire.body).where(Questionnaire.round_id == run.round_id)
    found = {}
    for code, body in db.session.execute(query):
        items = parse(body).items if body else ()
        about = {item.code: item.about for item in items if item.role == IMPORTANCE and item.about}
        if about:
            found[code] = about
    return found


def _columns(form: Form, about: dict[str, str]) -> Iterator[tuple[int, str]]:
    return ((place, about[code]) for place, code in enumerate(form.indicators) if code in about)


def _levels(cells: pd.DataFrame, form: Form, column: int) -> list[int]:
    """How often each level was chosen in these cells, lowest first."""
    whole = np.zeros(form.points[column], dtype=np.int64)
    for n, counts, moments in cells.itertuples(index=False, name=None):
        whole += Tally.from_blobs(n, counts, moments, form).counts[column][1 : len(whole) + 1]
    return [int(count) for count in whole]


def _mean(levels: list[int]) -> tuple[int, float]:
    """Number of answers and their mean on 0 to 100."""
    n = sum(levels)
    return n, 100 * sum(place * count for place, count in enumerate(levels)) / (n * (len(levels) - 1))
