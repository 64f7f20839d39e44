"""Adding a group to a round, and proposing what it counts; a board member decides, as on all weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.models import Questionnaire, Round, Translation
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import NewText, Text, add_texts, in_languages
from evalsys.services.groups.options import ALL, OPEN, PUBLIC, GroupOptions, check_options, find_group, put_options
from evalsys.services.groups.shares import Part, node_code, with_group
from evalsys.services.questionnaires.document import Document, Item
from evalsys.services.questionnaires.editing import BEFORE_OPENING
from evalsys.services.questionnaires.storing import current_document, find_questionnaire, keep_document
from evalsys.services.rounds.states import find_round, take_round
from evalsys.services.versions import add_version, newest_version
from evalsys.services.weights import Labels, group_weights, leaf_weights, scheme_of
from scoring.scheme import Scheme


@dataclass(frozen=True)
class NewStratum:
    """A part of a group with its share of the group in percent."""

    code: str
    names: Mapping[str, str]
    weight: Decimal


@dataclass(frozen=True)
class NewGroup:
    """What is asked of a new group; `source` is the code of a questionnaire to copy, or "" for an empty one.

    `weight` is what it counts in the whole score, in percent, and `reason` why.
    """

    code: str
    names: Mapping[str, str]
    promise: str
    minimum: tuple[int, int, int]
    strata: tuple[NewStratum, ...]
    options: GroupOptions
    source: str
    weight: Decimal
    reason: str


@dataclass(frozen=True)
class ShareLine:
    """What a group counts in the whole score before and after, in percent; a new one has no before."""

    name: Text
    before: Decimal | None
    after: Decimal


def preview_group(actor: Actor, round_code: str, new: NewGroup, locale: str) -> tuple[ShareLine, ...]:
    """What every group would count; stores nothing. Raises Forbidden, NotFound, Conflict, Invalid."""
    require(actor, "group.edit")
    session = db.session()
    round_ = find_round(session, round_code)
    before = scheme_of(newest_version(session, round_).body)
    _refuse_known(session, round_, before, new)
    after = _scheme_with(session, round_, before, new)
    return _lines(before, after, {new.code: new.names}, locale)


def add_group(actor: Actor, round_code: str, new: NewGroup, *, now: datetime) -> int:
    """Add a group with its questionnaire and propose the weights with it in; returns the proposal's number.

    Raises Forbidden, NotFound; Conflict once the round is open or when the code is taken; Invalid.
    """
    act = Act(actor, "group.edit", f"group:{round_code}/{new.code}"[:100], now, reason=new.reason)
    with audited(act) as session:
        round_ = take_round(session, round_code, BEFORE_OPENING)
        basis = scheme_of(newest_version(session, round_).body)
        _refuse_known(session, round_, basis, new)
        scheme = _scheme_with(session, round_, basis, new)
        check_options(new.options, new.promise, [part["code"] for part in _strata(new)])
        add_texts(session, _texts(new))
        put_options(session, round_, new.code, new.options)
        _add_questionnaire(session, round_, new, act)
        version = add_version(session, round_, scheme, act)
        act.detail = {"added": new.code, "weight": str(new.weight), "version": version.number, "scheme": version.digest}
        return version.number


def propose_weight(actor: Actor, round_code: str, group: str, wanted: tuple[Decimal, str], *, now: datetime) -> int:
    """Propose what an added group counts, by the questions it has now; `wanted` is the percentage and the reason.

    Returns the proposal's number. Raises as `add_group`.
    """
    weight, reason = wanted
    act = Act(actor, "group.edit", f"group:{round_code}/{group}"[:100], now, reason=reason)
    with audited(act) as session:
        round_ = take_round(session, round_code, BEFORE_OPENING)
        basis = newest_version(session, round_)
        scheme = _scheme_for(session, round_, scheme_of(basis.body), group, weight)
        if scheme.digest == basis.digest:
            raise Invalid("These weights are proposed, or in force, already.")
        version = add_version(session, round_, scheme, act)
        act.detail = {"weight": str(weight), "version": version.number, "scheme": version.digest}
        return version.number


def preview_weight(actor: Actor, round_code: str, group: str, weight: Decimal, locale: str) -> tuple[ShareLine, ...]:
    """What every group would count with another weight of this one; stores nothing. Raises as `preview_group`."""
    require(actor, "group.edit")
    session = db.session()
    round_ = find_round(session, round_code)
    before = scheme_of(newest_version(session, round_).body)
    return _lines(before, _scheme_for(session, round_, before, group, weight), {}, locale)


def is_added(scheme: Scheme, group: str) -> bool:
    """Whether a group's weight can be set here: its own branch is all that it judges, or it judges nothing yet."""
    asked = [leaf.code for leaf in scheme.leaves() if dict(leaf.shares).get(group)]
    branch = next((node for node in scheme.tree.children if node.code == node_code(group)), None)
    return set(asked) == ({leaf.code for leaf in branch.children} if branch else set())


