"""From how many answers figures are shown: part of the scheme, so a change is a proposal that the board decides."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from evalsys.db import db
from evalsys.errors import Invalid
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round, subject_of, take_round
from evalsys.services.versions import add_version, newest_version
from evalsys.services.weights import Labels, read_scheme, scheme_of
from scoring.scheme import Scheme

LEAST_PUBLIC = 10
Minimum = tuple[int, int, int]


@dataclass(frozen=True)
class GroupMinimum:
    """A group and its numbers of answers: hidden below, for oversight only below, without band and rank below."""

    code: str
    name: Text
    minimum: Minimum
    is_anonymous: bool


@dataclass(frozen=True)
class ThresholdsPage:
    """The numbers of the newest weights, in force or proposed."""

    number: int
    is_in_force: bool
    groups: tuple[GroupMinimum, ...]


def propose_thresholds(actor: Actor, code: str, wanted: Mapping[str, Minimum], reason: str, *, now: datetime) -> int:
    """Propose other numbers for these groups; returns the number of the proposal.

    Raises Forbidden, NotFound, Conflict once the round is open; Invalid when the numbers are out of order, when
    answers of anonymous people would be published below ten, when nothing changes, or without a reason.
    """
    act = Act(actor, "round.design", subject_of(code), now, reason=reason)
    with audited(act) as session:
        round_ = take_round(session, code, "design")
        basis = newest_version(session, round_)
        scheme = _with_minimum(scheme_of(basis.body), wanted)
        if scheme.digest == basis.digest:
            raise Invalid("Nothing has changed.")
        version = add_version(session, round_, scheme, act)
        act.detail = {"version": version.number, "scheme": version.digest}
        act.detail["thresholds"] = {group: list(numbers) for group, numbers in wanted.items()}
        return version.number


def thresholds_page(actor: Actor, code: str, locale: str) -> ThresholdsPage:
    """The numbers of the newest weights. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session, labels = db.session(), Labels(locale)
    version = newest_version(session, find_round(session, code))
    groups = tuple(
        GroupMinimum(group.code, labels.of("group", group.code), group.minimum, group.promise == "anonymous")
        for group in scheme_of(version.body).groups
    )
    return ThresholdsPage(version.number, version.state == "approved", groups)


def _with_minimum(scheme: Scheme, wanted: Mapping[str, Minimum]) -> Scheme:
    mapping = copy.deepcopy(scheme.to_mapping())
    for group in mapping["groups"]:
        if group["code"] in wanted:
            _check(group["promise"], wanted[group["code"]])
            group["minimum"] = list(wanted[group["code"]])
    return read_scheme(mapping)


def _check(promise: str, minimum: Minimum) -> None:
    if list(minimum) != sorted(minimum) or minimum[0] < 1:
        raise Invalid("None of the three numbers may be smaller than the one before.")
    if promise == "anonymous" and minimum[1] < LEAST_PUBLIC:
        raise Invalid(
            "Answers of anonymous people are published from %(least)s answers on, never from fewer.",
            {"least": LEAST_PUBLIC},
        )
