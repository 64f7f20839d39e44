"""Raking the answers of each unit to the margins of the group's population.

The cells are the strata. They start with responses times design weight and are raked to the targets; then the weights
of single answers are trimmed to 1/5 and 5 times their median. The answers stay unweighted, and a problem says so, when
a value of a margin has a target but no answer (raking_value_empty: collapse it with another in the scheme), when the
targets cannot all be met (raking_unmet), or when the weights would cost too much precision (raking_costly: the design
effect is above 2.5). Two more problems only tell: raking_value_sparse for a value with fewer than 10 answers,
raking_trimmed for the number of trimmed answers and the largest margin error, in percent of its target, that is left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from scoring.frames import Floats, positions
from scoring.respondents.counts import stratum_shares
from scoring.samples import design_effect, trim
from scoring.samples.rake import Margin, rake_margins, worst_error
from scoring.scheme import Group, Scheme

SPARSE_ANSWERS: Final = 10
COSTLY_EFFECT: Final = 2.5
Said = tuple[str, str]
"""A problem's code and detail."""


@dataclass(frozen=True)
class RakedUnits:
    """``weights`` of one answer for each raked group (by its place in the scheme), shape (units, strata codes).

    0 where a stratum has no response. ``problems`` has unit, node (the group), code and detail.
    """

    weights: Mapping[int, Floats]
    problems: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Cells:
    """One group's strata that count: their column, their design weights, and the values of its margins.

    ``values`` has an entry a margin: the names "variable=value" that have a target, their shares of the population, and
    the place of each stratum's own value among them.
    """

    columns: list[int]
    design: Floats
    values: tuple[tuple[list[str], Floats, list[int]], ...]


def rake_units(people: pd.DataFrame, scheme: Scheme) -> RakedUnits:
    """The weight of one answer in each unit and stratum, for every group that has margins.

    ``people`` are the responses of the scored strata: unit, group, stratum, n.
    """
    names = list(people["unit"].cat.categories)
    shape = len(names), len(scheme.strata())
    weights, problems = {}, []
    for place, group in enumerate(scheme.groups):
        if not group.margins:
            continue
        cells = _cells(place, group, scheme)
        rows = people[positions(people, "group") == place]
        responses = np.zeros(shape)
        responses[positions(rows, "unit"), positions(rows, "stratum")] = rows["n"]
        weights[place] = np.zeros(shape)
        for unit in np.flatnonzero(responses.any(axis=1)).tolist():
            own, said = rake_cells(responses[unit, cells.columns], cells)
            weights[place][unit, cells.columns] = own
            problems += [(names[unit], group.code, code, detail) for code, detail in said]
    return RakedUnits(weights, pd.DataFrame(problems, columns=["unit", "node", "code", "detail"], dtype="str"))


def rake_cells(responses: Floats, cells: Cells) -> tuple[Floats, list[Said]]:
    """The weight of one answer in each cell, shape (cells,), 0 in an empty one; and what there is to tell.

    >>> cells = Cells([0, 1], np.ones(2), ((["age=old", "age=young"], np.array([0.75, 0.25]), [0, 1]),))
    >>> rake_cells(np.array([20.0, 20.0]), cells)
    (array([1.5, 0.5]), [])
    >>> rake_cells(np.array([20.0, 0.0]), cells)
    (array([1., 0.]), [('raking_value_empty', 'age=young')])
    """
    even, there = np.where(responses > 0, 1.0, 0.0), responses > 0
    empty, sparse = _thin(responses, cells)
    if empty:
        return even, [*empty, *sparse]
    whole = float(responses.sum())
    margins = [Margin(np.array(codes)[there], shares * whole) for _, shares, codes in cells.values]
    raked = rake_margins((responses * cells.design)[there], margins)
    if not raked.converged:
        return even, [*sparse, ("raking_unmet", _percent(raked.error))]
    held = trim(raked.weights / responses[there], responses[there])
    effect = design_effect(held.weights, responses[there])
    if effect > COSTLY_EFFECT:
        return even, [*sparse, ("raking_costly", f"{effect:.2f}")]
    touched = held.raised | held.lowered
    if touched.any():
        error = worst_error(held.weights * responses[there], margins)
        sparse = [*sparse, ("raking_trimmed", f"{responses[there][touched].sum():.0f}, {_percent(error)}")]
    even[there] = held.weights
    return even, sparse


def _thin(responses: Floats, cells: Cells) -> tuple[list[Said], list[Said]]:
    empty, sparse = [], []
    for name, count in _counts(responses, cells):
        if count == 0:
            empty.append(("raking_value_empty", name))
        elif count < SPARSE_ANSWERS:
            sparse.append(("raking_value_sparse", f"{name}: {count:.0f}"))
    return empty, sparse


def _counts(responses: Floats, cells: Cells) -> Iterator[tuple[str, float]]:
    for names, _, codes in cells.values:
        yield from zip(names, np.bincount(codes, responses, len(names)).tolist(), strict=True)


def _percent(error: float) -> str:
    return f"{100 * error:.1f} %"


def _cells(place: int, group: Group, scheme: Scheme) -> Cells:
    strata = {stratum.code: stratum for stratum in group.strata}
    columns = np.flatnonzero(stratum_shares(scheme)[place] > 0).tolist()
    own = [strata[scheme.strata()[column]] for column in columns]
    values = []
    for margin in group.margins:
        targets = {value: float(share) for value, share in margin.targets if share}
        codes = [list(targets).index(dict(stratum.traits)[margin.variable]) for stratum in own]
        names = [f"{margin.variable}={value}" for value in targets]
        values.append((names, np.array(list(targets.values())), codes))
    return Cells(columns, np.array([float(stratum.design) for stratum in own]), tuple(values))
