"""Comments of an export: a file of their own that nothing ties to the answers, and none from small groups."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from evalsys.models import Comment, Indicator, Questionnaire, Response
from evalsys.models.response import COUNTED
from evalsys.services.transfers.cells import safe_cell
from evalsys.services.transfers.selection import ROWS_AT_ONCE, Row, Selection

HEADER = ("comment", "unit", "group", "indicator", "item", "state", "text")
WITHHELD = "withheld"


def comments_of(connection: Connection, chosen: Selection) -> Iterator[list[Row]]:
    """Comments on offices that enough people of the group rated, in a random order; withheld ones are left out."""
    large = _large_enough(connection, chosen)
    query = (
        select(Response.unit_id, Questionnaire.group, Indicator.code, Comment.item, Comment.state, Comment.text)
        .join(Response, Response.id == Comment.response_id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .outerjoin(Indicator, Indicator.id == Comment.indicator_id)
        .where(chosen.is_wanted, Comment.state != WITHHELD)
        .order_by(func.random())
    )
    found = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
    for portion in found.partitions():
        yield [_row(chosen, line) for line in portion if (line[0], line[1]) in large]


def _row(chosen: Selection, line: Sequence[Any]) -> Row:
    unit, group, indicator, item, state, text = line
    key = f"c{secrets.token_hex(8)}"
    return [key, chosen.units[unit], safe_cell(group), indicator, safe_cell(item), state, safe_cell(text)]


def _large_enough(connection: Connection, chosen: Selection) -> set[tuple[int, str]]:
    query = (
        select(Response.unit_id, Questionnaire.group, func.count())
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .where(Response.questionnaire_id.in_(list(chosen.forms)), Response.status == COUNTED)
        .group_by(Response.unit_id, Questionnaire.group)
    )
    rows = connection.execute(query).all()
    return {(unit, group) for unit, group, number in rows if number >= chosen.minimum.get(group, number + 1)}
