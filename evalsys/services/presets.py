"""Presets: ready-made schemes with their indicators, forms and names, read from TOML files in evalsys/presets.

An administrative figure stands among the indicators as well, with its unit of measure instead of points.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import NotFound
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.models import Indicator, Question, Questionnaire, Round
from evalsys.services.content import NewText, add_texts, in_languages
from scoring.scheme import parse_scheme

FOLDER = Path(__file__).parent.parent / "presets"
EMPTY = "empty"
CODE = re.compile(r"[a-z0-9_]{1,40}")
ENTITIES = {"indicators": "indicator", "dimensions": "dimension", "groups": "group", "strata": "stratum"}
TEXT_FIELD = re.compile(r"name|question|definition|hint|measure|anchor_\d+")


@dataclass(frozen=True)
class PresetForm:
    """The questionnaire of one group: its indicators in order."""

    code: str
    group: str
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class Preset:
    """A preset file. `scheme` is what the scoring engine parses; `unverified` names figures without a sure source.

    `title`, `source` and each entry of `unverified` map locale to text.
    """

    code: str
    method: str
    title: Mapping[str, str]
    source: Mapping[str, str]
    unverified: tuple[Mapping[str, str], ...]
    scheme: Mapping[str, Any]
    forms: tuple[PresetForm, ...]
    points: Mapping[str, int]
    texts: tuple[NewText, ...]

    def title_in(self, locale: str) -> str:
        """The title in `locale`, else in English."""
        return _said(self.title, locale)

    @cached_property
    def needs_figures(self) -> bool:
        """Whether the scheme counts administrative figures, which are loaded from files and asked of nobody."""
        return any(not leaf.is_rated for leaf in parse_scheme(self.scheme).leaves())


@dataclass(frozen=True)
class PresetLine:
    """What a person who chooses a preset reads about it, in one language."""

    code: str
    title: str
    source: str
    unverified: tuple[str, ...]
    needs_figures: bool


def list_presets() -> list[Preset]:
    """All presets that a new round can be made from, by code.

    One made for imported answers is not among them: it has neither a form to fill in nor figures to wait for. The empty
    start is offered by itself.
    """
    codes = [path.stem for path in sorted(FOLDER.glob("*.toml")) if not path.stem.endswith("_map")]
    codes.remove(EMPTY)
    return [preset for preset in map(read_preset, codes) if preset.forms or preset.needs_figures]


def describe_presets(locale: str) -> list[PresetLine]:
    """What `list_presets` offers, in the words of `locale`."""
    return [
        PresetLine(
            code=preset.code,
            title=preset.title_in(locale),
            source=_said(preset.source, locale),
            unverified=tuple(_said(text, locale) for text in preset.unverified),
            needs_figures=preset.needs_figures,
        )
        for preset in list_presets()
    ]


@lru_cache(maxsize=64)
def read_preset(code: str) -> Preset:
    """The preset of this code. Raises NotFound."""
    path = FOLDER / f"{code}.toml"
    if not CODE.fullmatch(code) or not path.is_file():
        raise NotFound("There is no preset of this name.")
    body = tomllib.loads(path.read_text(encoding="utf-8"))
    if "extends" in body:
        base = tomllib.loads((FOLDER / f"{body['extends']}.toml").read_text(encoding="utf-8"))
        body = {**base, **body}
    return preset_of(code, body)


def preset_of(code: str, body: Mapping[str, Any]) -> Preset:
    """The preset that a TOML document describes."""
    return Preset(
        code=code,
        method=str(body["method"]),
        title=body["title"],
        source=body["source"],
        unverified=tuple(body.get("unverified", ())),
        scheme=body["scheme"],
        forms=tuple(PresetForm(form["code"], form["group"], tuple(form["indicators"])) for form in body["forms"]),
        points={key: int(value["points"]) for key, value in body.get("indicators", {}).items() if "points" in value},
        texts=tuple(_texts(body)),
    )


def install(session: Session, preset: Preset) -> None:
    """Add the preset's indicators and texts that are not there yet; what exists stays as it is."""
    known = set(session.scalars(select(Indicator.code)))
    for code, points in preset.points.items():
        if code not in known:
            session.add(Indicator(code=code, points=points, source=preset.source[DEFAULT_LOCALE]))
    add_texts(session, preset.texts)
    session.flush()


def add_questionnaires(session: Session, round_: Round, preset: Preset) -> list[Questionnaire]:
    """Give the round the preset's forms; its indicators must be installed."""
    ids = dict(session.execute(select(Indicator.code, Indicator.id)).all())
    made = []
    for form in preset.forms:
        questions = [Question(position=place, indicator_id=ids[code]) for place, code in enumerate(form.indicators)]
        made.append(Questionnaire(round=round_, code=form.code, group=form.group, questions=questions))
    session.add_all(made)
    session.flush()
    return made


def _said(texts: Mapping[str, str], locale: str) -> str:
    return texts.get(locale) or texts[DEFAULT_LOCALE]


def _texts(body: Mapping[str, Any]) -> Iterator[NewText]:
    for section, entity in ENTITIES.items():
        for key, fields in body.get(section, {}).items():
            scale = body.get("scales", {}).get(fields.get("scale", ""), {})
            for field, said in {**scale, **fields}.items():
                if TEXT_FIELD.fullmatch(field):
                    yield from in_languages(entity, key, field, said)
