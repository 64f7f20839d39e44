"""What the offices below another come to: the roll-up of a run, from scores that its reader may see and no others."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import aliased

from evalsys.db import db
from evalsys.models import Unit
from evalsys.services.content import Text
from evalsys.services.run_influence import rounded
from evalsys.services.run_tables import Tables, rows_of
from scoring.rollup import roll_up


@dataclass(frozen=True)
class RollupLine:
    """A parent office: the mean of the scores of `n` of the `of` offices below it that are in the round.

    `missing` are those without a score that may be seen. `score` is empty when too few of them have one.
    """

    code: str
    name: Text
    score: Decimal | None
    n: int
    of: int
    missing: tuple[Text, ...]


def rollup_lines(tables: Tables, names: Mapping[str, Text]) -> tuple[RollupLine, ...]:
    """One line a parent of units of the run, by the tree of offices as it is now."""
    scores = tables["scores"]
    children = scores.assign(parent=scores["unit"].map(_parents()))[["unit", "parent", "score"]]
    children = children[children["parent"].notna()].astype({"score": "float64"})
    if children.empty:
        return ()
    return tuple(
        RollupLine(
            code=row["parent"],
            name=_named(names, row["parent"]),
            score=rounded(row["score"]),
            n=row["n"],
            of=row["of"],
            missing=tuple(_named(names, code) for code in row["missing"]),
        )
        for row in rows_of(roll_up(pd.DataFrame(children)))
    )


def _parents() -> dict[str, str]:
    above = aliased(Unit)
    rows = db.session.execute(select(Unit.code, above.code).join(above, above.id == Unit.parent_id)).all()
    return dict(rows)


def _named(names: Mapping[str, Text], code: str) -> Text:
    return names.get(code) or Text(code, "")
