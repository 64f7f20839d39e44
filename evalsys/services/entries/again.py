"""Which questions are asked again where two entries of a paper form differ: each of them whole, with what was typed."""

from collections.abc import Iterator
from dataclasses import dataclass

from evalsys.services.content import Text
from evalsys.services.entries.paper import Difference, WaitingPaper
from evalsys.services.questionnaires.document import SCALE, TEXT, TICKS
from evalsys.services.questionnaires.shown import UNSAID, Shown, ShownItem, ShownSection

PARTS = ("q", "none", "na", "reason")


@dataclass(frozen=True)
class Part:
    """A field that differs; `kind` is one of PARTS, "tick" (`text` says its words) or "t" (an open question)."""

    kind: str
    text: Text
    difference: Difference


@dataclass(frozen=True)
class AskedAgain:
    """One question: `shown` draws it alone, `names` are all its fields, `parts` those that differ."""

    shown: Shown
    names: tuple[str, ...]
    parts: tuple[Part, ...]


def ask_again(shown: Shown, waiting: WaitingPaper) -> tuple[AskedAgain, ...]:
    """The questions that have a field in which the two entries differ, in page order."""
    differing = {one.name: one for one in waiting.differences}
    items = ((item, tuple(_fields(item))) for section in shown.sections for item in section.items)
    return tuple(
        AskedAgain(
            Shown((ShownSection(UNSAID, UNSAID, (item,)),), shown.minutes),
            tuple(name for name, _, _ in fields),
            tuple(Part(kind, text, differing[name]) for name, kind, text in fields if name in differing),
        )
        for item, fields in items
        if any(name in differing for name, _, _ in fields)
    )


def _fields(item: ShownItem) -> Iterator[tuple[str, str, Text]]:
    """The (name, kind, words of a box) of everything that can be filled in."""
    if item.kind == TICKS:
        yield from ((f"q_{code}", "tick", text) for code, text in item.ticks)
    elif item.kind == TEXT:
        yield f"t_{item.code}", "t", UNSAID
    elif item.kind == SCALE:
        yield from ((f"{part}_{item.code}", part, UNSAID) for part in PARTS)
