"""Flags of a round, made anew from its answers: as a work item, one unit in memory at a time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.models import IN_REVIEW, Comment, Flag, Questionnaire, Response, Round, RoundState, WorkItem
from evalsys.models.response import REPLACED
from evalsys.services import work
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.quality import detection
from evalsys.services.quality.detection import Finding, Sheet
from evalsys.services.quality.rules import BURSTS, COPIES, NETWORK, SPEED, STRAIGHT, Setting, settings_of
from evalsys.services.rounds.states import find_round, subject_of
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of
from scoring.collect import Form
from scoring.collect.forms import code_base
from scoring.scheme import Scheme

BATCH = "quality"
MINUTES_BETWEEN_CHECKS = 5
ROWS_AT_ONCE = 5000
ROWS_A_STATEMENT = 1000
CHECKED = (RoundState.COLLECTING, *IN_REVIEW)
PUBLIC_PROMISE = "anonymous"


def queue_checks(*, now: datetime) -> int:
    """Queue a check of each round in work whose number of responses changed, every five minutes at most."""
    wanted = [found for found in _numbers(db.session()) if _is_news(db.session(), *found)]
    db.session.rollback()
    if not wanted:
        return 0
    slot = now.replace(minute=now.minute - now.minute % MINUTES_BETWEEN_CHECKS)
    with transaction() as session:
        items = [(f"{code}/{slot:%Y%m%d%H%M}", {"round": code, "responses": number}) for code, number in wanted]
        return work.enqueue(session, BATCH, "quality", items, now)


def request_check(actor: Actor, round_code: str, *, now: datetime) -> str:
    """Queue a check at once; returns the batch. Raises Forbidden, NotFound."""
    act = Act(actor, "quality.set", subject_of(round_code), now)
    with audited(act) as session:
        round_ = find_round(session, round_code)
        batch = f"quality-{round_.id}-{now:%Y%m%d%H%M%S}"
        work.enqueue(session, batch, "quality", [(round_code, {"round": round_code})], now)
        act.detail = {"check": batch}
        return batch


def check_item(item: work.Claimed) -> work.Effect:
    """Handler of a work item: look at all answers, then replace the flags in the transaction that settles it."""
    session = db.session()
    round_ = find_round(session, item.payload["round"])
    found, round_id = find_flags(session, round_), round_.id
    session.rollback()
    return lambda writing: replace_flags(writing, round_id, found)


def find_flags(session: Session, round_: Round) -> list[Finding]:
    """What the rules that are on find in the answers of a round."""
    settings = {one.code: one for one in settings_of(session, round_.id) if one.is_on}
    scheme = scheme_of(current_version(session, round_).body)
    found: list[Finding] = []
    for form in session.scalars(select(Questionnaire).where(Questionnaire.round_id == round_.id)).all():
        for sheet in _sheets(session, form, scheme):
            found += find_in_sheet(sheet, settings, is_public=_is_public(scheme, form.group))
    return found


def find_in_sheet(sheet: Sheet, settings: Mapping[str, Setting], *, is_public: bool) -> list[Finding]:
    """Apply the rules; speed, equal strings, bursts and networks tell something of public forms alone.

    Staff answer on days that are not kept, in a handful, and partly know one another's answers.
    """
    of = {code: one.parameters for code, one in settings.items()}
    found: list[Finding] = []
    if STRAIGHT in of:
        found += detection.find_straight_liners(sheet, of[STRAIGHT]["least"], of[STRAIGHT]["long"])
    if COPIES in of:
        found += detection.find_same_words(sheet, of[COPIES]["characters"])
    if not is_public:
        return found
    if SPEED in of:
        found += detection.find_speeders(sheet, of[SPEED]["slowest"])
    if COPIES in of:
        known = {one.response_id for one in found if one.rule == COPIES}
        equal = detection.find_copies(sheet, of[COPIES]["least"], of[COPIES]["rarity"])
        found += [one for one in equal if one.response_id not in known]
    if BURSTS in of:
        found += detection.find_bursts(sheet, of[BURSTS]["least"], of[BURSTS]["rarity"])
    if NETWORK in of:
        found += detection.find_networks(sheet, of[NETWORK]["least"], of[NETWORK]["percent"])
    return found


def replace_flags(session: Session, round_id: int, found: Sequence[Finding]) -> None:
    """Put these flags in the place of the round's former ones, within the caller's transaction."""
    forms = select(Questionnaire.id).where(Questionnaire.round_id == round_id)
    old = select(Response.id).where(Response.questionnaire_id.in_(forms))
    session.execute(delete(Flag).where(Flag.response_id.in_(old)).execution_options(synchronize_session=False))
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    rows = [
        {"response_id": one.response_id, "rule": one.rule, "grade": one.grade, "detail": dict(one.detail)}
        for one in sorted(found, key=lambda one: (one.response_id, one.rule))
    ]
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        # Two checks at the same moment find the same; the second leaves what the first wrote.
        some = rows[start : start + ROWS_A_STATEMENT]
        session.execute(dialect.insert(Flag).on_conflict_do_nothing(), some)


def _numbers(session: Session) -> list[tuple[str, int]]:
    query = (
        select(Round.code, func.count(Response.id))
        .join(Questionnaire, Questionnaire.round_id == Round.id)
        .join(Response, Response.questionnaire_id == Questionnaire.id)
        .where(Round.state.in_(CHECKED))
        .group_by(Round.code)
    )
    return [(code, number) for code, number in session.execute(query)]


def _is_news(session: Session, code: str, number: int) -> bool:
    mine = WorkItem.batch == BATCH, WorkItem.key.startswith(f"{code}/", autoescape=True)
    last = session.scalar(select(WorkItem.payload).where(*mine).order_by(WorkItem.id.desc()).limit(1))
    return last is None or last.get("responses") != number


def _is_public(scheme: Scheme, group: str) -> bool:
    return any(one.code == group and one.promise == PUBLIC_PROMISE for one in scheme.groups)


def _sheets(session: Session, form: Questionnaire, scheme: Scheme) -> Iterator[Sheet]:
    """One sheet a unit; rows come from the database a few thousand at a time."""
    indicators = [question.indicator for question in form.questions]
    if not indicators:
        return
    asked = Form(form.code, form.group, tuple(i.code for i in indicators), tuple(i.points for i in indicators))
    counted = {leaf.code for leaf in scheme.leaves()}
    scored = np.array([code in counted for code in asked.indicators])
    first, last = session.execute(
        select(func.min(Response.day), func.max(Response.day)).where(Response.questionnaire_id == form.id)
    ).one()
    if first is None:
        return
    remark = (Comment.response_id == Response.id) & (Comment.item == "") & Comment.indicator_id.is_(None)
    columns = (Response.stratum, Response.channel, Response.day, Response.pace, Response.network, Response.answers)
    query = (
        select(Response.unit_id, Response.id, *columns, Comment.text)
        .outerjoin(Comment, remark)
        .where(Response.questionnaire_id == form.id, Response.status != REPLACED)
        .order_by(Response.unit_id, Response.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for _unit, rows in groupby(session.execute(query), key=lambda row: row.unit_id):
        yield _sheet(list(rows), asked, scored, (first, last))


def _sheet(rows: Sequence[Any], form: Form, scored: Any, days: tuple[date, date]) -> Sheet:
    once = list({row.id: row for row in rows}.values())
    _units, ids, stratum, channel, day, pace, network, answers, comments = zip(*once, strict=True)
    points = np.array(form.points)
    signs = np.frombuffer("".join(answers).encode("utf-32-le"), "<u4").astype(np.int64)
    codes = signs.reshape(len(once), len(points)) - np.array([code_base(k) for k in form.points])
    return Sheet(
        ids=ids,
        stratum=np.array(stratum),
        channel=np.array(channel),
        day=np.array([one.toordinal() for one in day]),
        pace=np.array(pace),
        network=np.array(network),
        answers=np.array(answers),
        comments=[text or "" for text in comments],
        codes=codes,
        points=points,
        scored=scored,
        first=days[0].toordinal(),
        last=days[1].toordinal(),
    )
