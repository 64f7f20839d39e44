"""What the answers about each unit look like in each round, as the data file says."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from evalsys.services.demo.city import read

QUESTIONS = ("satisfaction", "trust", "effectiveness", "ease", "speed", "transparency", "staff")
STRATA = ("users", "residents", "supervisors")
STRATUM_SHIFT = {"users": 0.0, "residents": -0.15, "supervisors": -0.1, "open": -0.2}
CHANNELS = {"web": 50, "qr": 25, "phone": 10, "assisted": 5, "paper": 10}
USUAL_MISSING = 0.02
STAFF_MISSING = 0.05
MAIN = "2025"


@dataclass(frozen=True)
class Burst:
    """Answers of the open channel that came in one night."""

    number: int
    day: date


@dataclass(frozen=True)
class Strays:
    """Answers that speak of another office: all at the lowest level, in one channel, from one day to another."""

    number: int
    channel: str
    first: date
    last: date


@dataclass(frozen=True)
class UnitPlan:
    """The answers wanted about one unit in one round. Means are on a five-point scale, expert scores on 0-100."""

    code: str
    exact: bool
    citizens: dict[str, int]
    means: tuple[float, ...]
    missing: float
    channels: dict[str, int]
    channel_shift: dict[str, float]
    burst: Burst | None
    strays: Strays | None
    raters: int
    peer_means: tuple[float, ...]
    trades_with: str
    panel: str
    scores: tuple[float, ...]
    zero_by: str
    conflict: str


@cache
def plans(round_code: str) -> dict[str, UnitPlan]:
    """The plan of every unit for a round, by code."""
    body = read("answers")
    return {code: _plan(code, facts, round_code, body["rounds"][round_code]) for code, facts in body["units"].items()}


def seed() -> int:
    """The one seed of the whole city."""
    return int(read("answers")["seed"])


def _plan(code: str, facts: dict[str, Any], round_code: str, setting: dict[str, float]) -> UnitPlan:
    is_main = round_code == MAIN
    shift = setting["shift"] + (facts.get("former_shift", 0.0) if round_code < MAIN else 0.0)
    return UnitPlan(
        code=code,
        exact=bool(facts.get("exact")) and is_main,
        citizens=_numbers(facts, setting["thin"]),
        means=tuple(round(mean + shift, 3) for mean in facts["means"]),
        missing=facts.get("missing", 0.0),
        channels=facts.get("channels", CHANNELS),
        channel_shift=facts.get("channel_shift", {}),
        burst=_burst(facts["burst"], round_code) if is_main and "burst" in facts else None,
        strays=Strays(**facts["strays"]) if is_main and "strays" in facts else None,
        raters=facts["peers"]["raters"],
        peer_means=tuple(round(mean + shift, 3) for mean in facts["peers"]["means"]),
        trades_with=facts["peers"].get("trades_with", ""),
        panel=facts["experts"]["panel"],
        scores=tuple(score + 20 * shift for score in facts["experts"]["scores"]),
        zero_by=facts.get("zero_by", "") if is_main else "",
        conflict=facts.get("conflict", ""),
    )


def _numbers(facts: dict[str, Any], thin: float) -> dict[str, int]:
    numbers = dict(zip((*STRATA, "open"), (*facts["citizens"], facts["open"]), strict=True))
    return {stratum: round(number * thin) for stratum, number in numbers.items()}


def _burst(facts: dict[str, Any], round_code: str) -> Burst:
    return Burst(facts["number"], date.fromisoformat(f"{round_code}-{facts['day']}"))
