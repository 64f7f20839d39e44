"""Weighted scores and ranks by other means, timed; runs in an environment of its own that has those packages.

Reads ``matrix`` (units, indicators) and ``weights`` (draws, indicators) from an .npz file and prints one JSON object:
CPU seconds a draw by method, and whether the ranks of the last draw are the ``ranks`` of the file.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import skcriteria
from pymcdm.helpers import rankdata
from pymcdm.methods import WSM
from skcriteria.agg.simple import WeightedSumModel

DRAWS = {"pandas": 200, "scikit-criteria": 60, "pymcdm": 20}


def by_pandas(matrix: Any, weights: Any) -> Callable[[int], Any]:
    """What an analyst writes: a frame times a row of weights, summed and ranked, draw by draw."""
    frame = pd.DataFrame(matrix)
    return lambda draw: (frame * weights[draw]).sum(axis=1).round(1).rank(method="min", ascending=False).to_numpy()


def by_scikit_criteria(matrix: Any, weights: Any) -> Callable[[int], Any]:
    model = WeightedSumModel()
    data = skcriteria.mkdm(matrix, [max] * matrix.shape[1], weights=weights[0])
    return lambda draw: model.evaluate(data.replace(weights=weights[draw])).rank_


def as_it_is(column: Any, **_: object) -> Any:
    """No normalisation: the figures are on one range already."""
    return column


def by_pymcdm(matrix: Any, weights: Any) -> Callable[[int], Any]:
    method, types = WSM(as_it_is), np.ones(matrix.shape[1])
    return lambda draw: rankdata(method(matrix, weights[draw], types), reverse=True)


def main() -> None:
    """Time each of them and compare its ranks with ours."""
    stored = np.load(sys.argv[1])
    matrix, weights, ranks = stored["matrix"].astype(float), stored["weights"].astype(float), stored["ranks"]
    found: dict[str, dict[str, float]] = {}
    for name, make in (("pandas", by_pandas), ("scikit-criteria", by_scikit_criteria), ("pymcdm", by_pymcdm)):
        act, draws = make(matrix, weights), DRAWS[name]
        last = act(0)
        start = time.process_time()
        for draw in range(draws):
            last = act(draw)
        seconds = (time.process_time() - start) / draws
        ours = ranks[draws - 1] if name == "pandas" else stored["unrounded"][draws - 1]
        found[name] = {"seconds": seconds, "agrees": float(np.mean(np.asarray(last) == ours))}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
