"""What an office commits itself to, as a line of its scorecard."""

from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_date

from evalsys.i18n import direction
from evalsys.reports.record import ADDED


@dataclass(frozen=True)
class CommitmentLine:
    """What the office will do, in its own words: about what ("" for the whole result), which role answers, by when.

    One of a former round (`round_code`) also says how far it was on the day of the card: `state` is "in_work", "done",
    "late", "dropped", or "" when the office had not reported yet.
    """

    text: str
    locale: str
    topic: str
    owner: str
    due: date
    round_code: str = field(default="", metadata=ADDED)
    state: str = field(default="", metadata=ADDED)
    note: str = field(default="", metadata=ADDED)
    note_locale: str = field(default="", metadata=ADDED)
    reported_on: date | None = field(default=None, metadata=ADDED)
    is_overdue: bool = field(default=False, metadata=ADDED)

    @property
    def direction(self) -> str:
        """The direction of its language."""
        return direction(self.locale)

    def due_in(self, locale: str) -> str:
        """The day by which it is to be done, in a language, with Latin digits."""
        return str(format_date(self.due, "long", locale=locale))

    def reported_in(self, locale: str) -> str:
        """The day of the last report in a language, "" when there is none."""
        return str(format_date(self.reported_on, "long", locale=locale)) if self.reported_on else ""

    @property
    def note_direction(self) -> str:
        """The direction of the language of the note."""
        return direction(self.note_locale)
