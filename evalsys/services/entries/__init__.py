"""Ratings that an operator enters for people: together with them at the counter, or from their paper forms.

An operator never sees a stored answer: what she enters goes into the box as a citizen's does, and the log says who
entered a rating by which channel and when, never of which unit nor what it said.
"""

from evalsys.services.entries.again import AskedAgain, ask_again
from evalsys.services.entries.assisted import Entry, enter_rating
from evalsys.services.entries.overview import EntryHome, read_home
from evalsys.services.entries.paper import (
    Difference,
    PaperForm,
    WaitingPaper,
    enter_paper,
    find_paper,
    list_differences,
    resolve_paper,
)

__all__ = [
    "AskedAgain",
    "Difference",
    "Entry",
    "EntryHome",
    "PaperForm",
    "WaitingPaper",
    "ask_again",
    "enter_paper",
    "enter_rating",
    "find_paper",
    "list_differences",
    "read_home",
    "resolve_paper",
]
