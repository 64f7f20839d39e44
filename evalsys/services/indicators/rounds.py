"""Which version of every indicator a round uses, or would use if it opened now."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from evalsys.db import db
from evalsys.models import BEFORE_OPENING, Indicator, Questionnaire, Round, RoundState
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.indicators.entries import NAME, QUESTION, Entry, Lack, parse, read_entries
from evalsys.services.indicators.freezing import frozen_versions
from evalsys.services.indicators.pages import name_of
from evalsys.services.indicators.versions import newest_versions
from evalsys.services.questionnaires.document import SCALE, Item
from evalsys.services.questionnaires.storing import current_document
from evalsys.services.rounds.states import find_round
from evalsys.services.versions import current_version
from evalsys.services.weights import asked_by, scheme_of


@dataclass(frozen=True)
class RoundIndicatorLine:
    """An indicator that the round counts: `number` is its version there (0: none yet), `newest` the newest one.

    `worded` are the questionnaires of the round that ask in other words than the dictionary's.
    """

    code: str
    name: Text
    points: int
    number: int
    newest: int
    lacks: tuple[Lack, ...]
    worded: tuple[str, ...]


@dataclass(frozen=True)
class RoundIndicatorsPage:
    """The indicators of a round. `is_fixed` once it has opened; `was_kept` is False for rounds older than versions."""

    round_code: str
    round_name: Text
    state: RoundState
    is_fixed: bool
    was_kept: bool
    lines: tuple[RoundIndicatorLine, ...]
    may_edit: bool


def round_indicators_page(actor: Actor, round_code: str, locale: str) -> RoundIndicatorsPage:
    """The indicators that a round's weights count. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    codes = {code for _group, code in asked_by(scheme_of(current_version(session, round_).body))}
    counted = session.scalars(select(Indicator).where(Indicator.code.in_(codes)).order_by(Indicator.code)).all()
    entries, frozen = read_entries(session, counted), frozen_versions(session, round_.id)
    newest = newest_versions(session, [one.id for one in counted])
    entries |= {code: parse(one.body) for code, one in frozen.items() if code in entries}
    worded = _worded_apart(session, round_, entries)
    is_fixed = round_.state not in BEFORE_OPENING
    return RoundIndicatorsPage(
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        state=RoundState(round_.state),
        is_fixed=is_fixed,
        was_kept=bool(frozen),
        lines=tuple(
            RoundIndicatorLine(
                code=one.code,
                name=name_of(entries[one.code], locale),
                points=one.points,
                number=frozen[one.code].number if one.code in frozen else 0,
                newest=newest[one.id].number if one.id in newest else 0,
                lacks=entries[one.code].lacks(),
                worded=worded.get(one.code, ()),
            )
            for one in counted
        ),
        may_edit=may(actor, "indicator.edit") and not is_fixed,
    )


def _worded_apart(session: Session, round_: Round, entries: dict[str, Entry]) -> dict[str, tuple[str, ...]]:
    """The codes of questionnaires that ask about an indicator in words of their own, by the indicator's code."""
    forms = select(Questionnaire).where(Questionnaire.round_id == round_.id, Questionnaire.body != "")
    found: dict[str, tuple[str, ...]] = {}
    for form in session.scalars(forms.options(selectinload(Questionnaire.questions)).order_by(Questionnaire.code)):
        for code in _apart(current_document(session, form).items, entries):
            found[code] = (*found.get(code, ()), form.code)
    return found


def _apart(items: Iterable[Item], entries: dict[str, Entry]) -> list[str]:
    asked = [item for item in items if item.kind == SCALE and item.code in entries]
    return [item.code for item in asked if not _says_the_same(item, entries[item.code])]


def _says_the_same(item: Item, entry: Entry) -> bool:
    anchors = {anchor.at: dict(anchor.words) for anchor in item.anchors}
    said = {start: dict(entry.said(f"{content.ANCHOR}{start}")) for start in entry.starts}
    return anchors == said and dict(item.text) == dict(entry.said(QUESTION) or entry.said(NAME))
