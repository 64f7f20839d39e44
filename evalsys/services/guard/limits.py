"""How much the open channel takes before it asks people to come another way."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Numbers of ratings, but for `least_seconds`: how long a form must have been shown before it is taken.

    `files_an_hour` are files that are checked for a network.

    Many phones share one network behind their carrier, so the cap of solved ratings is generous.
    """

    least_seconds: int = 3
    solved_an_hour: int = 60
    unsolved_an_hour: int = 5
    unsolved_a_day: int = 200
    kiosk_an_hour: int = 40
    place_an_hour: int = 120
    drafts_an_hour: int = 60
    files_an_hour: int = 60
