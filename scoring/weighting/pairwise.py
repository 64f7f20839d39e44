"""The analytic hierarchy process: weights from pairwise comparisons, and how consistent the comparisons are.

Source: Saaty, The Analytic Hierarchy Process (1980); Saaty, Int. J. Services Sciences 1 (2008) 83. A group is merged by
the geometric mean of its judgements: Aczel and Saaty, J. Mathematical Psychology 27 (1983) 93.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from scoring.frames import Floats
from scoring.weighting.checks import check_names, read_table

INCONSISTENT_ABOVE = 0.10
STRONGEST = 9.0
TOLERANCE = 1e-6
DEFAULT_TABLE = "saaty_1980"
RANDOM_INDEX: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "saaty_1980": (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
        "saaty_2005": (0.0, 0.0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49),
    }
)
"""Mean consistency index of random matrices of 1 to 10 nodes, by the name of the published table."""


@dataclass(frozen=True, eq=False)
class Judgements:
    """A checked matrix of shape (names, names): how many times as important the row is as the column."""

    names: tuple[str, ...]
    matrix: Floats

    def __post_init__(self) -> None:
        matrix = read_table(self.matrix, self.names, self.names, "judgements")
        object.__setattr__(self, "matrix", matrix)
        for row, column in np.argwhere(
            (matrix < (1 - TOLERANCE) / STRONGEST) | (matrix > STRONGEST * (1 + TOLERANCE))
        ).tolist():
            raise ValueError(f"{self._told(row, column)}; allowed are 1/9 to 9")
        for place in np.flatnonzero(np.abs(matrix.diagonal() - 1) > TOLERANCE).tolist():
            raise ValueError(f"{self._told(place, place)}; allowed is 1")
        for row, column in np.argwhere(np.abs(matrix * matrix.T - 1) > TOLERANCE).tolist():
            raise ValueError(f"{self._told(row, column)}; allowed is {1 / matrix[column, row]:g}, one over its mirror")

    def _told(self, row: int, column: int) -> str:
        return f"judgements: {self.names[row]!r} over {self.names[column]!r} is {self.matrix[row, column]:g}"


@dataclass(frozen=True, eq=False)
class Priorities:
    """Weights of shape (names,) with every step of the consistency check; ``table`` names the random index used."""

    names: tuple[str, ...]
    weights: Floats
    lambda_max: float
    consistency_index: float
    random_index: float
    consistency_ratio: float
    table: str

    @property
    def is_inconsistent(self) -> bool:
        """Whether the ratio is above 0.10, where Saaty asks the judges to look again."""
        return self.consistency_ratio > INCONSISTENT_ABOVE


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Two levels: the priorities of the top, those below each top node, and the weight of each bottom name."""

    top: Priorities
    below: Mapping[str, Priorities]
    weights: Mapping[str, float]
    inconsistent: tuple[str, ...]
    """Top nodes whose comparisons below need another look; ``""`` stands for those of the top itself."""


def compare_pairs(names: Sequence[str], pairs: Iterable[tuple[str, str, float]]) -> Judgements:
    """The matrix from one judgement a pair: (a, b, v) says that a is v times as important as b.

    Raises:
        ValueError: a pair is unknown, of one name, given twice or not at all; or a value outside 1/9 to 9.

    >>> compare_pairs(["speed", "courtesy"], [("speed", "courtesy", 4)]).matrix
    array([[1.  , 4.  ],
           [0.25, 1.  ]])
    """
    kept = check_names(names, "judgements")
    place = {name: at for at, name in enumerate(kept)}
    matrix = np.where(np.eye(len(kept), dtype=bool), 1.0, np.nan)
    for first, second, value in pairs:
        for name in (first, second):
            if name not in place:
                raise ValueError(f"judgements: {name!r} is unknown; allowed are {list(kept)}")
        row, column = place[first], place[second]
        if not np.isnan(matrix[row, column]):
            raise ValueError(f"judgements: {first!r} over {second!r} is {value:g}; allowed is one value a pair of two")
        if not (1 - TOLERANCE) / STRONGEST <= value <= STRONGEST * (1 + TOLERANCE):
            raise ValueError(f"judgements: {first!r} over {second!r} is {value:g}; allowed are 1/9 to 9")
        matrix[row, column], matrix[column, row] = value, 1 / value
    for row, column in np.argwhere(np.isnan(matrix)).tolist():
        raise ValueError(f"judgements: {kept[row]!r} over {kept[column]!r} is missing; allowed are 1/9 to 9")
    return Judgements(kept, matrix)


