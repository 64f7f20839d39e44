"""Citizens' answers of one round as rows of the response table, and what some of them wrote."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from evalsys.services.demo.city import read
from evalsys.services.demo.draws import Floats, Integers, Wanted, draw_answers, draw_days, draw_ids, new_rng
from evalsys.services.demo.plan import QUESTIONS, STAFF_MISSING, STRATUM_SHIFT, USUAL_MISSING, Strays, UnitPlan, seed
from scoring.collect import pack

Row = dict[str, Any]
DONT_KNOW, NOT_APPLICABLE = 6, 7
BURST_MEAN = 4.9
STRAYED = "users"


@dataclass(frozen=True)
class Field:
    """One form in the field: its scored questions, and the first and last day of the field work.

    `background` holds the points of optional questions about the rater, which follow the scored ones.
    """

    round_code: str
    group: str
    questionnaire_id: int
    indicators: tuple[str, ...]
    first: date
    last: date
    background: tuple[int, ...] = ()


def citizen_rows(field: Field, plan: UnitPlan, unit_id: int) -> Iterator[Row]:
    """All answers about one unit: the scored strata, then the open channel, then the burst."""
    for stratum, number in plan.citizens.items():
        if number:
            yield from _stratum(field, plan, stratum, _wanted(field, plan, stratum), unit_id)
    if plan.burst:
        wanted = Wanted(plan.burst.number, (BURST_MEAN,) * len(field.indicators), (0.0,) * len(field.indicators))
        night = Field(
            field.round_code, "burst", field.questionnaire_id, field.indicators, plan.burst.day, plan.burst.day
        )
        yield from _stratum(night, plan, "open", wanted, unit_id)


def comment_rows(round_code: str, unit_code: str, responses: Sequence[Row]) -> Iterator[Row]:
    """The unit's comments, each tied to one of its answers by chance."""
    written = [item["text"] for item in read("comments")["comments"] if item["unit"] == unit_code]
    rng = new_rng(seed(), round_code, unit_code, "comments")
    places = rng.permutation(len(responses))[: len(written)]
    for key, place, text in zip(draw_ids(rng, len(places)), places, written, strict=False):
        yield {
            "id": key,
            "response_id": responses[int(place)]["id"],
            "indicator_id": None,
            "text": text,
            "state": "received",
        }


def _wanted(field: Field, plan: UnitPlan, stratum: str) -> Wanted:
    shift = 0.0 if plan.exact and stratum != "open" else STRATUM_SHIFT[stratum]
    by_name = dict(zip(QUESTIONS, plan.means, strict=True))
    missing = dict.fromkeys(QUESTIONS, plan.missing or USUAL_MISSING) | {"staff": plan.missing or STAFF_MISSING}
    return Wanted(
        number=plan.citizens[stratum],
        means=tuple(by_name[code] + shift for code in field.indicators),
        missing=tuple(missing[code] for code in field.indicators),
        exact=plan.exact and stratum != "open",
    )


def _stratum(field: Field, plan: UnitPlan, stratum: str, wanted: Wanted, unit_id: int) -> Iterator[Row]:
    rng = new_rng(seed(), field.round_code, field.group, plan.code, stratum)
    channels = _channels(rng, plan, stratum, wanted.number)
    lift: Floats = np.array([plan.channel_shift.get(channel, 0.0) for channel in channels])
    codes = draw_answers(rng, wanted, lift)
    codes[codes == 0] = DONT_KNOW if plan.missing else NOT_APPLICABLE
    codes = np.hstack([codes, _draw_background(field, plan, stratum, wanted.number)])
    points = [5] * len(field.indicators) + list(field.background)
    days = list(draw_days(rng, wanted.number, field.first, field.last))
    if plan.strays and stratum == STRAYED:
        _lead_astray(plan.strays, codes, channels, days)
    for key, channel, day, answer in zip(draw_ids(rng, wanted.number), channels, days, codes.tolist(), strict=True):
        yield {
            "id": key,
            "questionnaire_id": field.questionnaire_id,
            "unit_id": unit_id,
            "stratum": stratum,
            "channel": channel,
            "day": day,
            "status": 0,
            "answers": pack(answer, points),
        }


def _lead_astray(strays: Strays, codes: Integers, channels: list[str], days: list[date]) -> None:
    """The first answers are those of another counter; no other draw moves."""
    span = (strays.last - strays.first).days + 1
    codes[: strays.number, : len(QUESTIONS)] = 1
    for place in range(strays.number):
        channels[place] = strays.channel
        days[place] = strays.first + timedelta(days=place % span)


def _draw_background(field: Field, plan: UnitPlan, stratum: str, number: int) -> Integers:
    """Levels of the optional questions, 0 where nothing was said; drawn apart, so that no other draw moves."""
    rng = new_rng(seed(), field.round_code, "background", plan.code, stratum)
    return rng.integers(0, np.array(field.background, dtype=np.int64) + 1, size=(number, len(field.background)))


def _channels(rng: np.random.Generator, plan: UnitPlan, stratum: str, number: int) -> list[str]:
    if stratum == "open":
        return ["web"] * number
    names, shares = list(plan.channels), np.array(list(plan.channels.values()), dtype=float)
    return [names[int(place)] for place in rng.choice(len(names), size=number, p=shares / shares.sum())]
