import numpy as np
import pandas as pd
import pytest

from scoring.collect import BLOCK_RESPONSES, Form, Tally, collect, pack, tallies, tally, tally_all, unpack
from scoring.frames import InputError
from tests.unit.scoring.rounds import SMALL_FORMS, cell, form, table

MIXED = Form("m", "citizens", ("ease", "leadership", "speed"), (5, 101, 70))


def test_every_code_of_every_scale_takes_one_character_and_comes_back() -> None:
    for codes in ([0, 0, 0], [7, 103, 72], [5, 1, 70]):
        text = pack(codes, MIXED.points)
        assert len(text) == 3
        assert unpack(text, MIXED.points) == codes


def test_five_points_are_written_as_the_digit_of_the_code() -> None:
    assert pack([0, 1, 5, 6, 7], (5,) * 5) == "01567"
    assert pack([103], (101,)) == chr(0x100 + 103)


@pytest.mark.parametrize("codes", [[8, 0, 0], [-1, 0, 0], [0, 104, 0]])
def test_a_code_that_the_scale_lacks_is_not_packed(codes: list[int]) -> None:
    with pytest.raises(InputError, match="does not exist"):
        pack(codes, MIXED.points)


@pytest.mark.parametrize("text", ["8", "/", "€"])
def test_a_text_with_a_strange_character_is_not_unpacked_and_not_tallied(text: str) -> None:
    with pytest.raises(InputError, match="a code that its scale does not have"):
        unpack(text, (5,))
    with pytest.raises(InputError, match="form f: ease holds a code its scale lacks"):
        tally(text, form("f", "citizens", ["ease"]))


def test_a_text_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter|longer"):
        unpack("55", (5,))
    with pytest.raises(InputError, match="3 characters are not whole responses of 2 questions"):
        tally("555", SMALL_FORMS["c"])


def test_a_form_has_points_for_each_of_its_indicators() -> None:
    for indicators, points in (((), ()), (("a", "b"), (5,))):
        with pytest.raises(InputError, match="form f needs"):
            Form("f", "citizens", indicators, points)


def test_counts_and_cross_moments_are_those_of_the_answers() -> None:
    responses = [[5, 4], [3, 6], [0, 2], [4, 4], [7, 1]]
    counted = tally("".join(pack(codes, (5, 5)) for codes in responses), SMALL_FORMS["c"])
    assert counted.n == 5
    assert counted.counts.tolist() == [[1, 0, 0, 1, 1, 1, 0, 1], [0, 1, 1, 0, 2, 0, 1, 0]]
    pairs, sums, products = counted.moments.tolist()
    assert pairs == [[3, 2], [2, 4]]
    assert sums == [[12, 9], [8, 11]]
    assert products == [[50, 36], [36, 37]]


def test_an_empty_text_is_a_tally_of_nothing() -> None:
    counted = tally("", SMALL_FORMS["c"])
    assert counted.n == 0
    assert counted.counts.sum() == 0


def test_a_large_cell_is_counted_in_pieces_and_tallies_add() -> None:
    people = BLOCK_RESPONSES + 3
    rng = np.random.default_rng(5)
    text = "".join(map(chr, rng.integers(48, 56, 2 * people)))
    whole = tally(text, SMALL_FORMS["c"])
    parts = tally(text[:200], SMALL_FORMS["c"]) + tally(text[200:], SMALL_FORMS["c"])
    assert whole.n == parts.n == people
    assert np.array_equal(whole.counts, parts.counts)
    assert np.array_equal(whole.moments, parts.moments)


@pytest.mark.parametrize("room", [1, 2, 3, 7, 100])
def test_many_cells_are_counted_as_each_alone(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    texts = ["".join(map(chr, rng.integers(48, 56, 2 * people))) for people in (2, 0, 3, 0, 0, 5, 1, 0)]
    alone = [tally(text, SMALL_FORMS["c"]) for text in texts]
    monkeypatch.setattr(tallies, "BLOCK_RESPONSES", room)
    monkeypatch.setattr(tallies, "BLOCK_MOMENTS", 16 * room)
    together = tally_all(texts, SMALL_FORMS["c"])
    assert [counted.n for counted in together] == [2, 0, 3, 0, 0, 5, 1, 0]
    for one, other in zip(together, alone, strict=True):
        assert one.counts_blob() == other.counts_blob()
        assert one.moments_blob() == other.moments_blob()
    assert tally_all([], SMALL_FORMS["c"]) == []
    with pytest.raises(InputError, match="^3 characters are not whole responses of 2 questions"):
        tally_all(["55", "555"], SMALL_FORMS["c"])


@pytest.mark.parametrize("sign", ["/", "8", "\x7f", "\x00", "é", "你"])
def test_a_sign_that_no_code_has_is_refused(sign: str) -> None:
    with pytest.raises(InputError, match="^form c: speed holds a code its scale lacks$"):
        tally("55" + "5" + sign, SMALL_FORMS["c"])
    assert tally("57", SMALL_FORMS["c"]).counts.sum() == 2


def test_a_tally_survives_its_blobs() -> None:
    counted = tally(pack([5, 50, 70], MIXED.points) * 3, MIXED)
    back = Tally.from_blobs(3, counted.counts_blob(), counted.moments_blob(), MIXED)
    assert np.array_equal(back.counts, counted.counts)
    assert np.array_equal(back.moments, counted.moments)
    with pytest.raises(ValueError, match="reshape"):
        Tally.from_blobs(3, counted.counts_blob(), counted.moments_blob(), SMALL_FORMS["c"])


def test_a_cell_of_an_unknown_form_or_size_becomes_a_problem() -> None:
    good = cell("U01", SMALL_FORMS["c"], "a", [[5, 5]])
    stranger = {**good, "form": "x", "n": 4}
    broken = {**good, "unit": "U02", "counts": b"1234"}
    short = {**good, "unit": "U03", "moments": b""}
    found = collect(table(good, stranger, broken, short), SMALL_FORMS)
    assert found.problems[["unit", "node", "code", "detail"]].to_numpy().tolist() == [
        ["U01", "x", "unknown_form", "4"],
        ["U02", "c", "cell_malformed", "1"],
        ["U03", "c", "cell_malformed", "1"],
    ]
    assert found.people["n"].tolist() == [1]


def test_no_cells_are_no_answers() -> None:
    found = collect(table(), SMALL_FORMS)
    assert len(found.answers) == len(found.levels) == len(found.people) == 0
    assert found.blocks == ()


def test_cells_without_a_column_are_refused() -> None:
    with pytest.raises(InputError, match="cells lacks the column counts, moments"):
        collect(pd.DataFrame({"unit": [], "form": [], "stratum": [], "n": []}), SMALL_FORMS)
