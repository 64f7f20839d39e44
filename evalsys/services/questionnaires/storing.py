"""Stored questionnaires: steps that use cases share inside their transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from evalsys.errors import Invalid, NotFound
from evalsys.i18n import _l
from evalsys.models import Indicator, Question, Questionnaire, QuestionnaireVersion, RaterGroup, Round, Translation
from evalsys.services.audit import Act
from evalsys.services.content import ANCHOR, NewText, add_texts, in_languages
from evalsys.services.questionnaires.document import (
    SCALE,
    Anchor,
    Document,
    Item,
    Section,
    canonical,
    columns,
    parse,
    plain_document,
)
from evalsys.services.questionnaires.lint import Problem, missing_words, problems_of

Said = Mapping[str, Mapping[str, Mapping[str, str]]]
FROM_DICTIONARY = "dictionary"
"""The note on the version of a plain questionnaire that was written out when its round opened."""


def find_questionnaire(session: Session, round_: Round, code: str) -> Questionnaire:
    """One questionnaire of a round. Raises NotFound."""
    query = select(Questionnaire).where(Questionnaire.round_id == round_.id, Questionnaire.code == code)
    found = session.scalar(query)
    if found is None:
        raise NotFound("This questionnaire does not exist.")
    return found


def mode_of(session: Session, round_id: int, group: str) -> str:
    """How a group is asked: as its row says, else citizens by a public form and all others by a task."""
    row = session.get(RaterGroup, (round_id, group))
    return row.mode if row is not None else "public" if group == "citizens" else "assigned"


def current_document(session: Session, form: Questionnaire) -> Document:
    """The questionnaire as it is now, its words in all languages; a plain one is filled from its indicators."""
    if form.body:
        return parse(form.body)
    return _document(form, _said(session, {question.indicator.code for question in form.questions}))


def digest_of(session: Session, form: Questionnaire) -> str:
    """The digest of the questionnaire as it is now."""
    return form.digest or current_document(session, form).digest


def store_document(session: Session, form: Questionnaire, document: Document, act: Act, note: str) -> None:
    """Make `document` the next version and give it its rows of questions. Raises Invalid with every problem."""
    is_public = mode_of(session, form.round_id, form.group) == "public"
    problems = problems_of(document, is_public=is_public)
    problems += _scale_conflicts(session, document)
    if problems:
        raise Invalid("The questionnaire cannot be saved like this.", problems=problems)
    before = canonical(current_document(session, form))
    if canonical(document) == before and form.body:
        raise Invalid("Nothing has changed.")
    if not form.body:
        _add_version(session, form, before, act, "")
    form.version += 1
    keep_document(session, form, document, act, note)


def keep_document(session: Session, form: Questionnaire, document: Document, act: Act, note: str) -> None:
    """Write the document under the questionnaire's present number, with its history and its rows of questions."""
    form.body, form.digest = canonical(document), document.digest
    _add_version(session, form, form.body, act, note)
    _replace_questions(session, form, document)


def write_out_plain(session: Session, round_: Round, act: Act) -> None:
    """Give the plain questionnaires of a round that opens the words of this moment: the dictionary may change later.

    The database locks what a round asks once it is open, so nothing may be written before, not even its state.
    """
    with session.no_autoflush:
        plain = select(Questionnaire).where(Questionnaire.round_id == round_.id, Questionnaire.body == "")
        forms = session.scalars(plain.order_by(Questionnaire.id)).all()
        for form in forms:
            document = current_document(session, form)
            written = {"body": canonical(document), "digest": document.digest}
            session.execute(update(Questionnaire).where(Questionnaire.id == form.id).values(**written))
    for form in forms:
        session.refresh(form, ["body", "digest"])
        _add_version(session, form, form.body, act, FROM_DICTIONARY)


def is_plain(session: Session, form: Questionnaire) -> bool:
    """Whether it has no words but those of the dictionary, be they written out or not."""
    kept = session.get(QuestionnaireVersion, (form.id, form.version)) if form.body else None
    return not form.body or (kept is not None and kept.note == FROM_DICTIONARY)


def copy_document(session: Session, former: Questionnaire, new: Questionnaire, act: Act, note: str) -> None:
    """Give a new questionnaire the document of another, as its first version; a plain one is plain again."""
    if not is_plain(session, former):
        new.body, new.digest = former.body, former.digest
        session.flush()
        _add_version(session, new, former.body, act, note)


@dataclass(frozen=True)
class Unready:
    """What questionnaires of a round lack: those that ask nothing, and questions without words, "peers 2 (ar)"."""

    empty: tuple[str, ...]
    wordless: tuple[str, ...]


def forms_of(session: Session, round_: Round) -> list[Questionnaire]:
    """The questionnaires of a round with their questions, by code, in two queries however many there are."""
    query = select(Questionnaire).where(Questionnaire.round_id == round_.id).order_by(Questionnaire.code)
    return list(session.scalars(query.options(selectinload(Questionnaire.questions))))


