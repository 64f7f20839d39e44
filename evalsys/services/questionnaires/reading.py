"""Reading a questionnaire from a file: everything that is wrong is named, nothing is ignored."""

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields

from evalsys.errors import Invalid
from evalsys.i18n import LOCALES, _l
from evalsys.services.questionnaires.document import (
    KINDS,
    LOOKS,
    ROLES,
    Anchor,
    Document,
    Item,
    ReasonRule,
    Section,
    Tick,
    parse,
)
from evalsys.services.questionnaires.lint import Problem

ONE_OF = {"kind": KINDS, "look": LOOKS, "role": ROLES}
PARTS = {"sections": Section, "items": Item, "anchors": Anchor, "ticks": Tick}
WORDS = ("name", "text", "hint", "title", "intro", "words")
WORDS_CHARACTERS = 1000
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e]")
WHOLE = ("points", "characters", "at", "at_or_below", "at_or_above")
FLAGS = ("is_required", "has_dont_know", "has_not_applicable")


def read_file(content: str) -> Document:
    """The document that a file holds. Raises Invalid with every problem found."""
    try:
        stored = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Invalid("This file is not JSON. Bring a file that was saved from a questionnaire.") from error
    problems = list(_check("", stored, Document))
    if problems:
        raise Invalid("This file cannot be used.", problems=problems)
    return parse(json.dumps(stored, ensure_ascii=False, sort_keys=True))


def _check(place: str, stored: object, kind: type) -> Iterator[Problem]:
    if not isinstance(stored, dict):
        yield _l("%(place)s: a table of names and values is needed here."), {"place": place or "/"}
        return
    known = {one.name: one for one in fields(kind)}
    for name in stored.keys() - known.keys():
        yield _l("%(place)s: “%(name)s” is not known here."), {"place": place or "/", "name": str(name)[:60]}
    for name, one in known.items():
        if name not in stored:
            if one.default is MISSING and one.default_factory is MISSING:
                yield _l("%(place)s: “%(name)s” is missing."), {"place": place or "/", "name": name}
            continue
        yield from _check_value(f"{place}/{name}", name, stored[name])


def _check_value(place: str, name: str, value: object) -> Iterator[Problem]:
    if name in PARTS:
        if not isinstance(value, list):
            yield _l("%(place)s: a list is needed here."), {"place": place}
            return
        for number, part in enumerate(value):
            yield from _check(f"{place}/{number}", part, PARTS[name])
    elif name == "reason" and value is not None:
        yield from _check(place, value, ReasonRule)
    elif not _fits(name, value):
        yield _l("%(place)s: “%(value)s” cannot stand here."), {"place": place, "value": str(value)[:60]}


def _fits(name: str, value: object) -> bool:
    if name in ONE_OF:
        return value in ONE_OF[name]
    if name in WORDS:
        return isinstance(value, dict) and all(_is_word(locale, said) for locale, said in value.items())
    if name in WHOLE:
        return type(value) is int or (value is None and name.startswith("at_or"))
    if name in FLAGS:
        return isinstance(value, bool)
    if name == "signs":
        return isinstance(value, list) and all(type(sign) is int and sign in (-1, 0, 1) for sign in value)
    return value is None if name == "reason" else _is_text(value)


def _is_word(locale: object, said: object) -> bool:
    return locale in LOCALES and _is_text(said)


def _is_text(value: object) -> bool:
    """Text that both databases can store, and that leaves the direction of what stands around it alone."""
    return isinstance(value, str) and len(value) <= WORDS_CHARACTERS and not UNFIT.search(value)
