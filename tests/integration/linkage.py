"""Somebody who reads the whole database, hidden columns and copies included, and guesses whose rating is whose.

Every attack returns guesses: the digest of a credential to the key of a response of the same stratum. What an attack
cannot tell apart is paired at random, which is what chance would give.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import text
from sqlalchemy.orm import Session

Row = Mapping[str, object]
Guesses = dict[str, str]


@dataclass(frozen=True)
class Copy:
    """One look at the tables: rows in the order of the database, hidden columns where there are any."""

    credentials: tuple[Row, ...]
    submissions: tuple[Row, ...]
    box: tuple[Row, ...]
    responses: tuple[Row, ...]


def copy_of(session: Session) -> Copy:
    """What a backup of this moment holds."""
    hidden = ", xmin::text AS tx, ctid::text AS place" if session.get_bind().dialect.name == "postgresql" else ""

    def read(table: str) -> tuple[Row, ...]:
        return tuple(dict(row) for row in session.execute(text(f"SELECT *{hidden} FROM {table}")).mappings())

    found = Copy(read("credential"), read("submission"), read("inbox"), read("response"))
    session.rollback()
    return found


def by_transaction(copies: Sequence[Copy]) -> Guesses:
    """Join credential and response by the transaction that wrote both, in any copy."""
    guesses: Guesses = {}
    for copy in copies:
        written = defaultdict(list)
        for row in copy.responses:
            written[row.get("tx"), row["stratum"]].append(str(row["id"]))
        for row in _spent(copy):
            if together := written.get((row.get("tx"), row["stratum"])):
                guesses[str(row["digest"])] = random.choice(together)
    return guesses


def by_place(copies: Sequence[Copy]) -> Guesses:
    """Pair the n-th spent credential of the last copy with its n-th response, each stratum by itself."""
    return _paired(copies[-1], lambda row: str(row.get("place", "")))


def by_key(copies: Sequence[Copy]) -> Guesses:
    """Pair them in the order of their keys."""
    return _paired(copies[-1], lambda row: str(row.get("digest", row.get("id"))))


def by_order_of_transactions(copies: Sequence[Copy]) -> Guesses:
    """Pair the credentials in the order in which they were first seen spent with the responses as they came."""
    first = _first_seen(copies, lambda copy: ((str(row["digest"]), row) for row in _spent(copy)))
    came = _first_seen(copies, lambda copy: ((str(row["id"]), row) for row in copy.responses))
    return _pair_up(list(first.values()), list(came.values()))


def by_day(copies: Sequence[Copy]) -> Guesses:
    """Pair the credentials as they were first seen spent with the responses in the order of their days."""
    first = _first_seen(copies, lambda copy: ((str(row["digest"]), row) for row in _spent(copy)))
    return _pair_up(list(first.values()), sorted(copies[-1].responses, key=lambda row: str(row["day"])))


def by_batch(copies: Sequence[Copy]) -> Guesses:
    """Between two copies: who was newly spent is among the responses that are new since then."""
    guesses: Guesses = {}
    for earlier, later in pairwise(copies):
        before = {row["id"] for row in earlier.responses}
        new = defaultdict(list)
        for row in later.responses:
            if row["id"] not in before:
                new[row["stratum"]].append(str(row["id"]))
        waiting = {row["ballot"] for row in later.box}
        gone = [row for row in earlier.box if row["ballot"] not in waiting]
        writers = {row.get("tx"): row for row in _spent(earlier)}
        for ballot in gone:
            owner = writers.get(ballot.get("tx")) if ballot.get("tx") else None
            if owner and new[owner["stratum"]]:
                guesses[str(owner["digest"])] = random.choice(new[owner["stratum"]])
    return guesses


def by_length(copies: Sequence[Copy], lengths: Mapping[str, int]) -> Guesses:
    """A sealed ballot that was written with a credential, and the response whose text is as long; `lengths` by key."""
    guesses: Guesses = {}
    ordered = sorted(lengths, key=lambda key: lengths[key])
    seen: dict[str, int] = {}
    for copy in copies:
        writers = {row.get("tx"): str(row["digest"]) for row in _spent(copy) if row.get("tx")}
        for ballot in copy.box:
            if (owner := writers.get(ballot.get("tx"))) is not None:
                seen[owner] = len(bytes(ballot["sealed"]))  # type: ignore[call-overload]
    by_size = sorted(seen, key=lambda digest: (seen[digest], random.random()))
    for digest, key in zip(by_size, ordered, strict=False):
        guesses[digest] = key
    return guesses


def _spent(copy: Copy) -> list[Row]:
    return [row for row in copy.credentials if row["state"] == 1]


def _paired(copy: Copy, key: Callable[[Row], str]) -> Guesses:
    return _pair_up(sorted(_spent(copy), key=key), sorted(copy.responses, key=key))


def _pair_up(credentials: Iterable[Row], responses: Iterable[Row]) -> Guesses:
    by_stratum = defaultdict(list)
    for row in responses:
        by_stratum[row["stratum"]].append(str(row["id"]))
    return {str(row["digest"]): by_stratum[row["stratum"]].pop(0) for row in credentials if by_stratum[row["stratum"]]}


def _first_seen(copies: Sequence[Copy], rows: Callable[[Copy], Iterable[tuple[str, Row]]]) -> dict[str, Row]:
    seen: dict[str, Row] = {}
    for copy in copies:
        for key, row in rows(copy):
            seen.setdefault(key, row)
    return seen
