"""How the benches measure: the best of some runs, and the peak of the memory that an act needs."""

import re
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 3
MARGIN = 1.5
"""Targets are asserted with room for a busy machine."""


def best_of(act: Callable[[], object], clock: Callable[[], float] = time.process_time, rounds: int = ROUNDS) -> float:
    """Seconds of the quickest of some runs; CPU time unless another clock is given."""
    times = []
    for _ in range(rounds):
        start = clock()
        act()
        times.append(clock() - start)
    return min(times)


def peak_mb(act: Callable[[], object]) -> float:
    """How far the act raises the resident memory of this process at its highest, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    act()
    return _memory("VmHWM") - before


def _memory(name: str) -> float:
    (found,) = re.findall(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found) / 1024
