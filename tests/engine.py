"""The engine as integration tests meet it: it has tests of its own, so it runs untraced, and one input is scored once.

A run is a pure function of its scheme and of what the digest of its input is made from; unit tests, golden examples
and properties hold it to that. A test may be given the result of an earlier one, but never twice the same:
what it scores a second time, to repeat or to check a run, is worked out anew and compared with what was kept.
"""

from dataclasses import replace
from typing import Any

import pytest

from scoring import pipeline, suppress
from scoring.result import Result
from tests.tracing import untraced

KEPT: dict[tuple[str, str], Result] = {}
MOST_KEPT = 200
STEPS = {pipeline: ("prepare", "rescore", "finish_answers"), suppress: ("hide", "hide_quickly", "told_by")}
_run = untraced(pipeline.run)


class Engine:
    """`scoring.pipeline.run` during one test."""

    def __init__(self) -> None:
        self._given: set[tuple[str, str]] = set()

    def run(self, cells: Any, forms: Any, units: Any, scheme: Any, supplement: Any = pipeline.NOTHING_ELSE) -> Result:
        """What the engine finds; taken from an earlier test where this one has not had it yet."""
        try:
            key = scheme.digest, pipeline.digest_input(cells, forms, units, supplement)
        except (KeyError, TypeError, ValueError):
            return _run(cells, forms, units, scheme, supplement)  # which says what is wrong
        if key in self._given or key not in KEPT:
            found = _run(cells, forms, units, scheme, supplement)
            if len(KEPT) < MOST_KEPT:
                KEPT.setdefault(key, found)
        else:
            found = KEPT[key]
        self._given.add(key)
        return replace(found, stages={name: table.copy(deep=False) for name, table in found.stages.items()})


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Put the untraced engine in the place of the engine as long as `patch` lasts."""
    for module, names in STEPS.items():
        for name in names:
            patch.setattr(module, name, untraced(getattr(module, name)))
    patch.setattr(pipeline, "run", untraced(Engine().run))
