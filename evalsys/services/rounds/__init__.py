"""Rounds: the table of acts, making one, opening and closing it, and what its pages show."""

from evalsys.services.rounds.acts import close_round, open_round
from evalsys.services.rounds.creation import NewRound, create_round
from evalsys.services.rounds.dashboard import dashboard, sources
from evalsys.services.rounds.moves import MOVES, move_round, reopen_round, resume_round, suspend_round
from evalsys.services.rounds.pages import round_page
from evalsys.services.rounds.states import ACTS, STATES, Transition, find_round, subject_of, take_round

__all__ = [
    "ACTS",
    "MOVES",
    "STATES",
    "NewRound",
    "Transition",
    "close_round",
    "create_round",
    "dashboard",
    "find_round",
    "move_round",
    "open_round",
    "reopen_round",
    "resume_round",
    "round_page",
    "sources",
    "subject_of",
    "suspend_round",
    "take_round",
]
