"""Where the units of a category stand, in blocks: units that cannot be told apart stand together, by name.

A list that only sorts by score would claim an order that the answers do not bear out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from evalsys.services.league.overview import CategoryResults, Overview, UnitResult

BY_PLACE, BY_NAME = "place", "name"
TIED, ALONE, BAND, UNRANKED, NAMED = "tied", "alone", "band", "unranked", "named"


@dataclass(frozen=True)
class Block:
    """Units of a category, by name. `kind` says what they share.

    "tied": the draws of other respondents do not tell them apart from the best of them; "alone": one that stands for
    itself; "band": the band, where nothing else is published; "unranked": that they have no rank; "named": nothing,
    all units by name. `first` and `last` are the places that a tied block takes.
    """

    kind: str
    rows: tuple[UnitResult, ...]
    band: str = ""
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class CategoryBlocks:
    """A category's units in blocks."""

    category: CategoryResults
    blocks: tuple[Block, ...]


def read_standing(overview: Overview, order: str) -> tuple[CategoryBlocks, ...]:
    """Each category of a round in blocks, or `order` "name": in one, by name."""
    arrange = _by_name if order == BY_NAME else _by_place
    return tuple(CategoryBlocks(category, tuple(arrange(category.rows))) for category in overview.categories)


def _by_name(rows: Iterable[UnitResult]) -> Iterator[Block]:
    yield Block(NAMED, _named(rows))


def _by_place(rows: tuple[UnitResult, ...]) -> Iterator[Block]:
    ranked = [row for row in rows if row.rank is not None]
    graded = [row for row in rows if row.rank is None and row.band and not row.has_scores]
    others = [row for row in rows if row not in ranked and row not in graded]
    for _members, same in groupby(ranked, key=lambda row: tuple(sorted((row.name, *row.tied)))):
        yield _block(tuple(same))
    for band, alike in groupby(sorted(graded, key=lambda row: row.band), key=lambda row: row.band):
        yield Block(BAND, _named(alike), band=band)
    if others:
        yield Block(UNRANKED, _named(others))


def _block(rows: tuple[UnitResult, ...]) -> Block:
    places = [row.rank for row in rows if row.rank is not None]
    kind = TIED if len(rows) > 1 else ALONE
    return Block(kind, _named(rows), first=min(places), last=min(places) + len(rows) - 1)


def _named(rows: Iterable[UnitResult]) -> tuple[UnitResult, ...]:
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.code)))
