"""A round of one unit or more, as far as its intervals, and schemes for it written in one line."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from scoring.aggregate import aggregate, settle
from scoring.collect import collect
from scoring.combine import Combined, combine
from scoring.frames import key
from scoring.normalise import normalise
from scoring.respondents import count_people, distribute, weigh
from scoring.scheme import Scheme, parse_scheme
from scoring.uncertainty import Evidence, bound_means, bound_scores, gather_evidence
from scoring.validate import validate, validate_units
from tests.unit.scoring.rounds import cell, form, group, leaf, table, units


class Round:
    """A round of one unit or more, as far as the intervals."""

    def __init__(self, scheme: Scheme, codes: dict[str, Sequence[Sequence[int]]], **over: Any) -> None:
        asked = {name: form(name, name, [leaf.code for leaf in _rated(scheme, name)]) for name in codes}
        rows = table(*(cell("U01", asked[name], "all", given) for name, given in codes.items()), *over.get("more", ()))
        places = validate_units(units(**over.get("units", {"U01": "A"})))
        collected = collect(rows, asked)
        people, _ = validate(collected.people, places, scheme)
        answers, _ = validate(collected.answers, places, scheme)
        heads, levels = count_people(people, scheme), distribute(answers, collected.levels)
        strata = normalise(weigh(answers, heads, scheme).strata, levels, scheme)
        means = settle(aggregate(strata, levels, scheme), scheme).means
        figures = over.get("figures")
        if figures is not None:
            codes_of = [node.code for node in scheme.leaves()]
            at = [codes_of.index(code) for code in figures["indicator"]]
            figures = figures.assign(unit=key([0] * len(figures), ["U01"]), indicator=key(at, codes_of))
        self.scheme = scheme
        self.combined: Combined = combine(means, heads, places, scheme, figures)
        self.evidence: Evidence = gather_evidence(collected.blocks, strata, levels, scheme)
        self.means = bound_means(means, self.evidence, scheme)
        self.nodes, self.groups = bound_scores(
            self.combined.nodes, self.combined.groups, self.combined.values, self.evidence, scheme
        )

    def mean(self, indicator: str) -> tuple[float, float, float]:
        return _line(self.means[self.means["indicator"] == indicator], "mean")

    def node(self, code: str) -> tuple[float, float, float]:
        return _line(self.nodes[self.nodes["node"] == code], "score")

    def group(self, code: str) -> tuple[float, float, float]:
        return _line(self.groups[self.groups["group"] == code], "score")


def _rated(scheme: Scheme, name: str) -> list[Any]:
    return [leaf for leaf in scheme.leaves() if name in dict(leaf.shares)]


def _line(rows: pd.DataFrame, value: str) -> tuple[float, float, float]:
    assert len(rows) == 1
    found = rows.iloc[0]
    return float(found[value]), float(found["low"]), float(found["high"])


def asked(code: str, weight: int = 50, **over: Any) -> dict[str, Any]:
    return {**leaf(code, weight, "citizens"), **over}


def scheme_of(*children: dict[str, Any], top: dict[str, Any] | None = None, **citizens: Any) -> Scheme:
    groups = [{**group("citizens", (1, 1, 1), {"all": 100}), **citizens}]
    tree = {"code": "score", "children": list(children), **(top or {})}
    return parse_scheme({"code": "s", "groups": groups, "tree": tree, "bands": [{"code": "A", "from": 0}]})
