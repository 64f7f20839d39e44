"""Stage 1: packed answers to tallied cells, tallied cells to counts a question."""

from scoring.collect.forms import Form, pack, unpack
from scoring.collect.stage import CELL_COLUMNS, Collected, collect
from scoring.collect.tallies import BLOCK_RESPONSES, Tally, tally, tally_all

__all__ = [
    "BLOCK_RESPONSES", "CELL_COLUMNS", "Collected", "Form", "Tally", "collect", "pack", "tally", "tally_all", "unpack",
]  # fmt: skip
