"""Names, questions and other content in several languages, with English where a language has no text yet.

Fields in use: "name" of everything; "keywords" of a service (the words people search for); "question", "hint" and
"definition" of an indicator; "measure", the unit of measure of an administrative one; "anchor_<number>" of an
indicator: what a level of its scale means. For a five-point scale the number is the level (anchor_1 … anchor_5), for a
0-100 panel the lowest score of the rubric's step (anchor_0, anchor_11, …): a step ends where the next begins.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.models import Indicator, Translation

ANCHOR = "anchor_"


@dataclass(frozen=True)
class Text:
    """A text and the language it is really in, for the `lang` attribute; empty when there is only a code."""

    text: str
    locale: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Anchor:
    """What the scores from `start` to `end` (both included) of an indicator's scale mean."""

    start: int
    end: int
    text: Text


@dataclass(frozen=True)
class NewText:
    """One text to store; English is the original of the other languages."""

    entity: str
    key: str
    field: str
    locale: str
    text: str


def texts(entity: str, field: str, locale: str) -> dict[str, Text]:
    """One field of all things of a kind, by code: in `locale`, else in English. One query."""
    found: dict[str, Text] = {}
    for row in _rows(Translation.field == field, entity, locale):
        if row.locale == locale or row.entity_key not in found:
            found[row.entity_key] = Text(row.text, row.locale)
    return found


def names(entity: str, locale: str) -> dict[str, Text]:
    """The names of all things of a kind, by code."""
    return texts(entity, "name", locale)


def text_of(entity: str, key: str, field: str, locale: str) -> Text:
    """One text in `locale`, else in English, else the code itself."""
    found = Text(key, "")
    for row in _rows((Translation.field == field) & (Translation.entity_key == key), entity, locale):
        if row.locale == locale or not found.locale:
            found = Text(row.text, row.locale)
    return found


def body_name(locale: str, otherwise: str) -> str:
    """The name of the body that publishes: its content text, or what the settings say."""
    found = {row.locale: row.text for row in db.session.execute(_body_query(), {"locales": (locale, DEFAULT_LOCALE)})}
    return str(found.get(locale) or found.get(DEFAULT_LOCALE) or otherwise)


def anchors(locale: str) -> dict[str, tuple[Anchor, ...]]:
    """What the levels of each indicator's scale mean, by indicator code, lowest first."""
    found: dict[str, dict[int, Text]] = {}
    for row in _rows(Translation.field.startswith(ANCHOR, autoescape=True), "indicator", locale):
        steps = found.setdefault(row.entity_key, {})
        start = int(row.field.removeprefix(ANCHOR))
        if row.locale == locale or start not in steps:
            steps[start] = Text(row.text, row.locale)
    points = dict(db.session.execute(select(Indicator.code, Indicator.points)).all())
    return {code: _steps(steps, points.get(code, 5)) for code, steps in found.items()}


def add_texts(session: Session, new: Iterable[NewText]) -> int:
    """Store the texts that are not there yet; returns how many. Texts that exist stay as they are."""
    known: set[tuple[str, ...]] = set(
        session.execute(select(Translation.entity, Translation.entity_key, Translation.field, Translation.locale)).all()
    )
    wanted = list(new)
    originals = {(item.entity, item.key, item.field): item.text for item in wanted if item.locale == DEFAULT_LOCALE}
    rows = []
    for item in wanted:
        if (item.entity, item.key, item.field, item.locale) in known:
            continue
        known.add((item.entity, item.key, item.field, item.locale))
        original = "" if item.locale == DEFAULT_LOCALE else originals.get((item.entity, item.key, item.field), "")
        rows.append(_row(item, hashlib.sha256(original.encode()).hexdigest() if original else ""))
    session.add_all(rows)
    return len(rows)


def put_texts(session: Session, entity: str, key: str, field: str, said: Mapping[str, str]) -> None:
    """Make `said` (by locale) the texts of one field; an empty text is taken away, a language not named stays."""
    one = Translation.entity == entity, Translation.entity_key == key, Translation.field == field
    there = {row.locale: row for row in session.scalars(select(Translation).where(*one))}
    original = said.get(DEFAULT_LOCALE) or ""
    for locale, text in said.items():
        row = there.get(locale)
        source = hashlib.sha256(original.encode()).hexdigest() if original and locale != DEFAULT_LOCALE else ""
        if not text:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(_row(NewText(entity, key, field, locale, text), source))
        elif row.text != text:
            row.text, row.source_hash = text, source
    session.flush()


def in_languages(entity: str, key: str, field: str, said: Mapping[str, str]) -> list[NewText]:
    """The texts of one field given as {locale: text}."""
    return [NewText(entity, key, field, locale, text) for locale, text in said.items()]


def _row(item: NewText, source_hash: str) -> Translation:
    return Translation(
        entity=item.entity,
        entity_key=item.key,
        field=item.field,
        locale=item.locale,
        text=item.text,
        source_hash=source_hash,
    )


@cache
def _body_query() -> Select[str, str]:
    """Made once: every page asks it."""
    is_body = and_(Translation.entity == "body", Translation.entity_key == "body", Translation.field == "name")
    is_known = Translation.locale.in_(bindparam("locales", expanding=True))
    return select(Translation.locale, Translation.text).where(is_body, is_known)


def _rows(condition: ColumnElement[bool], entity: str, locale: str) -> Iterable[Translation]:
    languages = or_(Translation.locale == locale, Translation.locale == DEFAULT_LOCALE)
    return db.session.scalars(select(Translation).where(Translation.entity == entity, condition, languages))


def _steps(steps: Mapping[int, Text], points: int) -> tuple[Anchor, ...]:
    starts = sorted(steps)
    last = points if starts[0] >= 1 else points - 1
    ends = [start - 1 for start in starts[1:]] + [last]
    return tuple(Anchor(start, end, steps[start]) for start, end in zip(starts, ends, strict=True))
