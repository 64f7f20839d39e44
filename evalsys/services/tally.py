"""Counting the board's votes against the rule of the round: on weights, on results, on objections."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_

from evalsys.models import Account, Role

CHOICES = ("for", "against", "abstain")


@dataclass(frozen=True)
class Tally:
    """Votes set against the quorum and the majority ("half", "two_thirds", "all") that a decision needs."""

    supports: int
    opposes: int
    abstains: int
    quorum: int
    majority: str

    @property
    def cast(self) -> int:
        """All votes: who abstains helps to reach the quorum."""
        return self.supports + self.opposes + self.abstains

    @property
    def missing(self) -> int:
        """How many votes the quorum still lacks."""
        return max(0, self.quorum - self.cast)

    @property
    def is_carried(self) -> bool:
        """Whether those for it have the majority over those against it; abstentions do not count here.

        >>> Tally(2, 1, 4, 1, "two_thirds").is_carried, Tally(1, 1, 0, 1, "half").is_carried
        (True, False)
        """
        return has_majority(self.majority, self.supports, self.opposes)


def sits_now() -> ColumnElement[bool]:
    """Whether an account belongs to the board now: before a decision only its votes count."""
    return and_(Account.is_active, Account.role == Role.BOARD)


def has_majority(majority: str, supports: int, opposes: int) -> bool:
    """Whether the votes reach this majority.

    >>> [has_majority("two_thirds", votes, 1) for votes in (1, 2)]
    [False, True]
    """
    given = supports + opposes
    reached = {"half": supports * 2 > given, "two_thirds": supports * 3 >= given * 2, "all": not opposes}
    return supports > 0 and reached[majority]


def count(choices: Iterable[str], quorum: int, majority: str) -> Tally:
    """The tally of these votes under a round's rule."""
    found = Counter(choices)
    return Tally(found["for"], found["against"], found["abstain"], quorum, majority)
