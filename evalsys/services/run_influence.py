"""What moves the scores of a run: the weight that people set against the share of the spread that each part makes.

Everything here rests on the units of which nothing is hidden, so that no correlation tells a figure that may not be
seen.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from evalsys.services.content import Text
from evalsys.services.run_tables import Tables, rows_of
from evalsys.services.weights import Labels
from scoring.audit import effective_weights, influence
from scoring.rank import round_half_up
from scoring.scheme import Node, Scheme

HIDING_TABLES = ("scores", "nodes", "groups", "means")
POINTS_APART = 10
SAME = 0.9
AGAINST = -0.4


@dataclass(frozen=True)
class InfluenceLine:
    """A part of the tree: its weight in the part above and its share of that part's spread (percent), correlations.

    `effective` is its weight in the whole score, in percent.

    `notes` name what a reader should think about: "louder" and "quieter" (more than 10 points from its weight), "same"
    (moves with the whole in near lockstep), "against" (moves against it).
    """

    code: str
    name: Text
    parent: Text
    depth: int
    weight: Decimal
    effective: Decimal
    spread: Decimal | None
    with_parent: Decimal | None
    with_score: Decimal | None
    notes: tuple[str, ...]

    @property
    def squared_parent(self) -> Decimal | None:
        """What the part and the one above it have in common: r², a share of one."""
        return None if self.with_parent is None else rounded(float(self.with_parent**2))

    @property
    def squared_score(self) -> Decimal | None:
        """What the part and the whole score have in common: r², a share of one."""
        return None if self.with_score is None else rounded(float(self.with_score**2))


def clear_units(tables: Tables, of: Collection[str] = HIDING_TABLES) -> frozenset[str]:
    """The units of which the reader of these tables may see every figure that is in the tables `of` these names."""
    units = set(tables["scores"]["unit"])
    for name in of:
        table = tables[name]
        units -= set(table.loc[table["withheld"] != "", "unit"])
    return frozenset(units)


def influence_lines(tables: Tables, units: Iterable[str], scheme: Scheme, labels: Labels) -> tuple[InfluenceLine, ...]:
    """One line a part of the tree below the top, in the order of the tree, from the scores of `units` alone."""
    nodes = tables["nodes"]
    found = {row["node"]: row for row in rows_of(influence(nodes[nodes["unit"].isin(set(units))], scheme))}
    whole = {row["node"]: row["effective"] for row in rows_of(effective_weights(scheme))}
    lines = []
    for node, parent, depth in _places(scheme.tree, 1):
        row = found[node.code]
        spread, with_parent, with_score = row["spread_share"], row["correlation_parent"], row["correlation_top"]
        lines.append(
            InfluenceLine(
                code=node.code,
                name=labels.node(node.code),
                parent=labels.node(parent.code),
                depth=depth,
                weight=rounded(row["weight_nominal"], 1) or Decimal(0),
                effective=rounded(whole[node.code], 1) or Decimal(0),
                spread=rounded(spread, 1),
                with_parent=rounded(with_parent, 2),
                with_score=rounded(with_score, 2),
                notes=_notes(row["weight_nominal"], spread, with_score) if len(parent.children) > 1 else (),
            )
        )
    return tuple(lines)


def rounded(value: float | None, decimals: int = 2) -> Decimal | None:
    """A number of the tables as it is shown: half up; None where there is none."""
    return None if value is None else round_half_up(float(value), decimals)


def _places(node: Node, depth: int) -> Iterable[tuple[Node, Node, int]]:
    for child in node.children:
        yield child, node, depth
        yield from _places(child, depth + 1)


def _notes(weight: float, spread: float | None, with_score: float | None) -> tuple[str, ...]:
    apart = 0.0 if spread is None else spread - weight
    linked = 0.0 if with_score is None else with_score
    flags = {
        "louder": apart > POINTS_APART,
        "quieter": apart < -POINTS_APART,
        "same": abs(linked) > SAME,
        "against": linked < AGAINST,
    }
    return tuple(name for name, is_true in flags.items() if is_true)