def unready(session: Session, forms: Sequence[Questionnaire]) -> Unready:
    """What these questionnaires need before a round can open with them."""
    said = _said(session, {question.indicator.code for form in forms if not form.body for question in form.questions})
    lacking = [
        f"{form.code} {one.number} ({one.locale})"
        for form in forms
        for one in missing_words(_document(form, said), is_strict=bool(form.body))
    ]
    return Unready(tuple(form.code for form in forms if not form.questions), tuple(dict.fromkeys(lacking)))


def asked_by_form(form: Questionnaire) -> list[str]:
    """The codes of the indicators that a questionnaire asks about and that may count."""
    never = _unscored(form)
    return [question.indicator.code for question in form.questions if question.indicator.code not in never]


def _unscored(form: Questionnaire) -> set[str]:
    items: Sequence[Item] = parse(form.body).items if form.body else ()
    return {code for item in items if not item.is_scored for code, _ in item.columns()}


def _add_version(session: Session, form: Questionnaire, body: str, act: Act, note: str) -> None:
    kept = QuestionnaireVersion(
        questionnaire_id=form.id,
        number=form.version,
        body=body,
        digest=parse(body).digest,
        note=note,
        saved_by=act.actor.account_id,
        saved_at=act.now,
    )
    session.add(kept)
    session.flush()


def _replace_questions(session: Session, form: Questionnaire, document: Document) -> None:
    known = _indicators(session, document)
    for item in document.items:
        for code, points in item.columns():
            if code not in known:
                known[code] = Indicator(code=code, points=points, source=f"round {form.round.code}")
                session.add(known[code])
    add_texts(session, [text for item in document.items for text in _texts(item)])
    add_texts(session, _first_anchors(session, document))
    form.questions.clear()
    session.flush()
    form.questions.extend(
        Question(position=place, indicator=known[code]) for place, (code, _) in enumerate(columns(document))
    )
    session.flush()


def _indicators(session: Session, document: Document) -> dict[str, Indicator]:
    codes = [code for code, _ in columns(document)]
    return {found.code: found for found in session.scalars(select(Indicator).where(Indicator.code.in_(codes)))}


def _scale_conflicts(session: Session, document: Document) -> list[Problem]:
    known = _indicators(session, document)
    return [
        (
            _l("The indicator “%(code)s” has %(points)s points already. Use another code for another scale."),
            {"code": code, "points": known[code].points},
        )
        for code, points in columns(document)
        if code in known and known[code].points != points
    ]


def _texts(item: Item) -> list[NewText]:
    """Names for indicators that have none yet, so that results can be read."""
    if item.ticks:
        return [text for tick in item.ticks for text in in_languages("indicator", tick.code, "name", tick.text)]
    if not item.columns():
        return []
    name, question = item.name or item.text, item.text or item.name
    return in_languages("indicator", item.code, "name", name) + in_languages(
        "indicator", item.code, "question", question
    )


def _document(form: Questionnaire, said: Said) -> Document:
    if form.body:
        return parse(form.body)
    plain = plain_document(form.group, tuple((one.indicator.code, one.indicator.points) for one in form.questions))
    return Document((Section(items=tuple(_worded(item, said.get(item.code, {})) for item in plain.items)),))


def _said(session: Session, codes: Collection[str]) -> Said:
    """All words about these indicators, by code, field and language."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    if codes:
        query = select(Translation).where(Translation.entity == "indicator", Translation.entity_key.in_(codes))
        for row in session.scalars(query):
            found.setdefault(row.entity_key, {}).setdefault(row.field, {})[row.locale] = row.text
    return found


def _first_anchors(session: Session, document: Document) -> list[NewText]:
    """What the points of scales mean, for indicators of which the dictionary does not say it yet."""
    is_anchor = Translation.entity == "indicator", Translation.field.startswith(ANCHOR, autoescape=True)
    known = set(session.scalars(select(Translation.entity_key).where(*is_anchor).distinct()))
    return [
        text
        for item in document.items
        if item.kind == SCALE and item.is_scored and item.code not in known
        for anchor in item.anchors
        for text in in_languages("indicator", item.code, f"{ANCHOR}{anchor.at}", anchor.words)
    ]


def _worded(item: Item, said: Mapping[str, Mapping[str, str]]) -> Item:
    anchors = tuple(
        Anchor(int(field.removeprefix(ANCHOR)), words) for field, words in said.items() if field.startswith(ANCHOR)
    )
    words: dict[str, Any] = {
        "name": said.get("name", {}),
        "text": said.get("question", said.get("name", {})),
        "hint": said.get("hint", {}),
        "anchors": tuple(sorted(anchors, key=lambda anchor: anchor.at)),
    }
    return Item(**{**item.__dict__, **words})
