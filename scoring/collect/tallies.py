"""Texts of responses counted cell by cell: how often each code, and the cross-moments of each pair of questions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.collect.forms import NARROW_BASE, NARROW_POINTS, Form, code_base
from scoring.frames import InputError, Integers

Codes = npt.NDArray[np.integer[Any]]
Levels = npt.NDArray[np.floating[Any]]

BLOCK_RESPONSES = 1 << 16
BLOCK_MOMENTS = 1 << 22
SINGLE_WHOLE = 1 << 24


@dataclass(frozen=True)
class Tally:
    """What is kept of the responses of one cell.

    ``counts`` has shape (questions, width): how often each code was given. ``moments`` has shape (3, questions,
    questions), over respondents who gave a level to both questions: how many, the sum of the first one's codes, the
    sum of products.
    """

    n: int
    counts: npt.NDArray[np.uint32]
    moments: Integers

    def counts_blob(self) -> bytes:
        """Little-endian unsigned 32-bit integers."""
        return self.counts.astype("<u4").tobytes()

    def moments_blob(self) -> bytes:
        """Little-endian signed 64-bit integers."""
        return self.moments.astype("<i8").tobytes()

    @classmethod
    def from_blobs(cls, n: int, counts: bytes, moments: bytes, form: Form) -> "Tally":
        """The tally that was stored; raises ValueError when a blob has not the size the form asks for."""
        size = len(form.points)
        return cls(
            n,
            np.frombuffer(counts, "<u4").reshape(size, form.width),
            np.frombuffer(moments, "<i8").reshape(3, size, size),
        )

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.n + other.n, self.counts + other.counts, self.moments + other.moments)


def tally(text: str, form: Form) -> Tally:
    """Count the responses of one cell, given as one text after the other.

    Raises:
        InputError: when the text's length or a code does not fit the form.

    >>> form = Form("citizens-1", "citizens", ("satisfaction", "trust"), (5, 5))
    >>> counted = tally("55" + "46" + "35", form)
    >>> counted.n, counted.counts[1].tolist()
    (3, [0, 0, 0, 0, 0, 2, 1, 0])
    """
    (counted,) = tally_all([text], form)
    return counted


def tally_all(texts: Sequence[str], form: Form) -> list[Tally]:
    """Count the responses of many cells of one form, one text a cell; faster than one by one when cells are small.

    Raises:
        InputError: as ``tally``.

    >>> form = Form("citizens-1", "citizens", ("satisfaction", "trust"), (5, 5))
    >>> [counted.n for counted in tally_all(["55" + "46", "", "35"], form)]
    [2, 0, 1]
    """
    size = len(form.points)
    for text in texts:
        if len(text) % size:
            raise InputError(f"{len(text)} characters are not whole responses of {size} questions (form {form.code})")
    counts = np.zeros((len(texts), size * form.width), dtype=np.int64)
    moments = np.zeros((len(texts), 3, size, size), dtype=np.int64)
    for piece in _pieces(texts, size):
        codes = _codes("".join(text for _, text in piece), form)
        ends = np.cumsum([len(text) // size for _, text in piece])
        rows = np.array([cell for cell, _ in piece])
        _count_codes(counts[rows[0] : rows[-1] + 1], codes, np.repeat(rows - rows[0], np.diff(ends, prepend=0)), form)
        _add_products(moments, rows, _levels(codes, form), ends)
    shaped = counts.astype("<u4").reshape(len(texts), size, form.width)
    return [Tally(len(text) // size, shaped[cell], moments[cell]) for cell, text in enumerate(texts)]


def _pieces(texts: Sequence[str], size: int) -> Iterator[list[tuple[int, str]]]:
    """Cells with their texts, or parts of them, so many at a time that they and their moments need little memory."""
    piece: list[tuple[int, str]] = []
    room = most = BLOCK_RESPONSES * size
    cells = max(1, BLOCK_MOMENTS // (2 * size) ** 2)
    for cell, text in enumerate(texts):
        for start in range(0, len(text), most):
            part = text[start : start + most]
            if len(part) > room or len(piece) == cells:
                yield piece
                piece, room = [], most
            piece.append((cell, part))
            room -= len(part)
    if piece:
        yield piece


def _codes(text: str, form: Form) -> Codes:
    """Codes of shape (responses, questions)."""
    size = len(form.points)
    bases, highest = np.array([code_base(k) for k in form.points]), np.array(form.points) + 2
    narrow = text.isascii() and form.width <= NARROW_POINTS + 3
    codes: Codes
    if narrow:
        codes = np.frombuffer(text.encode("ascii"), "u1").reshape(-1, size) - np.uint8(NARROW_BASE)
    else:
        codes = np.frombuffer(text.encode("utf-32-le"), "<u4").reshape(-1, size).astype(np.int64) - bases
    if codes.size and (codes.max() > highest.min() or codes.min() < 0):
        wrong = (codes.max(axis=0) > highest) | (codes.min(axis=0) < 0)
        if wrong.any():
            raise InputError(f"form {form.code}: {form.indicators[int(wrong.argmax())]} holds a code its scale lacks")
    return codes


def _levels(codes: Codes, form: Form) -> Levels:
    """Whether a question was given a level, and the level; shape (responses, 2 * questions).

    In single precision where sums of products stay whole numbers in it: half the memory to go through.
    """
    size, highest = len(form.points), max(form.points)
    exact = len(codes) * highest**2 <= SINGLE_WHOLE
    both = np.empty((len(codes), 2 * size), dtype=np.float32 if exact else np.float64)
    valid = (codes > 0) & (codes <= np.array(form.points, dtype=codes.dtype))
    both[:, :size] = valid
    np.multiply(codes, valid, out=both[:, size:], casting="unsafe")
    return both


def _add_products(moments: Integers, rows: Integers, both: Levels, ends: Integers) -> None:
    """Adds the cross-moments of the cells ``rows``, whose responses in ``both`` stop at their ends."""
    size = both.shape[1] // 2
    found = np.empty((len(rows), 2 * size, 2 * size), dtype=both.dtype)
    start = 0
    for place, end in enumerate(ends.tolist()):
        own = both[start:end]
        np.matmul(own.T, own, out=found[place])
        start = end
    moments[rows, 0] += found[:, :size, :size].astype(np.int64)
    moments[rows, 1] += found[:, size:, :size].astype(np.int64)
    moments[rows, 2] += found[:, size:, size:].astype(np.int64)


def _count_codes(counts: Integers, codes: Codes, rows: Integers, form: Form) -> None:
    """Adds how often each code was given to ``counts``, whose rows are cells; ``rows`` has the row of each response."""
    places = rows[:, None] * counts.shape[1] + np.arange(len(form.points)) * form.width
    places += codes
    counts += np.bincount(places.ravel(), minlength=counts.size).reshape(counts.shape)