def merge_judgements(panel: Sequence[Judgements]) -> Judgements:
    """Group AHP by aggregating individual judgements (AIJ): the geometric mean of each entry over the members.

    Raises:
        ValueError: there is no member, or one compares other names or in another order.

    >>> pair = ("speed", "courtesy")
    >>> merge_judgements([compare_pairs(pair, [(*pair, 8)]), compare_pairs(pair, [(*pair, 2)])]).matrix.round(6)
    array([[1.  , 4.  ],
           [0.25, 1.  ]])
    """
    if not panel:
        raise ValueError("panel: 0 members; allowed are one or more")
    names = panel[0].names
    for number, member in enumerate(panel, start=1):
        if member.names != names:
            raise ValueError(f"panel: member {number} compares {list(member.names)}; allowed is {list(names)}")
    logs = np.log(np.stack([member.matrix for member in panel]))
    return Judgements(names, np.asarray(np.exp(logs.mean(axis=0)), dtype=np.float64))


def prioritise(judgements: Judgements, *, table: str = DEFAULT_TABLE) -> Priorities:
    """The principal eigenvector as shares, with CI = (lambda - n) / (n - 1) and CR = CI / RI.

    One or two nodes cannot contradict each other: their ratio is 0.

    Raises:
        ValueError: the table of random indices is unknown, or it ends before this many nodes.

    >>> names = ["speed", "courtesy", "cost"]
    >>> pairs = [("speed", "courtesy", 3), ("speed", "cost", 5), ("courtesy", "cost", 3)]
    >>> found = prioritise(compare_pairs(names, pairs))
    >>> found.weights.round(3), round(found.consistency_ratio, 3), found.is_inconsistent
    (array([0.637, 0.258, 0.105]), 0.033, False)
    """
    if table not in RANDOM_INDEX:
        raise ValueError(f"random index: table {table!r} is unknown; allowed are {sorted(RANDOM_INDEX)}")
    count, known = len(judgements.names), RANDOM_INDEX[table]
    if count > len(known):
        raise ValueError(f"judgements: {count} nodes under one parent; allowed are 1 to {len(known)} ({table})")
    values, vectors = np.linalg.eig(judgements.matrix)
    principal = int(values.real.argmax())
    vector = np.abs(vectors[:, principal].real)
    largest, random = float(values[principal].real), known[count - 1]
    index = max(0.0, (largest - count) / (count - 1)) if random else 0.0
    ratio = index / random if random else 0.0
    weights = np.asarray(vector / vector.sum(), dtype=np.float64)
    return Priorities(judgements.names, weights, largest, index, random, ratio, table)


def prioritise_two_levels(top: Judgements, below: Mapping[str, Judgements], *, table: str = DEFAULT_TABLE) -> Hierarchy:
    """Weights down two levels: top weight times weight below; a name under several top nodes gets the sum.

    Dimensions with indicators of their own and criteria with common alternatives are thus the same sum.

    Raises:
        ValueError: ``below`` lacks a top node or has another; see also ``prioritise``.

    >>> top = compare_pairs(["access", "quality"], [("access", "quality", 3)])
    >>> hours = compare_pairs(["hours", "distance"], [("hours", "distance", 4)])
    >>> found = prioritise_two_levels(top, {"access": hours, "quality": compare_pairs(["errors"], [])})
    >>> {name: round(weight, 3) for name, weight in found.weights.items()}
    {'hours': 0.6, 'distance': 0.15, 'errors': 0.25}
    """
    for name in sorted(set(top.names) ^ set(below)):
        fault = "has no comparisons below" if name in top.names else "is not a top node"
        raise ValueError(f"hierarchy: {name!r} {fault}; allowed are exactly {list(top.names)}")
    head = prioritise(top, table=table)
    parts = {name: prioritise(below[name], table=table) for name in top.names}
    weights: dict[str, float] = {}
    for name, share in zip(top.names, head.weights, strict=True):
        for child, local in zip(parts[name].names, parts[name].weights, strict=True):
            weights[child] = weights.get(child, 0.0) + float(share * local)
    inconsistent = tuple(name for name, found in {"": head, **parts}.items() if found.is_inconsistent)
    return Hierarchy(head, parts, weights, inconsistent)


def read_judgements(matrix: npt.ArrayLike, names: Sequence[str]) -> Judgements:
    """Judgements from a full matrix of shape (names, names).

    Raises:
        ValueError: wrong shape, a value outside 1/9 to 9, a diagonal other than 1, or a pair that is not reciprocal.

    >>> read_judgements([[1, 2], [1 / 2, 1]], ["speed", "courtesy"]).names
    ('speed', 'courtesy')
    """
    return Judgements(tuple(names), np.asarray(matrix, dtype=np.float64))
