"""Stage 1: packed answers to tallied cells, tallied cells to counts a question.

A response is one text with one character a question, ``chr(48 + code)``, or ``chr(0x100 + code)`` when the question
has more than 70 points. Code 0 is not answered, 1 to k a level, k+1 "don't know", k+2 "does not apply to me".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Block, InputError, Integers, need

NARROW_POINTS = 70
NARROW_BASE, WIDE_BASE = 48, 0x100
BLOCK_RESPONSES = 1 << 16
CELL_COLUMNS = ("unit", "form", "stratum", "n", "counts", "moments")


@dataclass(frozen=True)
class Form:
    """One immutable version of a questionnaire: who answers it, its indicators in order, the points of their scales."""

    code: str
    group: str
    indicators: tuple[str, ...]
    points: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.indicators or len(self.indicators) != len(self.points):
            raise InputError(f"form {self.code} needs as many points as indicators, and at least one")

    @property
    def width(self) -> int:
        """How many different codes the widest question can carry."""
        return max(self.points) + 3


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


@dataclass(frozen=True)
class Collected:
    """All cells of a round as frames.

    ``people``: responses a cell. ``answers``: one row a cell and question, with the sums of its levels. ``levels``:
    how often each level was chosen, ``row`` pointing into ``answers``. ``blocks``: cross-moments a form.
    ``problems``: what was refused.
    """

    people: pd.DataFrame
    answers: pd.DataFrame
    levels: pd.DataFrame
    blocks: tuple[Block, ...]
    problems: pd.DataFrame


def pack(codes: Sequence[int], points: Sequence[int]) -> str:
    """The text of one response.

    >>> pack([5, 0, 6], [5, 5, 5])
    '506'
    """
    for code, k in zip(codes, points, strict=True):
        if not 0 <= code <= k + 2:
            raise InputError(f"code {code} does not exist on a scale of {k} points")
    return "".join(chr(_base(k) + code) for code, k in zip(codes, points, strict=True))


def unpack(text: str, points: Sequence[int]) -> list[int]:
    """The codes of one response, the reverse of ``pack``.

    >>> unpack("506", [5, 5, 5])
    [5, 0, 6]
    """
    codes = [ord(sign) - _base(k) for sign, k in zip(text, points, strict=True)]
    if any(not 0 <= code <= k + 2 for code, k in zip(codes, points, strict=True)):
        raise InputError("the text holds a code that its scale does not have")
    return codes


def tally(text: str, form: Form) -> Tally:
    """Count the responses of one cell, given as one text after the other.

    Raises:
        InputError: when the text's length or a code does not fit the form.

    >>> form = Form("citizens-1", "citizens", ("satisfaction", "trust"), (5, 5))
    >>> counted = tally("55" + "46" + "35", form)
    >>> counted.n, counted.counts[1].tolist()
    (3, [0, 0, 0, 0, 0, 2, 1, 0])
    """
    size = len(form.points)
    counts = np.zeros(size * form.width, dtype=np.int64)
    moments = np.zeros((3, size, size))
    responses = 0
    for codes in _codes(text, form):
        responses += len(codes)
        counts += np.bincount((codes + np.arange(size) * form.width).ravel(), minlength=counts.size)
        valid = ((codes > 0) & (codes <= np.array(form.points))).astype(np.float64)
        levels = valid * codes
        moments += np.stack([valid.T @ valid, levels.T @ valid, levels.T @ levels])
    return Tally(responses, counts.reshape(size, -1).astype("<u4"), moments.astype("<i8"))


def collect(cells: pd.DataFrame, forms: Mapping[str, Form]) -> Collected:
    """Read the stored cells of all forms; their order does not matter.

    ``cells`` has the columns unit, form, stratum, n, counts, moments. A cell of an unknown form, or one whose blobs
    have not the size its form asks for, becomes a row in ``problems``.
    """
    need(cells, "cells", CELL_COLUMNS)
    cells = cells.sort_values(["form", "unit", "stratum", "n", "counts", "moments"]).reset_index(drop=True)
    known = cells["form"].isin(list(forms))
    sized = known & _fits(cells, forms)
    problems = pd.concat([_refused(cells[~known], "unknown_form"), _refused(cells[known & ~sized], "cell_malformed")])
    stacks = [(forms[str(code)], part) for code, part in cells[sized].groupby("form", sort=True)]
    people = [_people(form, part) for form, part in stacks]
    counts = [_counts(form, part) for form, part in stacks]
    answers = [_answers(form, part, table) for (form, part), table in zip(stacks, counts, strict=True)]
    return Collected(
        people=_joined(people, ("unit", "group", "stratum", "n")),
        answers=_joined(answers, ANSWER_COLUMNS),
        levels=_levels([form for form, _ in stacks], counts),
        blocks=tuple(_block(form, part) for form, part in stacks),
        problems=problems,
    )


ANSWER_COLUMNS = (
    "unit", "group", "stratum", "indicator", "points", "valid", "level_sum", "level_squares", "top", "bottom",
    "dont_know", "not_applicable", "blank",
)  # fmt: skip


def _base(points: int) -> int:
    return NARROW_BASE if points <= NARROW_POINTS else WIDE_BASE


def _codes(text: str, form: Form) -> Iterator[Integers]:
    """Codes in pieces of shape (responses, questions), so that a large cell needs little memory."""
    size = len(form.points)
    if len(text) % size:
        raise InputError(f"{len(text)} characters are not whole responses of {size} questions (form {form.code})")
    bases = np.array([_base(k) for k in form.points], dtype=np.int64)
    highest = np.array(form.points) + 2
    for start in range(0, len(text), BLOCK_RESPONSES * size):
        signs = np.frombuffer(text[start : start + BLOCK_RESPONSES * size].encode("utf-32-le"), "<u4")
        codes = signs.reshape(-1, size).astype(np.int64) - bases
        wrong = ((codes < 0) | (codes > highest)).any(axis=0)
        if wrong.any():
            raise InputError(f"form {form.code}: {form.indicators[int(wrong.argmax())]} holds a code its scale lacks")
        yield codes


def _fits(cells: pd.DataFrame, forms: Mapping[str, Form]) -> "pd.Series[bool]":
    sizes = {code: (len(form.points) * form.width * 4, 3 * len(form.points) ** 2 * 8) for code, form in forms.items()}
    counts, moments = (cells["form"].map({code: size[part] for code, size in sizes.items()}) for part in (0, 1))
    return (cells["counts"].map(len) == counts) & (cells["moments"].map(len) == moments)


def _refused(cells: pd.DataFrame, code: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"unit": cells["unit"], "node": cells["form"], "code": code, "detail": cells["n"].astype("int64").astype("str")}
    )


def _people(form: Form, part: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"unit": part["unit"], "group": form.group, "stratum": part["stratum"], "n": part["n"].astype("int64")}
    )


def _counts(form: Form, part: pd.DataFrame) -> Integers:
    blob = b"".join(part["counts"])
    return np.frombuffer(blob, "<u4").reshape(len(part), len(form.points), form.width).astype(np.int64)


def _answers(form: Form, part: pd.DataFrame, counts: Integers) -> pd.DataFrame:
    size = len(form.points)
    code, points = np.arange(form.width), np.array(form.points)[:, None]
    level = np.where((code >= 1) & (code <= points), code, 0)
    top = (level > 0) & (4 * (level - 1) >= 3 * (points - 1))
    bottom = (level > 0) & (4 * (level - 1) <= points - 1)

    def total(weight: npt.NDArray[np.int64]) -> Integers:
        return np.asarray(np.einsum("cqw,qw->cq", counts, weight), dtype=np.int64).ravel()

    columns = {
        "unit": np.repeat(part["unit"].to_numpy(dtype=object), size),
        "group": form.group,
        "stratum": np.repeat(part["stratum"].to_numpy(dtype=object), size),
        "indicator": np.tile(np.array(form.indicators, dtype=object), len(part)),
        "points": np.tile(points[:, 0], len(part)),
        "valid": total((level > 0).astype(np.int64)),
        "level_sum": total(level),
        "level_squares": total(level * level),
        "top": total(top.astype(np.int64)),
        "bottom": total(bottom.astype(np.int64)),
        "dont_know": total((code == points + 1).astype(np.int64)),
        "not_applicable": total((code == points + 2).astype(np.int64)),
        "blank": counts[:, :, 0].ravel(),
    }
    return pd.DataFrame(columns)


def _levels(forms: Sequence[Form], counts: Sequence[Integers]) -> pd.DataFrame:
    rows, codes, numbers, start = [], [], [], 0
    for form, table in zip(forms, counts, strict=True):
        level = np.arange(form.width)
        chosen = table * ((level >= 1) & (level <= np.array(form.points)[:, None]))
        cell, question, code = np.nonzero(chosen)
        rows.append(start + cell * len(form.points) + question)
        codes.append(code)
        numbers.append(chosen[cell, question, code])
        start += len(table) * len(form.points)
    empty = [np.zeros(0, dtype=np.int64)]
    return pd.DataFrame(
        {
            "row": np.concatenate(rows or empty),
            "code": np.concatenate(codes or empty),
            "count": np.concatenate(numbers or empty),
        }
    )


def _block(form: Form, part: pd.DataFrame) -> Block:
    size = len(form.points)
    moments = np.frombuffer(b"".join(part["moments"]), "<i8").reshape(len(part), 3, size, size)
    units, strata = part["unit"].to_numpy(dtype=object), part["stratum"].to_numpy(dtype=object)
    return Block(form.group, form.indicators, np.array(form.points), units, strata, moments.astype(np.int64, copy=False))


def _joined(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({column: [] for column in columns})
    return pd.concat(parts, ignore_index=True)[list(columns)]
