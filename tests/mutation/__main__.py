"""A sample of small mistakes, and how many of them the tests notice: ``python -m tests.mutation 400 1``.

Mutants are drawn from all of the engine, each place alike, by a seed. For each one a process is forked that has read
the packages but not the engine, imports the engine with the mutant in place of its module, and runs the doctests and
the unit tests of the module's package until one fails. Who survives is named. Each package's tests must pass first.
"""

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import resource
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies
from scipy import optimize, stats

from tests.mutation.sites import Mutant, count_sites, make_mutant, unchanged

READ_BEFORE = (np, pd, given, strategies, optimize, stats)
"""Slow to import, so that every process inherits them."""
TESTS = Path("tests/unit/scoring")
QUIET = (
    "-q", "-x", "--noconftest", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
ALSO = {
    "__main__": ("command",), "aggregate": ("stages",), "collect": ("stages",), "combine": ("stages",),
    "explain": ("stages",), "files": ("command",), "frames": ("pipeline", "tree"), "normalise": ("stages",),
    "pipeline": ("stages",), "quantiles": ("uncertainty_intervals",), "rank": ("pipeline", "stages"),
    "respondents": ("stages",), "result": ("pipeline",), "samples": ("normalise", "aggregate"),
    "validate": ("stages", "pipeline"),
}  # fmt: skip
"""Tests of a package that do not bear its name."""
SECONDS = 120
"""Of the processor: a mutant that takes longer runs for ever."""
BYTES = 4 << 30
"""Of memory: a wrong size may ask for all there is."""
SURVIVED, KILLED, LATE = "survived", "killed", "killed by the clock"


class _Loader(importlib.machinery.SourceFileLoader):
    """Reads one module, and finds the mutant in its place."""

    def __init__(self, name: str, mutant: Mutant) -> None:
        super().__init__(name, str(mutant.path))
        self.tree = mutant.tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(ast.unparse(self.tree), self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, name: str, mutant: Mutant) -> None:
        self.name, self.mutant = name, mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        loader = _Loader(fullname, self.mutant)
        return importlib.util.spec_from_file_location(fullname, self.mutant.path, loader=loader)


def draw(number: int, seed: int) -> Iterator[Mutant]:
    """Mutants of the engine, each place of it alike."""
    paths = sorted(path for path in Path("scoring").rglob("*.py") if path.name != "__init__.py")
    places = [(path, place) for path in paths for place in range(count_sites(path))]
    sys.stdout.write(f"{len(places)} places in {len(paths)} modules\n")
    for path, place in random.Random(seed).sample(places, min(number, len(places))):
        yield make_mutant(path, place)


def package_of(path: Path) -> str:
    return Path(path.parts[1]).stem


def tests_of(path: Path) -> list[str]:
    """The doctests of the module, then the tests of its own name, then those of its package."""
    package = package_of(path)
    found = {name for known in (package, *ALSO.get(package, ())) for name in TESTS.glob(f"test_{known}*.py")}
    near = sorted(found, key=lambda name: (path.stem not in name.stem, name.stat().st_size))
    return [str(path), *map(str, near)]


def judge(mutant: Mutant) -> str:
    """Whether the tests notice the mutant, found out in a process of its own."""
    child = os.fork()
    if child == 0:
        failed = 1
        try:
            failed = _try(mutant)
        finally:
            os._exit(failed)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return LATE
    return SURVIVED if code == pytest.ExitCode.OK else KILLED


def _try(mutant: Mutant) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    name = ".".join(mutant.path.with_suffix("").parts)
    sys.meta_path.insert(0, _Finder(name, mutant))
    importlib.import_module(name)
    return int(pytest.main([*QUIET, *tests_of(mutant.path)]))


def main() -> int:
    """Draw, judge, tell; 1 when fewer than the demanded share are noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("--only", default="", help="start of the paths to draw from, after the draw")
    parser.add_argument("--least", type=float, default=85.0, help="percent that must be noticed")
    parser.add_argument("--trust", action="store_true", help="do not try first whether the tests pass unchanged")
    asked = parser.parse_args()
    seen: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    for mutant in draw(asked.number, asked.seed):
        if not str(mutant.path).startswith(asked.only):
            continue
        package = package_of(mutant.path)
        if not asked.trust and package not in seen and judge(unchanged(mutant.path)) != SURVIVED:
            sys.exit(f"{mutant.path}: the tests fail without any change")
        verdict = judge(mutant)
        seen[package] += 1
        noticed[package] += verdict != SURVIVED
        if verdict != KILLED:
            sys.stdout.write(f"{seen.total():4} {verdict}: {mutant}\n")
        if seen.total() % 10 == 0:
            sys.stdout.write(f"{seen.total():4} tried, {noticed.total()} noticed\n")
        sys.stdout.flush()
    for package in sorted(seen):
        sys.stdout.write(f"{package:12} {noticed[package]:4} of {seen[package]:4}\n")
    share = 100 * noticed.total() / max(seen.total(), 1)
    sys.stdout.write(f"noticed {noticed.total()} of {seen.total()} ({share:.1f} %)\n")
    return int(share < asked.least)


if __name__ == "__main__":
    sys.exit(main())
