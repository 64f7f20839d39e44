"""The stages between the cells and the tree, one after the other, on rounds written by hand."""

from typing import Any, NamedTuple

import pandas as pd

from scoring.aggregate import aggregate, settle
from scoring.collect import collect
from scoring.normalise import normalise
from scoring.respondents import count_people, distribute, weigh
from scoring.scheme import Scheme, parse_scheme
from scoring.validate import validate, validate_units
from tests.unit.scoring.rounds import cell, form, group, leaf, table


class Layers(NamedTuple):
    """What each stage made; the problems are those of weighing and settling."""

    strata: pd.DataFrame
    plain: pd.DataFrame
    means: pd.DataFrame
    problems: list[list[str]]


def build(scheme: Scheme, *cells: tuple[str, str, str, list[list[int]]]) -> Layers:
    """The layers of cells given as unit, group, stratum and responses in codes; every group has one form of its own."""
    forms = {}
    for asked in scheme.groups:
        leaves = [node for node in scheme.leaves() if asked.code in dict(node.shares)]
        made = form(asked.code, asked.code, [node.code for node in leaves])
        points = tuple(node.points for node in leaves)
        forms[asked.code] = type(made)(made.code, made.group, made.indicators, points)
    names = sorted({unit for unit, *_ in cells})
    units = validate_units(pd.DataFrame({"unit": names, "category": "A"}))
    collected = collect(table(*(cell(unit, forms[by], stratum, said) for unit, by, stratum, said in cells)), forms)
    people, _ = validate(collected.people, units, scheme)
    answers, _ = validate(collected.answers, units, scheme)
    levels = distribute(answers, collected.levels)
    weighted = weigh(answers, count_people(people, scheme), scheme)
    strata = normalise(weighted.strata, levels, scheme)
    plain = aggregate(strata, levels, scheme)
    settled = settle(plain, scheme)
    problems = pd.concat([weighted.problems, settled.problems]).to_numpy().tolist()
    return Layers(strata, plain, settled.means, problems)


def one(frame: pd.DataFrame, **keys: str) -> dict[str, Any]:
    """The one row of a frame with these keys."""
    for column, value in keys.items():
        frame = frame[frame[column].astype("str") == value]
    assert len(frame) == 1, f"{len(frame)} rows with {keys}"
    return {str(column): value for column, value in frame.iloc[0].items()}


def scheme_of(*leaves: dict[str, Any], groups: list[dict[str, Any]] | None = None) -> Scheme:
    """A scheme of equal indicators; citizens in two strata of 60 and 40 unless groups are named."""
    given = [{key: value for key, value in item.items() if key != "weight"} for item in leaves]
    mapping = {
        "code": "layers",
        "groups": groups or [group("citizens", (1, 1, 1), {"a": 60, "b": 40, "open": 0})],
        "tree": {"code": "score", "weights": "equal", "children": given},
        "bands": [{"code": "A", "from": 0}],
    }
    return parse_scheme(mapping)


def asked(code: str = "ease", points: int = 5, by: str = "citizens", **more: Any) -> dict[str, Any]:
    """An indicator that one group rates."""
    return leaf(code, 100, by, points) | more
