"""Finding things by words in any language: spelling is evened out, so that people need not type what we stored."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

_LETTERS = str.maketrans({"ى": "ي", "ة": "ه", "ٱ": "ا", "ی": "ي", "ک": "ك", "ـ": None, "ß": "ss"})
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_ARTICLES = ("وال", "بال", "كال", "فال", "لل", "ال")
_FILLERS = frozenset(
    re.findall(r"\w+", "a an and at by for from i in is it my of on or our the to with في من علي الي عن او هو هي ما")
)
SHORTEST_STEM = 3
EXACT, BEGINS, IS_BEGUN_BY = 1.0, 0.8, 0.5
ENOUGH_OF_THE_WORDS = 0.5


def normalise(text: str) -> str:
    """Case, accents, Arabic vowel signs, hamza forms and stretched letters make no difference.

    >>> normalise("Café, المَوقِف")
    'cafe, الموقف'
    """
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if unicodedata.category(sign) != "Mn").casefold().translate(_LETTERS)


def words_of(text: str) -> list[str]:
    """The words to compare: without the Arabic article and English plural; Chinese in overlapping pairs.

    >>> words_of("Bus stops")
    ['bus', 'stop']
    >>> words_of("公交站")
    ['公交', '交站']
    """
    words: list[str] = []
    for run in _RUN.findall(normalise(text)):
        if run in _FILLERS:
            continue
        is_han = re.match(f"[{_HAN}]", run) is not None
        words += _pairs(run) if is_han else [_stem(run)]
    return words


def strength(asked: Sequence[str], words: frozenset[str]) -> float:
    """How well `words` fit what was asked, 0 to 1; 0 when fewer than half of the asked words fit at all."""
    if not asked:
        return 0.0
    fits = [_fit(word, words) for word in asked]
    if sum(fit > 0 for fit in fits) < ENOUGH_OF_THE_WORDS * len(asked):
        return 0.0
    return sum(fits) / len(fits)


def correct(asked: Sequence[str], vocabulary: Iterable[str]) -> list[str]:
    """The asked words, each replaced by the most similar one of the vocabulary when there is one."""
    known = list(vocabulary)
    return [next(iter(difflib.get_close_matches(word, known, 1, 0.75)), word) for word in asked]


def _fit(asked: str, words: frozenset[str]) -> float:
    if asked in words:
        return EXACT
    if any(word.startswith(asked) for word in words):
        return BEGINS if len(asked) >= SHORTEST_STEM else IS_BEGUN_BY
    longer = (word for word in words if len(word) > SHORTEST_STEM)
    return IS_BEGUN_BY if any(asked.startswith(word) for word in longer) else 0.0


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[start : start + 2] for start in range(len(run) - 1)]


def _stem(word: str) -> str:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= SHORTEST_STEM:
            return word.removeprefix(article)
    if word.isascii() and len(word) > SHORTEST_STEM:
        if word.endswith("ies"):
            return word[:-3] + "y"
        if word.endswith("s") and not word.endswith("ss"):
            return word[:-1]
    return word
