"""What the oversight body sees of a planned publication: when it comes, how far it is, and what keeps it back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import PreparedScorecard, Release, Round, RoundState
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.publication.gate import published_run
from evalsys.services.publication.planned import release_of
from evalsys.services.publication.problems import Problem
from evalsys.services.publication.releasing import failed_prints
from evalsys.services.rounds.states import ACTS, CORRECTABLE, find_round
from evalsys.services.runs import latest_run
from evalsys.services.zone import body_zone


@dataclass(frozen=True)
class PlanLine:
    """A plan: the day and the time that the body's clocks show then, and how many of its PDFs are made."""

    day: date
    clock: str
    run_id: int
    run_number: int
    planned_by: str
    planned_at: datetime
    printed: int
    cards: int
    held_at: datetime | None
    problems: tuple[Problem, ...]

    @property
    def is_printed(self) -> bool:
        """Whether every PDF is made."""
        return self.printed == self.cards


@dataclass(frozen=True)
class ReleasePage:
    """The plan of a round, if there is one, and what this actor may do about it."""

    round_code: str
    round_name: Text
    state: RoundState
    zone: str
    is_correction: bool
    plan: PlanLine | None
    may_plan: bool
    may_call_off: bool


def release_page(actor: Actor, code: str, locale: str) -> ReleasePage:
    """The plan of the round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, code)
    release = release_of(session, round_)
    return ReleasePage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        state=RoundState(round_.state),
        zone=body_zone().key,
        is_correction=round_.state in CORRECTABLE,
        plan=_line(session, release) if release else None,
        may_plan=may_act(actor, round_, "plan") and (release is not None or has_news(session, round_)),
        may_call_off=release is not None and may_act(actor, round_, "call_off"),
    )


def may_act(actor: Actor, round_: Round, act: str) -> bool:
    """Whether the actor may do this now, as far as role and state go."""
    return round_.state in ACTS[act].sources and round_.suspended_at is None and may(actor, ACTS[act].right)


def has_news(session: Session, round_: Round) -> bool:
    """Whether there is a run that is not public yet."""
    newest, public = latest_run(session, round_), published_run(session, round_)
    return newest is not None and (public is None or public.id != newest.id)


def _line(session: Session, release: Release) -> PlanLine:
    shown = release.at.astimezone(body_zone())
    own = PreparedScorecard.release_id == release.id
    is_made = case((PreparedScorecard.pdf_name != "", 1))
    cards, printed = session.execute(select(func.count(), func.count(is_made)).where(own)).one()
    return PlanLine(
        day=shown.date(),
        clock=f"{shown:%H:%M}",
        run_id=release.run.id,
        run_number=release.run.number,
        planned_by=release.account.name,
        planned_at=release.created_at,
        printed=printed,
        cards=cards,
        held_at=release.held_at,
        problems=_problems(release),
    )


def _problems(release: Release) -> tuple[Problem, ...]:
    """What keeps it back; before its moment, what would: PDFs that could not be made."""
    if release.held_at is not None:
        return tuple((text, values) for text, values in release.problems)
    return tuple(failed_prints(release).values())
