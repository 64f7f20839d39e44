"""A questionnaire with one question of every kind, for tests of forms, pages and runs."""

from dataclasses import replace

from evalsys.services.questionnaires.document import (
    Anchor,
    Document,
    Item,
    ReasonRule,
    Section,
    Tick,
    Words,
    usual_signs,
)


def words(text: str) -> Words:
    return {"en": text, "zh": f"{text} 中", "ar": f"{text} ع"}


def item(code: str, points: int = 5, look: str = "likert", **over: object) -> Item:
    """A complete scale question, all of its points in words."""
    anchors = tuple(Anchor(at, words(f"{code} {at}")) for at in range(1, points + 1)) if look != "number" else ()
    signs = usual_signs(points) if look != "number" and over.get("role") != "background" else ()
    made = Item("scale", code, text=words(f"{code}?"), look=look, points=points, anchors=anchors, signs=signs)
    return replace(made, **over)  # type: ignore[arg-type]


SATISFACTION = item("satisfaction", has_not_applicable=True, hint=words("Think of the last year."))
IMPORTANCE = item("importance_trust", role="importance", about="trust", is_required=False)
DISTRICT = item("district", 3, "choice", role="background", is_required=False)
TICKS = Item(
    "ticks", "seen", text=words("seen?"), ticks=(Tick("saw_queue", words("queue")), Tick("saw_help", words("help")))
)
TEXT = Item("text", "better", text=words("better?"), is_required=False, characters=200)
STARS, THUMBS = item("clean", 5, "stars", has_dont_know=True), item("again", 2, "thumbs")
NUMBER = item("overall", 101, "number", has_dont_know=True, has_not_applicable=True, reason=ReasonRule(10, 91))
STRICT = item("trust", 5, reason=ReasonRule(1, None))


def whole() -> Document:
    first = Section(words("Your visit"), words("One moment."), (SATISFACTION, STRICT, STARS, THUMBS, NUMBER))
    return Document((first, Section(items=(TICKS, IMPORTANCE, DISTRICT, TEXT))), long_reason="all kinds")
