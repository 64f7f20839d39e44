"""What the editor of a questionnaire sees."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.models import Questionnaire, QuestionnaireVersion, Round, RoundState
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text, text_of
from evalsys.services.questionnaires.document import Document, canonical
from evalsys.services.questionnaires.lint import Missing, missing_words, seconds_of
from evalsys.services.questionnaires.shown import Shown, show
from evalsys.services.questionnaires.storing import current_document, find_questionnaire, mode_of
from evalsys.services.rounds.states import ACTS, find_round
from evalsys.services.versions import newest_version
from evalsys.services.weights import asked_by, scheme_of
from scoring.scheme import Scheme


@dataclass(frozen=True)
class VersionLine:
    """One saved version: who, when, why."""

    number: int
    note: str
    saver: str
    saved_at: datetime
    digest: str


@dataclass(frozen=True)
class BuilderPage:
    """A questionnaire in all languages, what it lacks, its history, and whether this actor may change it now.

    `uncounted` are scored indicators that the newest weights, proposed or in force, do not count for this group.
    """

    round_code: str
    round_name: Text
    code: str
    group: str
    group_name: Text
    mode: str
    version: int
    digest: str
    document: Document
    shown: Shown
    missing: tuple[Missing, ...]
    seconds: int
    uncounted: frozenset[str]
    versions: tuple[VersionLine, ...]
    is_stored: bool
    may_edit: bool


def builder_page(actor: Actor, round_code: str, code: str, locale: str) -> BuilderPage:
    """One questionnaire for its editor, or for whoever checks it. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    form = find_questionnaire(session, round_, code)
    document = current_document(session, form)
    return BuilderPage(
        round_code=round_.code,
        round_name=text_of("round", round_.code, "name", locale),
        code=form.code,
        group=form.group,
        group_name=text_of("group", form.group, "name", locale),
        mode=mode_of(session, round_.id, form.group),
        version=form.version,
        digest=document.digest,
        document=document,
        shown=show(document, locale),
        missing=tuple(missing_words(document, is_strict=bool(form.body))),
        seconds=seconds_of(document),
        uncounted=_uncounted(document, form.group, scheme_of(newest_version(session, round_).body)),
        versions=_versions(form),
        is_stored=bool(form.body),
        may_edit=may_edit(actor, round_),
    )


def may_edit(actor: Actor, round_: Round) -> bool:
    """Whether the actor may change questionnaires of the round now."""
    return may(actor, "questionnaire.edit") and RoundState(round_.state) in ACTS["propose"].sources


def export_file(actor: Actor, round_code: str, code: str) -> str:
    """The questionnaire as one file, to be read by people too. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    form = find_questionnaire(session, find_round(session, round_code), code)
    stored = json.loads(canonical(current_document(session, form)))
    return json.dumps(stored, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _uncounted(document: Document, group: str, scheme: Scheme) -> frozenset[str]:
    counted = asked_by(scheme)
    scored = {code for item in document.items if item.is_scored for code, _ in item.columns()}
    return frozenset(code for code in scored if (group, code) not in counted)


def _versions(form: Questionnaire) -> tuple[VersionLine, ...]:
    query = (
        select(QuestionnaireVersion)
        .options(joinedload(QuestionnaireVersion.account))
        .where(QuestionnaireVersion.questionnaire_id == form.id)
        .order_by(QuestionnaireVersion.number.desc())
    )
    return tuple(
        VersionLine(kept.number, kept.note, kept.account.name, kept.saved_at, kept.digest)
        for kept in db.session.scalars(query)
    )
