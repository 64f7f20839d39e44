"""Words are found however they are spelled, in each language."""

import pytest

from evalsys.services import search


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("LIBRARY", "libraries"),
        ("bus stop", "Bus stops"),
        ("cafe", "Café"),
        ("المواقف", "مَواقِف"),
        ("اسرة", "أُسرة"),
        ("مكتبه", "المكتبة"),
        ("حـــافلة", "الحافلة"),
        ("公交站", "公交站与自行车道"),
        ("ｂｕｓ", "bus"),
    ],
)
def test_spelling_case_and_signs_make_no_difference(typed: str, stored: str) -> None:
    words = frozenset(search.words_of(stored))
    assert search.strength(search.words_of(typed), words) == 1


def test_half_of_the_words_is_enough_and_less_is_not() -> None:
    words = frozenset(search.words_of("bus shelter timetable"))
    assert search.strength(search.words_of("the bus to the moon"), words) > 0
    assert search.strength(search.words_of("big yellow bus"), words) == 0


def test_an_exact_word_beats_a_beginning() -> None:
    asked = search.words_of("park")
    exact, begun = frozenset({"park"}), frozenset({"parking"})
    assert search.strength(asked, exact) > search.strength(asked, begun) > 0


@pytest.mark.parametrize("nothing", ["", "  ", "the of", "!?", "…"])
def test_nothing_asked_fits_nothing(nothing: str) -> None:
    assert search.strength(search.words_of(nothing), frozenset({"bus"})) == 0


def test_a_slip_of_the_pen_is_corrected_from_the_known_words() -> None:
    assert search.correct(["libary", "xyzzy"], ["library", "bus"]) == ["library", "xyzzy"]
