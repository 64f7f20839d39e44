"""Presets scored from rows of data, as the command line would."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from evalsys.services.presets import read_preset
from scoring.files import Refusal, Source, read_data, score_data
from scoring.result import Result
from scoring.scheme import Scheme, parse_scheme

HEADER = "unit,group,indicator,value,respondent,stratum"


def answers(
    unit: str, group: str, codes: Sequence[str], people: Iterable[Sequence[int]], stratum: str = "", *, first: int = 0
) -> Iterator[str]:
    """Rows of ratings: what each person says to each indicator."""
    for person, levels in enumerate(people, start=first):
        for code, level in zip(codes, levels, strict=True):
            yield f"{unit},{group},{code},{level},{group}{person},{stratum}"


def run_preset(
    code: str, ratings: Iterable[str] = (), *, figures: Sequence[str] = (), findings: Sequence[str] = ()
) -> Result:
    """The preset's scores of these rows; ``figures`` and ``findings`` begin with their header."""
    return run_scheme(parse_scheme(read_preset(code).scheme), ratings, figures=figures, findings=findings)


def run_scheme(
    scheme: Scheme, ratings: Iterable[str] = (), *, figures: Sequence[str] = (), findings: Sequence[str] = ()
) -> Result:
    """The scheme's scores of these rows; nothing of them may be refused."""
    rated = list(ratings)
    files = {"ratings": [HEADER, *rated] if rated else [], "figures": figures, "findings": findings}
    sources = [Source(name, partial(list, lines)) for name, lines in files.items() if lines]
    refused: list[Refusal] = []
    data = read_data(sources, scheme, refused.append)
    assert not refused
    return score_data(data, scheme)


def of_unit(result: Result, stage: str, unit: str, **keys: str) -> dict[str, Any]:
    """The one row of a stage's table about this unit with these keys."""
    found = result.stages[stage]
    for column, value in {"unit": unit, **keys}.items():
        found = found[found[column] == value]
    (line,) = found.to_dict("records")
    return {str(column): value for column, value in line.items()}
