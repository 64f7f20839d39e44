"""A result that was written before, with the scheme that made it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scoring.files.report import RESULT_FILE, SCHEME_FILE
from scoring.files.schemes import read_scheme
from scoring.frames import InputError
from scoring.result import Result
from scoring.scheme import Scheme
from scoring.tree import Values


@dataclass(frozen=True)
class Stored:
    """A result, its scheme, and the name under which it was found."""

    name: str
    result: Result
    scheme: Scheme

    @property
    def units(self) -> list[str]:
        """The codes of all units, in the order of the result."""
        return [str(unit) for unit in self.result.stages["scores"]["unit"]]


def read_stored(path: Path) -> Stored:
    """The result in a folder that ``run`` wrote, or in its ``result.json``; the scheme lies beside it.

    Raises:
        InputError: when it is no result, or the scheme is another one than the result was made with.
        SchemeError: when the scheme is none.
        OSError: when a file cannot be read.
    """
    file = path / RESULT_FILE if path.is_dir() else path
    try:
        result = Result.from_json(file.read_bytes())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file} is not a result: {error}") from error
    beside = file.parent / SCHEME_FILE
    scheme = read_scheme(beside)
    if scheme.digest != result.scheme_digest:
        raise InputError(f"{beside} is not the scheme of {file}: its digest is {scheme.digest[:12]}…")
    return Stored(str(path), result, scheme)


def values_of(stored: Stored) -> Values:
    """The figures from which the tree was scored, units in the order of ``stored.units``."""
    units, scheme = stored.units, stored.scheme
    at = {unit: place for place, unit in enumerate(units)}
    leaf = {node.code: place for place, node in enumerate(scheme.leaves())}
    group = {known.code: place for place, known in enumerate(scheme.groups)}
    rated = np.full((len(units), len(leaf), len(group)), np.nan)
    given = np.full((len(units), len(leaf)), np.nan)
    means, figures = stored.result.stages["means"], stored.result.stages["figures"]
    rated[means["unit"].map(at), means["indicator"].map(leaf), means["group"].map(group)] = means["mean"]
    given[figures["unit"].map(at), figures["indicator"].map(leaf)] = figures["value"]
    applies = np.array([[node.applies_to(unit) for node in scheme.leaves()] for unit in units], dtype=bool)
    return Values(rated, given, applies)
