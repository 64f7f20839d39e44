"""Dimensions times groups, from the published lines of a card alone: what is hidden there is hidden here."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from evalsys.reports.calculation import NodeLine, cents
from evalsys.reports.lines import GroupLine, IndicatorLine

SHOWN, HIDDEN, ABSENT, UNASKED = "shown", "hidden", "absent", "unasked"


@dataclass(frozen=True)
class MatrixCell:
    """What one group said about one dimension: "shown" with its score, "hidden", "absent" or "unasked"."""

    state: str
    score: Decimal | None = None


@dataclass(frozen=True)
class MatrixRow:
    """A dimension, its part of the tree (None on older cards), its weight (percent of the whole), a cell a group."""

    name: str
    node: NodeLine | None
    weight: Decimal
    cells: tuple[MatrixCell, ...]

    @property
    def has_hidden(self) -> bool:
        """Whether a figure of this row is hidden."""
        is_hidden = self.node is not None and self.node.score is None and bool(self.node.withheld)
        return is_hidden or any(cell.state == HIDDEN for cell in self.cells)

    @property
    def has_unasked(self) -> bool:
        """Whether a group of this row was not asked."""
        return any(cell.state == UNASKED for cell in self.cells)


def matrix_row(
    name: str, lines: Sequence[IndicatorLine], node: NodeLine | None, columns: Sequence[GroupLine | None]
) -> MatrixRow:
    """The row of a dimension; a column of None stands for administrative figures."""
    weight = sum((line.weight_used for line in lines), Decimal(0))
    weight = Decimal(f"{weight:f}".rstrip("0").rstrip(".")) if weight % 10 else weight.to_integral_value()
    return MatrixRow(name, node, weight, tuple(_cell(lines, node, column) for column in columns))


def _cell(lines: Sequence[IndicatorLine], node: NodeLine | None, column: GroupLine | None) -> MatrixCell:
    """The weighted mean of the group's lines, where each of them is published; the dimension's own if all are its."""
    if column is not None and column.level == "absent":
        return MatrixCell(ABSENT)
    own = [line for line in lines if line.group_code == (column.code if column else "")]
    counted = [line for line in own if line.weight_nominal] or own
    if not counted:
        return MatrixCell(UNASKED)
    scores = [(line.weight_nominal or Decimal(1), line.score) for line in counted if line.score is not None]
    if len(scores) < len(counted):
        is_hidden = any(line.withheld for line in counted) or (column is not None and column.score is None)
        return MatrixCell(HIDDEN if is_hidden else ABSENT)
    if len(own) == len(lines) and node is not None and node.score is not None:
        return MatrixCell(SHOWN, node.score)
    whole = sum((weight for weight, _score in scores), Decimal(0))
    return MatrixCell(SHOWN, cents(sum((weight * score for weight, score in scores), Decimal(0)) / whole))
