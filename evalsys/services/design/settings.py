"""What a round is called, when it is, and what the decisions of its board need."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.i18n import LOCALES
from evalsys.models import Account, Round, RoundState, SchemeVersion, SchemeVote, Translation
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text, add_texts, in_languages, text_of
from evalsys.services.rounds.states import ACTS, find_round, subject_of, take_round
from evalsys.services.tally import sits_now

MAJORITIES = ("half", "two_thirds", "all")
MOST_REPLY_DAYS = 120


@dataclass(frozen=True)
class Settings:
    """`titles` maps locale to name; `reply_days` are working days."""

    titles: Mapping[str, str]
    period_start: date
    period_end: date
    reply_days: int


@dataclass(frozen=True)
class BoardRule:
    """`quorum` votes make a decision, and this majority ("half", "two_thirds", "all") carries it."""

    quorum: int
    majority: str


@dataclass(frozen=True)
class RoundHead:
    """Which round a page of its design is about, and whether this actor may change it now."""

    code: str
    name: Text
    state: RoundState
    is_pilot: bool
    may_edit: bool


@dataclass(frozen=True)
class SettingsPage:
    """The settings as they are; `board` is the number of people who could vote, `may_rule` on changing its rule."""

    head: RoundHead
    settings: Settings
    rule: BoardRule
    board: int
    may_rule: bool


def set_settings(actor: Actor, code: str, wanted: Settings, *, now: datetime) -> None:
    """Change the settings of a round before it opens. Raises Forbidden, NotFound, Conflict, Invalid."""
    act = Act(actor, "round.design", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "design")
        _check(wanted)
        before = _settings(session, round_)
        round_.period_start, round_.period_end = wanted.period_start, wanted.period_end
        round_.reply_days = wanted.reply_days
        _put_titles(session, round_.code, wanted.titles)
        act.detail = {"before": _words(before), "after": _words(wanted)}


def set_board_rule(actor: Actor, code: str, wanted: BoardRule, *, now: datetime) -> None:
    """Change what decisions of the board need, before it has decided or begun to vote on the weights.

    Raises Forbidden, NotFound; Conflict once weights are approved or a proposal has votes; Invalid.
    """
    act = Act(actor, "board.rules", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "govern")
        board = board_size(session)
        if not 1 <= wanted.quorum <= max(board, 1):
            raise Invalid(
                "The board has %(board)s members who can vote. The quorum cannot be larger.", {"board": board}
            )
        if wanted.majority not in MAJORITIES:
            raise Invalid("These settings cannot be used.")
        if _is_voting(session, round_):
            raise Conflict("The board is voting on weights. Its rule stays as it is until that is decided.")
        before = _rule(round_)
        round_.quorum, round_.majority = wanted.quorum, wanted.majority
        act.detail = {"before": asdict(before), "after": asdict(wanted)}


def settings_page(actor: Actor, code: str, locale: str) -> SettingsPage:
    """The settings of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, code)
    rule = ACTS["govern"]
    is_time = round_.state in rule.sources and round_.suspended_at is None and not _is_voting(session, round_)
    return SettingsPage(
        head=head_of(actor, round_, locale),
        settings=_settings(session, round_),
        rule=_rule(round_),
        board=board_size(session),
        may_rule=is_time and may(actor, rule.right),
    )


def head_of(actor: Actor, round_: Round, locale: str) -> RoundHead:
    """What every page of a round's design begins with."""
    is_open = round_.state in ACTS["design"].sources and round_.suspended_at is None
    return RoundHead(
        code=round_.code,
        name=text_of("round", round_.code, "name", locale),
        state=RoundState(round_.state),
        is_pilot=round_.is_pilot,
        may_edit=is_open and may(actor, ACTS["design"].right),
    )


def board_size(session: Session) -> int:
    """How many people can vote."""
    return session.scalar(select(func.count()).select_from(Account).where(sits_now())) or 0


def titles_of(session: Session, code: str) -> dict[str, str]:
    """The titles of a round by locale."""
    named = Translation.entity == "round", Translation.entity_key == code, Translation.field == "name"
    return dict(session.execute(select(Translation.locale, Translation.text).where(*named)).all())


def _settings(session: Session, round_: Round) -> Settings:
    return Settings(
        titles=titles_of(session, round_.code),
        period_start=round_.period_start,
        period_end=round_.period_end,
        reply_days=round_.reply_days,
    )


def _rule(round_: Round) -> BoardRule:
    return BoardRule(round_.quorum, round_.majority)


def _is_voting(session: Session, round_: Round) -> bool:
    open_ = SchemeVersion.round_id == round_.id, SchemeVersion.state == "proposed"
    return session.scalar(select(exists().where(SchemeVote.version_id == SchemeVersion.id, *open_))) or False


def _check(wanted: Settings) -> None:
    if wanted.period_end < wanted.period_start:
        raise Invalid("The last day is before the first day. Choose a later last day.")
    if not 1 <= wanted.reply_days <= MOST_REPLY_DAYS:
        raise Invalid("These settings cannot be used.")
    if not all(wanted.titles.get(locale, "").strip() for locale in LOCALES):
        raise Invalid("Enter the title in every language.")


def _put_titles(session: Session, code: str, titles: Mapping[str, str]) -> None:
    named = Translation.entity == "round", Translation.entity_key == code, Translation.field == "name"
    session.execute(delete(Translation).where(*named).execution_options(synchronize_session="fetch"))
    add_texts(session, in_languages("round", code, "name", titles))


def _words(settings: Settings) -> dict[str, object]:
    period = [settings.period_start.isoformat(), settings.period_end.isoformat()]
    return {"titles": dict(settings.titles), "period": period, "reply_days": settings.reply_days}
