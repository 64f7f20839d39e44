"""Rounds: the table of acts, making one, opening and closing it, and what its pages show."""

from evalsys.services.rounds.acts import close_round, open_round
from evalsys.services.rounds.creation import NewRound, create_round
from evalsys.services.rounds.states import ACTS, STATES, Transition, find_round, subject_of, take_round

__all__ = [
    "ACTS",
    "STATES",
    "NewRound",
    "Transition",
    "close_round",
    "create_round",
    "find_round",
    "open_round",
    "subject_of",
    "take_round",
]
