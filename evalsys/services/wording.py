"""What a form says in one language: unit, round, and its questions; in one statement, whatever the questionnaire."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, and_, bindparam, or_, select

from evalsys.db import db
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.models import Translation
from evalsys.services.content import Text
from evalsys.services.questionnaires.document import Document, columns
from evalsys.services.questionnaires.shown import Shown, has_own_words, show, show_with


@dataclass(frozen=True)
class FormText:
    """All words of a form in one language, English where a text is missing."""

    unit: Text
    round: Text
    shown: Shown


def read_form_text(unit: str, round_code: str, document: Document, locale: str) -> FormText:
    """The words of a questionnaire about a unit, in one statement; a document with words of its own needs no others."""
    is_plain = not has_own_words(document)
    given: dict[str, object] = {"unit": unit, "round": round_code, "locales": (locale, DEFAULT_LOCALE)}
    if is_plain:
        given["indicators"] = [code for code, _ in columns(document)]
    found: dict[tuple[str, str, str], Text] = {}
    for entity, key, field, language, text in db.session.execute(_query(is_plain), given):
        place = entity, key, field
        if language == locale or place not in found:
            found[place] = Text(text, language)
    return FormText(
        unit=found.pop(("unit", unit, "name"), Text(unit, "")),
        round=found.pop(("round", round_code, "name"), Text(round_code, "")),
        shown=show_with(document, locale, frozenset(found.items())) if is_plain else show(document, locale),
    )


@cache
def _query(is_plain: bool) -> Select[str, str, str, str, str]:
    """Made once, since making the statement costs more than running it."""
    is_name = Translation.field == "name"
    wanted = [
        and_(Translation.entity == "unit", Translation.entity_key == bindparam("unit"), is_name),
        and_(Translation.entity == "round", Translation.entity_key == bindparam("round"), is_name),
    ]
    if is_plain:
        is_asked = Translation.entity_key.in_(bindparam("indicators", expanding=True))
        wanted.append(and_(Translation.entity == "indicator", is_asked))
    return select(
        Translation.entity, Translation.entity_key, Translation.field, Translation.locale, Translation.text
    ).where(or_(*wanted), Translation.locale.in_(bindparam("locales", expanding=True)))
