"""Peers and experts: who rates which unit, and their answers as rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from evalsys.services.demo.citizens import Field
from evalsys.services.demo.city import read, unit_codes
from evalsys.services.demo.draws import Integers, Wanted, draw_answers, draw_days, draw_ids, levels_with_sum, new_rng
from evalsys.services.demo.people import EXPERTS, LIAISONS_PER_UNIT
from evalsys.services.demo.plan import MAIN, UnitPlan, plans, seed
from scoring.collect import pack

Row = dict[str, Any]
SEVERITY = {"e07": 12.0, "e11": -9.0}
PANEL_SIZE = 4
NOISE = 4.0
TRADED = 5


@dataclass(frozen=True)
class Task:
    """One rater's task about one unit; `rater` is the local part of the login."""

    rater: str
    unit: str
    panel: str


@dataclass(frozen=True)
class Rated:
    """A task that was done: the row of its answers, and the scores, in the order of the questions."""

    task: Task
    row: Row
    levels: tuple[int, ...]


def peer_tasks() -> list[Task]:
    """Liaisons rate units they work with, never their own; everyone gets about as many."""
    rng = new_rng(seed(), "peers")
    people = [f"peer.{code.lower()}.{number}" for code in unit_codes() for number in range(1, LIAISONS_PER_UNIT + 1)]
    load = dict.fromkeys(people, 0)
    tasks = []
    for plan in plans(MAIN).values():
        traders = [name for name in people if _home(name) == plan.trades_with]
        order = [people[int(place)] for place in rng.permutation(len(people))]
        others = [name for name in order if _home(name) not in (plan.code, plan.trades_with)]
        chosen = traders + sorted(others, key=lambda name: load[name])[: plan.raters - len(traders)]
        for name in chosen:
            load[name] += 1
            tasks.append(Task(name, plan.code, ""))
    return tasks


def expert_tasks() -> list[Task]:
    """Three panels of four; the units of panel "all" are scored by all twelve, which ties the panels together."""
    people = [f"e{number:02}" for number in range(1, EXPERTS + 1)]
    tasks = []
    for plan in plans(MAIN).values():
        for place, name in enumerate(people):
            panel = str(place // PANEL_SIZE + 1)
            if plan.panel in ("all", panel):
                tasks.append(Task(name, plan.code, panel))
    return tasks


def peer_ratings(field: Field, plan: UnitPlan, tasks: list[Task], unit_id: int) -> Iterator[Rated]:
    """The answers of all liaisons who rate the unit; those who trade marks give the highest."""
    rng = new_rng(seed(), field.round_code, "peers", plan.code)
    wanted = Wanted(len(tasks), plan.peer_means, (0.0,) * len(plan.peer_means), exact=plan.exact)
    codes = draw_answers(rng, wanted, np.zeros(len(tasks)))
    for place, task in enumerate(tasks):
        if plan.trades_with and _home(task.rater) == plan.trades_with:
            codes[place] = TRADED
    yield from _rated(field, codes, tasks, (rng, unit_id, 5))


def expert_ratings(field: Field, plan: UnitPlan, tasks: list[Task], unit_id: int) -> Iterator[Rated]:
    """Scores 0-100 of the experts who have no conflict of interest."""
    rng = new_rng(seed(), field.round_code, "experts", plan.code)
    tasks = [task for task in tasks if task.rater != plan.conflict]
    own = np.array([SEVERITY.get(task.rater, 0.0) for task in tasks])
    codes = np.zeros((len(tasks), len(plan.scores)), dtype=np.int64)
    for place, score in enumerate(plan.scores):
        wish = score + own + NOISE * rng.normal(size=len(tasks))
        total = round(score * len(tasks)) if plan.exact else int(np.clip(np.rint(wish), 0, 100).sum())
        codes[:, place] = levels_with_sum(np.clip(wish, 0, 100), total, 0, 100) + 1
    for place, task in enumerate(tasks):
        if task.rater == plan.zero_by:
            codes[place, -1] = 1
    yield from _rated(field, codes, tasks, (rng, unit_id, 101))


def reason_rows(rated: Rated, indicator_ids: list[int]) -> Iterator[Row]:
    """The reasons that a score of 10 or less, or of 91 or more, needs."""
    texts = read("comments")["reasons"]
    for level, indicator_id in zip(rated.levels, indicator_ids, strict=True):
        score = level - 1
        if 10 < score < 91:
            continue
        key = draw_ids(new_rng(seed(), rated.row["id"], str(indicator_id)), 1)[0]
        text = texts["low" if score <= 10 else "high"]
        yield {
            "id": key,
            "response_id": rated.row["id"],
            "indicator_id": indicator_id,
            "text": text,
            "state": "received",
        }


def _rated(
    field: Field, codes: Integers, tasks: list[Task], place: tuple[np.random.Generator, int, int]
) -> Iterator[Rated]:
    rng, unit_id, points = place
    days: list[date] = draw_days(rng, len(tasks), field.first, field.last)
    scale = [points] * codes.shape[1]
    for key, task, day, levels in zip(draw_ids(rng, len(tasks)), tasks, days, codes.tolist(), strict=True):
        row = {
            "id": key,
            "questionnaire_id": field.questionnaire_id,
            "unit_id": unit_id,
            "stratum": "all",
            "channel": "web",
            "day": day,
            "status": 0,
            "answers": pack(levels, scale),
        }
        yield Rated(task, row, tuple(levels))


def _home(liaison: str) -> str:
    return liaison.split(".")[1].upper()
