"""What a form says in one language: unit, round, questions, and the words beside the points of their scales."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, and_, bindparam, or_, select

from evalsys.db import db
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.models import Translation
from evalsys.services.content import ANCHOR, Text

UNSAID = Text("", "")


@dataclass(frozen=True)
class Asked:
    """One question; `options`: (value, word) from the weakest level to the strongest; `anchors`: (range, words)."""

    code: str
    name: Text
    text: Text
    options: tuple[tuple[str, Text], ...]
    anchors: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class FormText:
    """All words of a form in one language, English where a text is missing."""

    unit: Text
    round: Text
    questions: tuple[Asked, ...]


def read_form_text(unit: str, round_code: str, questions: Iterable[tuple[str, int]], locale: str) -> FormText:
    """The words of the form with these (indicator code, points) about a unit, in one statement."""
    asked = list(questions)
    found = _texts(unit, round_code, [code for code, _ in asked], locale)
    return FormText(
        unit=found["unit", unit].get("name", Text(unit, "")),
        round=found["round", round_code].get("name", Text(round_code, "")),
        questions=tuple(_asked(code, points, found["indicator", code]) for code, points in asked),
    )


def _texts(unit: str, round_code: str, indicators: list[str], locale: str) -> Mapping[tuple[str, str], dict[str, Text]]:
    """Field to text, by (entity, key)."""
    given = {"unit": unit, "round": round_code, "indicators": indicators, "locales": (locale, DEFAULT_LOCALE)}
    found: dict[tuple[str, str], dict[str, Text]] = defaultdict(dict)
    for entity, key, field, language, text in db.session.execute(_query(), given):
        if language == locale or field not in found[entity, key]:
            found[entity, key][field] = Text(text, language)
    return found


@cache
def _query() -> Select[str, str, str, str, str]:
    """Made once, since making the statement costs more than running it."""
    is_name = Translation.field == "name"
    wanted = or_(
        and_(
            Translation.entity == "indicator",
            Translation.entity_key.in_(bindparam("indicators", expanding=True)),
        ),
        and_(Translation.entity == "unit", Translation.entity_key == bindparam("unit"), is_name),
        and_(Translation.entity == "round", Translation.entity_key == bindparam("round"), is_name),
    )
    return select(
        Translation.entity, Translation.entity_key, Translation.field, Translation.locale, Translation.text
    ).where(wanted, Translation.locale.in_(bindparam("locales", expanding=True)))


def _asked(code: str, points: int, said: Mapping[str, Text]) -> Asked:
    name = said.get("name", Text(code, ""))
    steps = {int(field.removeprefix(ANCHOR)): text for field, text in said.items() if field.startswith(ANCHOR)}
    starts = sorted(steps)
    ends = [*(start - 1 for start in starts[1:]), points - 1]
    return Asked(
        code=code,
        name=name,
        text=said.get("question", name),
        options=tuple((str(level), steps.get(level, UNSAID)) for level in range(1, points + 1)),
        anchors=tuple((f"{start}–{end}", steps[start]) for start, end in zip(starts, ends, strict=False)),
    )
