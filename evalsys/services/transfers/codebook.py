"""The code book of an export: every column and every code in it, in all languages."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import flask_babel
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES, _l
from evalsys.models import Exclusion, QualityRule, Response
from evalsys.services import content
from evalsys.services.content import Anchor, Text
from evalsys.services.transfers.cells import safe_cell
from evalsys.services.transfers.selection import (
    NO_BASIS,
    NOT_ANSWERED,
    NOT_APPLICABLE,
    RUBRIC_POINTS,
    STATUSES,
    Asked,
    Row,
    Selection,
)

HEADER = ("column", "code", *LOCALES)
COLUMNS = {
    "response": _l("Key of the row: random, made for this export alone"),
    "rater": _l("Random name of the rater within this export; only in groups that answer for their scores by name"),
    "unit": _l("Office that was rated"),
    "group": _l("Group of raters"),
    "stratum": _l("Part of the group"),
    "channel": _l("How the answers came in"),
    "day": _l("Day on which the answers came in; of imported answers, the last day of the round"),
    "status": _l("Whether the answers count"),
    "pace": _l("How fast the form was filled in, from 1 (under a second a question) to 5; empty: not known"),
}
STATUS_WORDS = {
    "counted": _l("counted"),
    "replaced": _l("replaced by a later response"),
    "excluded_by_rule": _l("excluded by a rule"),
    "excluded_by_persons": _l("excluded by two persons"),
}
CHANNEL_WORDS = {
    "web": _l("form on the web"),
    "qr": _l("form behind a QR code"),
    "kiosk": _l("shared device"),
    "assisted": _l("filled in by a helper"),
    "paper": _l("paper form"),
    "phone": _l("telephone"),
}
MISSING = {
    NOT_ANSWERED: _l("not answered"),
    NO_BASIS: _l("no basis to judge"),
    NOT_APPLICABLE: _l("does not apply"),
}
NOT_ASKED = _l("not asked of this group or office")
RULE, NO_RULE = _l("rule that left answers out of the count"), _l("left out by two persons, without a rule")

InLanguages = Mapping[str, str]


def codebook(session: Session, chosen: Selection) -> list[Row]:
    """The rows of the code book: column, code (empty: the column itself), then its meaning in each language."""
    book = [_line(column, "", _said(COLUMNS[column])) for column in chosen.columns if column in COLUMNS]
    book += _named("unit", chosen.units.values(), "unit")
    book += _named("group", chosen.groups, "group")
    of_forms = Response.questionnaire_id.in_(list(chosen.forms))
    book += _named("stratum", session.scalars(select(Response.stratum).where(of_forms).distinct()), "stratum")
    channels = set(session.scalars(select(Response.channel).where(of_forms).distinct()))
    book += [_line("channel", code, _said(CHANNEL_WORDS.get(code, code))) for code in sorted(channels)]
    book += [_line("status", code, _said(STATUS_WORDS[code])) for code in STATUSES.values()]
    book += _rules(session, chosen.round_id)
    wording = _wording()
    for one in chosen.asked:
        book += _question(one, wording)
    return book


def labels(chosen: Selection, locale: str) -> list[dict[int, str]]:
    """For each indicator, what its values are called in one language; a value without words is not among them."""
    anchors = content.anchors(locale)
    with flask_babel.force_locale(locale):
        missing = {value: flask_babel.gettext(words) for value, words in MISSING.items()}
    of_all = (_words(anchors.get(one.code, ())) for one in chosen.asked)
    return [missing | {value: safe_cell(str(text)) for value, text in words.items()} for words in of_all]


def _question(one: Asked, wording: Mapping[str, Mapping[str, InLanguages]]) -> Iterator[Row]:
    asked = wording["question"].get(one.code) or wording["name"].get(one.code) or {}
    yield _line(one.code, "", asked)
    steps = {locale: _words(content.anchors(locale).get(one.code, ())) for locale in LOCALES}
    values = range(one.points) if one.points == RUBRIC_POINTS else range(1, one.points + 1)
    for value in values:
        said = {locale: str(steps[locale][value]) for locale in LOCALES if value in steps[locale]}
        if said or one.points != RUBRIC_POINTS:
            yield _line(one.code, value, said or dict.fromkeys(LOCALES, str(value)))
    for code, words in MISSING.items():
        yield _line(one.code, code, _said(words))
    yield _line(one.code, "empty", _said(NOT_ASKED))


def _words(anchors: Iterable[Anchor]) -> dict[int, Text]:
    """What values are called; on a 0-100 scale the words of a step stand at the value that begins it."""
    return {anchor.start: anchor.text for anchor in anchors}


def _wording() -> dict[str, dict[str, dict[str, str]]]:
    return {
        "name": _by_code(lambda locale: content.names("indicator", locale)),
        "question": _by_code(lambda locale: content.texts("indicator", "question", locale)),
    }


def _by_code(texts: Callable[[str], Mapping[str, Text]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for locale in LOCALES:
        for code, text in texts(locale).items():
            found.setdefault(code, {})[locale] = str(text)
    return found


def _named(column: str, codes: Iterable[str], entity: str) -> list[Row]:
    names = _by_code(lambda locale: content.names(entity, locale))
    return [_line(column, code, names.get(code, {})) for code in sorted(set(codes))]


def _rules(session: Session, round_id: int) -> list[Row]:
    rules = set(session.scalars(select(QualityRule.code).where(QualityRule.round_id == round_id)))
    rules |= set(session.scalars(select(Exclusion.rule).where(Exclusion.round_id == round_id)))
    return [_line("status", f"rule {code}".strip(), _said(RULE if code else NO_RULE)) for code in sorted(rules)]


def _said(message: str) -> dict[str, str]:
    said = {}
    for locale in LOCALES:
        with flask_babel.force_locale(locale):
            said[locale] = str(flask_babel.gettext(message))
    return said


def _line(column: str, code: str | int, said: InLanguages) -> Row:
    shown = safe_cell(code) if isinstance(code, str) else code
    return [safe_cell(column), shown, *(safe_cell(said.get(locale, "")) for locale in LOCALES)]
