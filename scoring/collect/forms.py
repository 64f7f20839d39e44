"""Questionnaires as scoring sees them, and answers as texts.

A response is one text with one character a question, ``chr(48 + code)``, or ``chr(0x100 + code)`` when the question
has more than 70 points. Code 0 is not answered, 1 to k a level, k+1 "don't know", k+2 "does not apply to me".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.frames import InputError

NARROW_POINTS = 70
NARROW_BASE, WIDE_BASE = 48, 0x100


@dataclass(frozen=True)
class Form:
    """One immutable version of a questionnaire: who answers it, its indicators in order, the points of their scales.

    ``unscored`` names the questions that were never meant to count, such as how much something matters to a rater, or
    where she lives: their answers are left out without a word, while any other one that the scheme does not know is a
    problem.
    """

    code: str
    group: str
    indicators: tuple[str, ...]
    points: tuple[int, ...]
    unscored: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.indicators or len(self.indicators) != len(self.points):
            raise InputError(f"form {self.code} needs as many points as indicators, and at least one")

    @property
    def width(self) -> int:
        """How many different codes the widest question can carry."""
        return max(self.points) + 3


def pack(codes: Sequence[int], points: Sequence[int]) -> str:
    """The text of one response.

    >>> pack([5, 0, 6], [5, 5, 5])
    '506'
    """
    for code, k in zip(codes, points, strict=True):
        if not 0 <= code <= k + 2:
            raise InputError(f"code {code} does not exist on a scale of {k} points")
    return "".join(chr(code_base(k) + code) for code, k in zip(codes, points, strict=True))


def unpack(text: str, points: Sequence[int]) -> list[int]:
    """The codes of one response, the reverse of ``pack``.

    >>> unpack("506", [5, 5, 5])
    [5, 0, 6]
    """
    codes = [ord(sign) - code_base(k) for sign, k in zip(text, points, strict=True)]
    if any(not 0 <= code <= k + 2 for code, k in zip(codes, points, strict=True)):
        raise InputError("the text holds a code that its scale does not have")
    return codes


def code_base(points: int) -> int:
    """The sign of code 0 on a scale of so many points."""
    return NARROW_BASE if points <= NARROW_POINTS else WIDE_BASE
