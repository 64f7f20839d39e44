"""Taking a round through its states with the real use cases, each at the date that the data file gives."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from evalsys.db import db, transaction
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.models import Questionnaire, Response, Round, RoundState, RuleDocument
from evalsys.services import cells, replies, runs
from evalsys.services.access import Actor
from evalsys.services.demo.city import read
from evalsys.services.demo.collecting import check_round, collecting_steps
from evalsys.services.demo.field import add_answers, add_tasks
from evalsys.services.demo.findings import add_findings
from evalsys.services.demo.people import find_actor
from evalsys.services.demo.preparing import preparing_steps
from evalsys.services.demo.promising import promising_steps, reporting_steps
from evalsys.services.demo.replying import replying_steps
from evalsys.services.demo.steps import Step, is_there
from evalsys.services.design import rulebook
from evalsys.services.rounds import NewRound, close_round, create_round, find_round, move_round, open_round
from evalsys.services.schemes import Decision, decide_proposal
from evalsys.services.versions import newest_version

ORDER = ("created", "decided", "opened", "closed", "checked", "scored", "shared", "adopted", "published")


def round_steps(code: str, now: datetime) -> Iterator[Step]:
    """The acts that are left to do on a round, in order; each looks at the state when its turn comes.

    No act is dated after `now`, whatever the data file says.
    """
    facts = dict(read("rounds")[code])
    facts |= {act: min(facts[act], now) for act in ORDER if act in facts}
    last = RoundState(facts["until"])
    while (state := _state(code)) != last:
        if state == RoundState.RIGHT_OF_REPLY:
            yield from replying_steps(code, now)
            yield from promising_steps(code, now)
        yield from _next_steps(code, state, facts, now)
    yield from reporting_steps(code, now)
    if last == RoundState.COLLECTING:
        if not _has_answers(code):
            yield Step(f"round {code}: first answers", lambda: _collect(code, now.date()))
        yield from collecting_steps(code, now)


def _next_steps(code: str, state: RoundState | None, facts: dict[str, Any], now: datetime) -> Iterator[Step]:
    """What takes a round from one state to the next."""
    if state is None:
        yield Step(f"round {code}: create", lambda: _create(code, facts))
    elif state == RoundState.DRAFT:
        if not _has_rules(code):
            yield Step(f"round {code}: rule document", lambda: _attach_rules(code, facts["created"]))
        yield from preparing_steps(code, facts["created"])
        yield Step(f"round {code}: weights", lambda: _approve(code, facts))
    elif state == RoundState.APPROVED:
        yield Step(f"round {code}: open", lambda: open_round(_analyst(), code, now=facts["opened"]))
    elif state == RoundState.COLLECTING:
        yield Step(f"round {code}: answers", lambda: _collect(code, now.date()))
        yield Step(f"round {code}: close", lambda: close_round(_analyst(), code, now=facts["closed"]))
    else:
        yield from _steps_to_results(code, state, facts)


def _steps_to_results(code: str, state: RoundState, facts: dict[str, Any]) -> Iterator[Step]:
    """What takes a round that is closed from one state to the next."""
    if state == RoundState.CLOSED:
        if "checked" in facts:
            yield Step(f"round {code}: quality check", lambda: check_round(code, now=facts["checked"]))
        yield Step(f"round {code}: quality control", lambda: move_round(_analyst(), code, "check", now=facts["scored"]))
    elif state == RoundState.QUALITY_CONTROL:
        if "findings" in facts:
            yield Step(f"round {code}: findings", lambda: add_findings(code, facts["findings"], now=facts["scored"]))
        yield Step(f"round {code}: score", lambda: runs.score_round(_analyst(), code, now=facts["scored"]))
    elif state == RoundState.DRAFT_RESULTS:
        yield Step(f"round {code}: share", lambda: replies.share_results(_analyst(), code, now=facts["shared"]))
    elif state == RoundState.RIGHT_OF_REPLY:
        yield Step(f"round {code}: adopt", lambda: replies.adopt_results(_board("board1"), code, now=facts["adopted"]))
    else:
        yield Step(f"round {code}: publish", lambda: runs.publish_round(_board("board2"), code, now=facts["published"]))


def _create(code: str, facts: dict[str, Any]) -> None:
    new = NewRound(
        code=code,
        source=facts["source"],
        period_start=date(int(code), 1, 1),
        period_end=date(int(code), 12, 31),
        titles=read("units")["rounds"][code],
    )
    create_round(_analyst(), new, now=facts["created"])


def _approve(code: str, facts: dict[str, Any]) -> None:
    """Tasks and the link to the former round come first: once weights are approved the round may be opened."""
    with transaction() as session:
        if facts["source"].startswith("preset:"):
            add_tasks(session, find_round(session, code))
        if "former" in facts:
            former = find_round(session, facts["former"])
            session.execute(update(Round).where(Round.code == code).values(previous_id=former.id))
        number = newest_version(session, find_round(session, code)).number
    why = facts["decision"]
    decision = Decision(code, number, is_approved=True, reason=why, public_reason=why, public_locale=DEFAULT_LOCALE)
    decide_proposal(_board("board1"), decision, now=facts["decided"])


def _has_rules(code: str) -> bool:
    """A round made from a former one has its rule document already."""
    in_force = select(RuleDocument.id).join(Round, Round.id == RuleDocument.round_id)
    return is_there(in_force.where(Round.code == code, RuleDocument.replaced_at.is_(None)))


def _attach_rules(code: str, now: datetime) -> None:
    facts = read("rules")
    upload = rulebook.Upload(facts["title"], facts["name"], facts["text"].encode())
    rulebook.attach_rules(_analyst(), code, upload, now=now)


def _collect(code: str, today: date) -> None:
    if not _has_answers(code):
        with transaction() as session:
            add_answers(session, find_round(session, code), today)
    cells.recount()


def _has_answers(code: str) -> bool:
    query = select(Response.id).join(Questionnaire).join(Round).where(Round.code == code)
    found = db.session.scalar(query.limit(1)) is not None
    db.session.rollback()
    return found


def _state(code: str) -> RoundState | None:
    found = db.session.scalar(select(Round.state).where(Round.code == code))
    db.session.rollback()
    return RoundState(found) if found else None


def _analyst() -> Actor:
    return find_actor(db.session(), "analyst")


def _board(name: str) -> Actor:
    return find_actor(db.session(), name)