def _scheme_for(session: Session, round_: Round, basis: Scheme, group: str, weight: Decimal) -> Scheme:
    find_group(session, round_, group)
    if not is_added(basis, group):
        raise Invalid("This group came with the scheme. Change what it counts on the page of weights.")
    mapping = next(one for one in basis.to_mapping()["groups"] if one["code"] == group)
    forms = select(Questionnaire).where(Questionnaire.round_id == round_.id, Questionnaire.group == group)
    documents = [current_document(session, form) for form in session.scalars(forms.order_by(Questionnaire.id)).all()]
    branch = next((node for node in basis.tree.children if node.code == node_code(group)), None)
    former = {leaf.code: leaf.weight for leaf in branch.children} if branch else {}
    return with_group(basis, mapping, Fraction(weight), _parts(documents, former))


def _scheme_with(session: Session, round_: Round, basis: Scheme, new: NewGroup) -> Scheme:
    mapping: dict[str, Any] = {
        "code": new.code,
        "promise": new.promise,
        "minimum": list(new.minimum),
        "strata": _strata(new),
    }
    if not new.source:
        return with_group(basis, mapping, Fraction(new.weight), ())
    source = find_questionnaire(session, round_, new.source)
    shares = {_renamed(new.code, leaf.code): weight for leaf, weight in leaf_weights(basis)}
    copied = renamed_document(current_document(session, source), new.code, new.promise)
    return with_group(basis, mapping, Fraction(new.weight), _parts([copied], shares))


def _parts(documents: Iterable[Document], shares: Mapping[str, Fraction]) -> list[Part]:
    """Every scored question once; those without a share yet count as much as the others do on average."""
    asked = {
        code: points for one in documents for item in one.items if item.is_scored for code, points in item.columns()
    }
    known = [shares[code] for code in asked if shares.get(code)]
    usual = sum(known, Fraction(0)) / len(known) if known else Fraction(1)
    return [Part(code, points, shares.get(code) or usual) for code, points in asked.items()]


def renamed_document(document: Document, group: str, promise: str) -> Document:
    """A copy for another group: it asks the same under indicators of its own, so that results stay apart."""
    sections = tuple(
        replace(section, items=tuple(_renamed_item(item, group) for item in section.items))
        for section in document.sections
    )
    return replace(document, sections=sections, promise=promise)


def _renamed_item(item: Item, group: str) -> Item:
    ticks = tuple(replace(tick, code=_renamed(group, tick.code)) for tick in item.ticks)
    about = _renamed(group, item.about) if item.about else ""
    return replace(item, code=_renamed(group, item.code), ticks=ticks, about=about)


def _renamed(group: str, code: str) -> str:
    return f"{group}_{code}"


def _add_questionnaire(session: Session, round_: Round, new: NewGroup, act: Act) -> None:
    document = Document(promise=new.promise)
    if new.source:
        source = find_questionnaire(session, round_, new.source)
        document = renamed_document(current_document(session, source), new.code, new.promise)
    form = Questionnaire(round=round_, code=new.code, group=new.code)
    session.add(form)
    session.flush()
    keep_document(session, form, document, act, f"= {new.source}" if new.source else "")


def _refuse_known(session: Session, round_: Round, scheme: Scheme, new: NewGroup) -> None:
    used = session.scalar(
        select(Questionnaire.id).where(Questionnaire.round_id == round_.id, Questionnaire.code == new.code)
    )
    if used is not None or any(group.code == new.code for group in scheme.groups):
        raise Conflict("The round has a group, or a questionnaire, with this code already. Choose another code.")
    for text in _texts(new):
        known = session.scalar(
            select(Translation.text).where(
                Translation.entity == text.entity,
                Translation.entity_key == text.key,
                Translation.field == text.field,
                Translation.locale == text.locale,
            )
        )
        if known is not None and known != text.text:
            raise Conflict(
                "“%(code)s” is known as “%(name)s” from other rounds. Use that name, or choose another code.",
                {"code": text.key, "name": known},
            )


def _strata(new: NewGroup) -> list[dict[str, Any]]:
    """As schemes hold them; the open channel gets its part, which counts nothing, by itself."""
    if new.options.mode != PUBLIC:
        return [{"code": ALL, "weight": 100}]
    parts: list[dict[str, Any]] = [{"code": part.code, "weight": f"{part.weight.normalize():f}"} for part in new.strata]
    has_open = any(part["code"] == OPEN for part in parts)
    return [*parts, {"code": OPEN, "weight": 0}] if new.options.has_open_channel and not has_open else parts


def _texts(new: NewGroup) -> list[NewText]:
    parts = new.strata if new.options.mode == PUBLIC else ()
    named = [("group", new.code, new.names), ("dimension", node_code(new.code), new.names)]
    named += [("stratum", part.code, part.names) for part in parts]
    return [text for entity, code, names in named for text in in_languages(entity, code, "name", names)]


def _lines(before: Scheme, after: Scheme, names: Mapping[str, Mapping[str, str]], locale: str) -> tuple[ShareLine, ...]:
    labels, former = Labels(locale), group_weights(before)
    return tuple(
        ShareLine(
            Text(names[code][locale], locale) if code in names else labels.of("group", code), former.get(code), weight
        )
        for code, weight in group_weights(after).items()
    )
