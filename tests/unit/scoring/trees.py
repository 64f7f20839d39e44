"""Trees and figures written by hand or drawn at random, for tests of what is asked about a result."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from scoring.frames import Floats
from scoring.scheme import Band, Cap, Coverage, Group, Node, Normaliser, Scheme
from scoring.tree import AGGREGATIONS, Values, evaluate

UNWEIGHTED = ("minimum", "ampi-", "ampi+")
X = float("nan")


def figure(code: str, weight: object = 1, **over: Any) -> Node:
    """An administrative indicator on 1 to 100."""
    usual: dict[str, Any] = {"output": (Fraction(1), Fraction(100)), "normaliser": Normaliser("minmax", clip=True)}
    return Node(code, Fraction(str(weight)), **(usual | over))


def asked(code: str, weight: object = 1, **shares: object) -> Node:
    """An indicator that groups rate, on 1 to 100."""
    parts = tuple((group, Fraction(str(share))) for group, share in shares.items())
    return Node(code, Fraction(str(weight)), points=5, shares=parts, output=(Fraction(1), Fraction(100)))


def branch(code: str, *children: Node, weight: object = 1, **over: Any) -> Node:
    return Node(code, Fraction(str(weight)), children=children, **over)


def group(code: str, weight: object | None = None) -> Group:
    return Group(code, "anonymous", (1, 1, 1), (), None if weight is None else Fraction(str(weight)))


def scheme(tree: Node, *groups: Group, **over: Any) -> Scheme:
    return Scheme("demo", groups, tree, over.pop("bands", ()), **over)


def given(rows: Sequence[Sequence[float]]) -> Values:
    """Administrative figures only, units in rows."""
    table = np.array(rows, dtype=np.float64)
    return Values(np.empty((*table.shape, 0)), table, np.ones(table.shape, dtype=bool))


def node_rows(whole: Scheme, values: Values) -> pd.DataFrame:
    """The table of nodes as the climb of the tree leaves it, for units U0, U1, …"""
    scores = evaluate(values, whole, gradient=False)
    unit, node = np.nonzero(scores.exists)
    codes = [part.code for part in whole.nodes()]
    keys = {"unit": [f"U{at}" for at in unit], "node": [codes[at] for at in node]}
    return pd.DataFrame(keys | {"score": scores.score[unit, node]})


def bands(**bounds: int | str) -> tuple[Band, ...]:
    return tuple(Band(code, Decimal(bound)) for code, bound in bounds.items())


@st.composite
def schemes(draw: st.DrawFn, methods: Sequence[str] = tuple(AGGREGATIONS)) -> Scheme:
    """A tree of two levels with rated and administrative indicators, any rules, either order."""
    order = draw(st.sampled_from(["group-inside", "group-outside"]))
    outside = order == "group-outside"
    groups = [group("citizens", "0.6" if outside else None), group("experts", "0.4" if outside else None)]
    number = 0
    dimensions = []
    for position in range(draw(st.integers(1, 3))):
        leaves = []
        for _ in range(draw(st.integers(1, 3))):
            number += 1
            weight = draw(st.integers(1, 9))
            kind = draw(st.sampled_from(["figure", "both", "one"]))
            shares: dict[str, object] = {"citizens": "0.7", "experts": "0.3"} if kind == "both" else {"citizens": 1}
            leaves.append(figure(f"i{number}", weight) if kind == "figure" else asked(f"i{number}", weight, **shares))
        dimensions.append(_node(draw, f"d{position}", leaves, methods))
    return scheme(_node(draw, "score", dimensions, methods), *groups, order=order)


def _node(draw: st.DrawFn, code: str, children: Sequence[Node], methods: Sequence[str]) -> Node:
    method = draw(st.sampled_from(list(methods)))
    bounded = not any(child.aggregation.startswith(("copeland", "ampi")) for child in children)
    caps = (Cap(children[0].code, Fraction(40), Fraction(50)),) if draw(st.integers(0, 3)) == 0 else ()
    return Node(
        code,
        Fraction(draw(st.integers(1, 9))),
        children=tuple(children),
        aggregation=method,
        power=Fraction(draw(st.sampled_from([-2, 2, 3]))),
        missing=draw(st.sampled_from(["redistribute", "lowest"])) if bounded else "redistribute",
        coverage=Coverage(Fraction(draw(st.sampled_from([0, 0, 1])), 2)),
        caps=caps,
    )


def draw_values(asked: Scheme, units: int, seed: int, *, gaps: float = 0.2) -> Values:
    """Figures from 1 to 100 for every group, a share of them missing or not asked."""
    draws = np.random.default_rng(seed)
    leaves = asked.leaves()
    rated: Floats = draws.uniform(1, 100, (units, len(leaves), len(asked.groups)))
    own: Floats = draws.uniform(1, 100, (units, len(leaves)))
    rated[draws.random(rated.shape) < gaps] = np.nan
    own[draws.random(own.shape) < gaps] = np.nan
    return Values(rated, own, draws.random(own.shape) > gaps / 3)
