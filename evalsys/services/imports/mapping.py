"""The mapping file: which column of a survey file is what. docs/import.md describes its keys."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from evalsys.errors import Invalid
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.services.presets import Preset, read_preset

Problem = tuple[str, Mapping[str, object]]
KEYS = ("preset", "group", "respondent", "channel", "stratum", "round", "answers", "rounds", "categories", "units")
CODE_CHARACTERS = 30


@dataclass(frozen=True)
class Lookup:
    """Where a value comes from: a constant, or a column, translated by `values` when there are any."""

    column: str = ""
    values: Mapping[str, str] | None = None
    constant: str = ""

    def find(self, cell: str) -> str | None:
        """What the cell says; None when it says nothing that is known."""
        if self.constant:
            return self.constant
        return (cell or None) if self.values is None else self.values.get(cell)


@dataclass(frozen=True)
class RoundSpec:
    """A round that rows of the file belong to."""

    code: str
    start: date
    end: date
    previous: str
    name: Mapping[str, str]


@dataclass(frozen=True)
class UnitSpec:
    """A unit and its questions: (column, indicator) in the order of the form."""

    code: str
    category: str
    name: Mapping[str, str]
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ImportMap:
    """A mapping file that was read and found good; `body` is the document itself, fit to be stored as JSON."""

    body: Mapping[str, Any]
    preset: Preset
    group: str
    respondent: str
    channel: Lookup
    stratum: Lookup
    round: Lookup
    answers: Mapping[str, Mapping[str, str]]
    rounds: Mapping[str, RoundSpec]
    categories: Mapping[str, Mapping[str, str]]
    units: tuple[UnitSpec, ...]


def read_map(path: Path) -> ImportMap:
    """The mapping in a TOML file. Raises Invalid, NotFound."""
    return read_map_text(path.read_bytes())


def read_map_text(text: bytes) -> ImportMap:
    """The mapping in a TOML document. Raises Invalid, NotFound."""
    try:
        return parse_map(tomllib.loads(text.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("The mapping is not a TOML file: %(detail)s", {"detail": str(error)}) from error


def parse_map(body: Mapping[str, Any]) -> ImportMap:
    """The mapping that a TOML document describes. Raises Invalid with every problem; NotFound for an unknown preset."""
    problems: list[Problem] = [("The mapping lacks “%(key)s”.", {"key": key}) for key in KEYS if key not in body]
    problems += [("The mapping has an unknown key “%(key)s”.", {"key": key}) for key in body if key not in KEYS]
    _refuse(problems)
    preset = read_preset(str(body["preset"]))
    try:
        found = _parsed(body, preset)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Invalid("The mapping cannot be read: %(detail)s", {"detail": repr(error)}) from error
    _refuse(_problems(found))
    return found


def answer_codes(spec: Mapping[str, Any], points: int) -> dict[str, int]:
    """What each cell text means: a level up to `points`, points + 1 "don't know", points + 2 "not applicable"."""
    codes = {str(text): int(level) for text, level in spec["levels"].items()}
    codes |= {str(text): points + 1 for text in spec.get("dont_know", ())}
    codes |= {str(text): points + 2 for text in spec.get("not_applicable", ())}
    return codes | {str(text): 0 for text in spec.get("blank", ("",))}


def _parsed(body: Mapping[str, Any], preset: Preset) -> ImportMap:
    return ImportMap(
        body=json.loads(json.dumps(body, default=date.isoformat)),
        preset=preset,
        group=str(body["group"]),
        respondent=str(body["respondent"]["column"]),
        channel=Lookup(**body["channel"]),
        stratum=Lookup(**body["stratum"]),
        round=Lookup(**body["round"]),
        answers=body["answers"],
        rounds={key: _round(facts) for key, facts in body["rounds"].items()},
        categories=body["categories"],
        units=tuple(
            UnitSpec(code, facts["category"], facts["name"], tuple(facts["columns"].items()))
            for code, facts in body["units"].items()
        ),
    )


def _round(facts: Mapping[str, Any]) -> RoundSpec:
    first, last = (_day(facts[name]) for name in ("start", "end"))
    return RoundSpec(facts["code"], first, last, facts.get("previous", ""), facts["name"])


def _day(given: date | str) -> date:
    """A day of the document, or of its stored form, which has only texts."""
    return date.fromisoformat(given) if isinstance(given, str) else given


def _problems(found: ImportMap) -> list[Problem]:
    groups = {group["code"]: {item["code"] for item in group["strata"]} for group in found.preset.scheme["groups"]}
    strata = groups.get(found.group, set())
    problems: list[Problem] = []
    if found.group not in groups:
        problems.append(("The preset has no group “%(group)s”.", {"group": found.group}))
    said = {found.stratum.constant} if found.stratum.constant else set((found.stratum.values or {}).values())
    problems += [("The group has no stratum “%(stratum)s”.", {"stratum": code}) for code in sorted(said - strata)]
    for name, lookup in (("channel", found.channel), ("stratum", found.stratum), ("round", found.round)):
        if bool(lookup.column) == bool(lookup.constant):
            problems.append(("“%(key)s” needs either a column or a constant.", {"key": name}))
    for spec in found.rounds.values():
        problems += _round_problems(spec)
    for unit in found.units:
        problems += _unit_problems(unit, found)
    return problems


def _round_problems(spec: RoundSpec) -> list[Problem]:
    problems: list[Problem] = []
    if not 1 <= len(spec.code) <= CODE_CHARACTERS:
        problems.append(
            ("The code “%(code)s” needs 1 to %(most)s characters.", {"code": spec.code, "most": CODE_CHARACTERS})
        )
    if spec.end < spec.start:
        problems.append(("Round %(code)s: the first day is after the last day.", {"code": spec.code}))
    if DEFAULT_LOCALE not in spec.name:
        problems.append(("%(code)s has no English name.", {"code": spec.code}))
    return problems


def _unit_problems(unit: UnitSpec, found: ImportMap) -> list[Problem]:
    problems: list[Problem] = []
    if not unit.questions:
        problems.append(("Unit %(unit)s has no columns.", {"unit": unit.code}))
    if DEFAULT_LOCALE not in unit.name:
        problems.append(("%(code)s has no English name.", {"code": unit.code}))
    if unit.category not in found.categories:
        problems.append(("Unit %(unit)s: there is no category “%(code)s”.", {"unit": unit.code, "code": unit.category}))
    for column, indicator in unit.questions:
        points = found.preset.points.get(indicator)
        where = {"unit": unit.code, "column": column, "indicator": indicator}
        if points is None:
            problems.append(("Unit %(unit)s, column %(column)s: the preset has no indicator “%(indicator)s”.", where))
        elif not all(1 <= int(level) <= points for level in found.answers["levels"].values()):
            problems.append(
                ("Unit %(unit)s, column %(column)s: a level is outside the scale of “%(indicator)s”.", where)
            )
    return problems


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid("The mapping cannot be used.", problems=problems)
