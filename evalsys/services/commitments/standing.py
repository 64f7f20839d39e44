"""How far a commitment was on a day: what its office said last, and whether its day has passed."""

from dataclasses import dataclass
from datetime import date

from evalsys.models import Commitment
from evalsys.services.zone import local_day

STATES = ("in_work", "done", "late", "dropped")
SETTLED = ("done", "dropped")
NEEDS_NOTE = ("late", "dropped")


@dataclass(frozen=True)
class Standing:
    """`state` is "" until the office has said something; `is_overdue` is worked out, nobody has to admit it."""

    state: str
    note: str
    locale: str
    on: date | None
    is_overdue: bool

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will come: it is done or dropped."""
        return self.state in SETTLED


def standing_of(commitment: Commitment, day: date) -> Standing:
    """What was known at the end of `day`, in the body's time zone."""
    known = [report for report in commitment.reports if local_day(report.at) <= day]
    if not known:
        return Standing("", "", "", None, commitment.due < day)
    last = known[-1]
    is_overdue = commitment.due < day and last.state not in SETTLED
    return Standing(last.state, last.note, last.locale, local_day(last.at), is_overdue)
