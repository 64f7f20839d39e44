"""The figures of a card as one CSV: a row a figure, headed by codes that are English in every language.

A row says what it is about (`kind`), its codes, and the figures as they are printed; an empty cell holds nothing that
may be told. The bytes depend on the card alone.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from evalsys.reports.cells import safe_cell
from evalsys.reports.scorecard import Scorecard

COLUMNS = (
    "kind", "code", "group", "name", "score", "low", "high", "band", "n", "n_to", "weight_nominal", "weight_used",
    "contribution", "change", "change_is_clear", "category_mean", "dont_know_share", "not_applicable_share", "shares",
    "level", "withheld", "comparable",
)  # fmt: skip
LINE_END = "\r\n"


def card_csv(card: Scorecard) -> bytes:
    """The card's figures as CSV in UTF-8, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=LINE_END)
    writer.writerow(COLUMNS)
    for row in _rows(card):
        writer.writerow(safe_cell(_text(row.get(column))) for column in COLUMNS)
    return out.getvalue().encode()


def _rows(card: Scorecard) -> Iterator[dict[str, Any]]:
    yield {"kind": "unit", "code": card.unit_code, "name": card.unit_name, **_of(card)}
    for name in ("reference", "round_code", "run_id", "scheme_version", "coverage"):
        yield {"kind": "fact", "code": name, "name": getattr(card, name)}
    for group in card.groups:
        yield {"kind": "group", "group": group.code, **_of(group)}
    for node in card.nodes:
        yield {"kind": "node", **_of(node)}
    for line in card.indicators:
        shares = " ".join(map(str, line.spread))
        yield {"kind": "indicator", "group": line.group_code, **_of(line), "shares": shares}
    for point in card.history:
        yield {"kind": "round", "code": point.round_code, **_of(point)}
    for left in card.left_out:
        yield {"kind": "left_out", "code": left.reason, **_of(left)}


def _of(record: object) -> dict[str, Any]:
    """The columns that a record has by their own names."""
    return {name: getattr(record, name) for name in COLUMNS if name != "group" and hasattr(record, name)}


def _text(value: object) -> str:
    """The value as it is printed; truths as yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
