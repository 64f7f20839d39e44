"""What an analyst sees of a round's groups and their questionnaires."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import Questionnaire, Round
from evalsys.services.access import Actor, require
from evalsys.services.content import Text, text_of
from evalsys.services.groups.adding import is_added
from evalsys.services.groups.options import GroupOptions, find_group, options_of
from evalsys.services.questionnaires.lint import missing_words, seconds_of
from evalsys.services.questionnaires.pages import may_edit
from evalsys.services.questionnaires.storing import current_document
from evalsys.services.rounds.states import find_round
from evalsys.services.versions import approved_version, newest_version
from evalsys.services.weights import Labels, group_weights, percent, scheme_of
from scoring.scheme import Group, Scheme


@dataclass(frozen=True)
class FormLine:
    """A questionnaire in short; `unit` is set where it is for one office alone."""

    code: str
    unit: Text | None
    version: int
    questions: int
    missing: int
    seconds: int


@dataclass(frozen=True)
class GroupLine:
    """One group: how it is asked, what it counts in the newest weights, and whether these are in force."""

    code: str
    name: Text
    promise: str
    minimum: tuple[int, int, int]
    strata: tuple[tuple[str, Text, Decimal], ...]
    options: GroupOptions
    weight: Decimal
    is_in_force: bool
    is_added: bool
    forms: tuple[FormLine, ...]


@dataclass(frozen=True)
class GroupsPage:
    """All groups of a round, and whether this actor may change them now."""

    round_code: str
    round_name: Text
    groups: tuple[GroupLine, ...]
    may_edit: bool

    @property
    def forms(self) -> tuple[tuple[str, Text], ...]:
        """Questionnaires that can be copied: their codes, and the names of their groups."""
        return tuple((form.code, group.name) for group in self.groups for form in group.forms if form.questions)


def groups_page(actor: Actor, round_code: str, locale: str) -> GroupsPage:
    """The groups of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    scheme = scheme_of(newest_version(session, round_).body)
    groups = tuple(_line(session, round_, scheme, group, locale) for group in scheme.groups)
    name = text_of("round", round_.code, "name", locale)
    return GroupsPage(round_.code, name, groups, may_edit(actor, round_))


def group_page(actor: Actor, round_code: str, group: str, locale: str) -> tuple[GroupsPage, GroupLine]:
    """One group of a round, with the page it belongs to. Raises Forbidden, NotFound."""
    page = groups_page(actor, round_code, locale)
    find_group(db.session(), find_round(db.session(), round_code), group)
    return page, next(line for line in page.groups if line.code == group)


def _line(session: Session, round_: Round, scheme: Scheme, group: Group, locale: str) -> GroupLine:
    labels = Labels(locale)
    approved = approved_version(session, round_.id)
    known = scheme_of(approved.body).groups if approved else ()
    return GroupLine(
        code=group.code,
        name=labels.of("group", group.code),
        promise=group.promise,
        minimum=group.minimum,
        strata=tuple((part.code, labels.of("stratum", part.code), percent(part.weight)) for part in group.strata),
        options=options_of(session, round_, group.code),
        weight=group_weights(scheme)[group.code],
        is_in_force=any(one.code == group.code for one in known),
        is_added=is_added(scheme, group.code),
        forms=tuple(_form(session, form, locale) for form in _forms(session, round_, group.code)),
    )


def _forms(session: Session, round_: Round, group: str) -> list[Questionnaire]:
    query = select(Questionnaire).where(Questionnaire.round_id == round_.id, Questionnaire.group == group)
    return list(session.scalars(query.order_by(Questionnaire.id)))


def _form(session: Session, form: Questionnaire, locale: str) -> FormLine:
    document = current_document(session, form)
    return FormLine(
        code=form.code,
        unit=text_of("unit", form.unit.code, "name", locale) if form.unit else None,
        version=form.version,
        questions=len(document.items),
        missing=len(missing_words(document, is_strict=bool(form.body))),
        seconds=seconds_of(document),
    )
