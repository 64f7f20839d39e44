"""What the reader needs to know of a file's columns, whichever kind of mapping says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evalsys.services.imports.mapping import ImportMap, Lookup, answer_codes, parse_map

WORDS = {"dont_know": ["-8", "dk"], "not_applicable": ["-7", "na"], "blank": ["", "-9"]}
RUBRIC_POINTS = 101
WHOLE = Lookup()


@dataclass(frozen=True)
class Column:
    """A question's column: points of its scale, and what each cell text means."""

    name: str
    points: int
    codes: Mapping[str, int]


@dataclass(frozen=True)
class Layout:
    """Where everything stands. `forms` are (unit, columns); the unit is "" when a column of the file names it."""

    respondent: str
    round: Lookup
    stratum: Lookup
    channel: Lookup
    unit: Lookup
    rounds: Mapping[str, str]
    forms: tuple[tuple[str, tuple[Column, ...]], ...]

    def columns(self) -> list[str]:
        """Every column that the file must have, once."""
        lookups = (self.channel, self.stratum, self.round, self.unit)
        wanted = [self.respondent, *(lookup.column for lookup in lookups)]
        wanted += [column.name for _, columns in self.forms for column in columns]
        return list(dict.fromkeys(name for name in wanted if name))


def layout_of(body: Mapping[str, Any]) -> Layout:
    """The layout of a stored mapping document. Raises Invalid."""
    return _of_form(body) if "questionnaire" in body else layout_of_map(parse_map(body))


def layout_of_map(plan: ImportMap) -> Layout:
    """The layout of a mapping file."""
    points = plan.preset.points
    return Layout(
        respondent=plan.respondent,
        round=plan.round,
        stratum=plan.stratum,
        channel=plan.channel,
        unit=WHOLE,
        rounds={value: spec.code for value, spec in plan.rounds.items()},
        forms=tuple(
            (
                unit.code,
                tuple(
                    Column(name, points[code], answer_codes(plan.answers, points[code]))
                    for name, code in unit.questions
                ),
            )
            for unit in plan.units
        ),
    )


def _of_form(body: Mapping[str, Any]) -> Layout:
    """A questionnaire that exists: a row is what one respondent said about one unit, its columns bear the codes."""
    return Layout(
        respondent=body["respondent"],
        round=Lookup(constant=body["round"]),
        stratum=_among("stratum", body["strata"]),
        channel=Lookup(constant=body["channel"]) if body["channel"] else _among("channel", body["channels"]),
        unit=Lookup(column="unit", values={code: code for code in body["units"]}),
        rounds={body["round"]: body["round"]},
        forms=(("", tuple(Column(code, points, default_codes(points)) for code, points in body["questions"])),),
    )


def default_codes(points: int) -> dict[str, int]:
    """What cells mean where nobody says otherwise, as an export writes them; a 0-100 scale counts from 0."""
    first = 0 if points == RUBRIC_POINTS else 1
    levels = {str(first + place): place + 1 for place in range(points)}
    return answer_codes({"levels": levels, **WORDS}, points)


def _among(column: str, codes: list[str]) -> Lookup:
    return (
        Lookup(constant=codes[0]) if len(codes) == 1 else Lookup(column=column, values={code: code for code in codes})
    )
