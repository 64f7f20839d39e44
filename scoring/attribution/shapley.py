"""Shapley's division: what each of several causes adds, on average over every order in which they may come."""

from collections.abc import Callable
from math import factorial
from typing import Final

import numpy as np

from scoring.frames import Flags, Floats, InputError

MOST_PLAYERS: Final = 12


def shapley(worth: Callable[[Flags], Floats], players: int, name: str = "shapley") -> Floats:
    """The part of each player, shape (units, players); a unit's parts sum to worth(all) - worth(none).

    ``worth`` takes which players are in, shape (players,), and gives the worth for each unit, shape (units,). It is
    asked once for each of the 2 ** players coalitions. Source: L. S. Shapley (1953), A value for n-person games.

    Raises:
        InputError: more than 12 players; it names ``name``.

    >>> shapley(lambda who: np.array([who[0] * who[1] * 6.0 + who[0]]), 2)
    array([[4., 3.]])
    """
    if players > MOST_PLAYERS:
        raise InputError(f"{name}: {players} parts to divide among; allowed are at most {MOST_PLAYERS}")
    coalitions = np.arange(2**players)
    inside = (coalitions[:, None] >> np.arange(players)) % 2 == 1
    worths = np.array([worth(who) for who in inside], dtype=np.float64)
    size = inside.sum(axis=1)
    chance = np.array(
        [factorial(k) * factorial(max(players - k - 1, 0)) / factorial(players) for k in range(players + 1)]
    )
    parts = np.empty((worths.shape[1], players))
    for player in range(players):
        without = coalitions[~inside[:, player]]
        parts[:, player] = chance[size[without]] @ (worths[without + 2**player] - worths[without])
    return parts
