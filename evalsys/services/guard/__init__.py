"""The guard of the open channel: it slows programs down and never asks people who they are.

It applies only to ratings without a credential and to what people send to a consultation, and has the last word inside
the transaction that stores it: what it refuses leaves no trace, and what it counts is counted with the rating or not at
all.
"""

from evalsys.services.guard.admission import CONSULTATION, Sent, admission, draft_admission, kiosk_admission
from evalsys.services.guard.limits import Limits
from evalsys.services.guard.networks import is_foreign, mark_of, network_of
from evalsys.services.guard.puzzle import is_solved, make_puzzle
from evalsys.services.guard.throttle import Cap, count_up

__all__ = [
    "CONSULTATION",
    "Cap",
    "Limits",
    "Sent",
    "admission",
    "count_up",
    "draft_admission",
    "is_foreign",
    "is_solved",
    "kiosk_admission",
    "make_puzzle",
    "mark_of",
    "network_of",
]
