import hashlib
import json

import pytest

from evalsys.reports import fonts


def test_the_manifest_names_every_shipped_file_with_its_digest() -> None:
    manifest = json.loads((fonts.FOLDER / "manifest.json").read_text())
    assert {row["file"]: row["sha256"] for row in manifest} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in fonts.files()
    }


def test_the_licence_lies_beside_the_fonts() -> None:
    assert "SIL OPEN FONT LICENSE" in (fonts.FOLDER / "OFL.txt").read_text()


@pytest.mark.parametrize(
    "text", ["Café – 75.69 %, «x» −4 … “y” ×", "图书馆，（满分100）“好”《法》、。", "المكتبات والتعلّم، «نعم» ؟ ـ"]
)
def test_ordinary_text_of_the_three_languages_can_be_drawn(text: str) -> None:
    assert fonts.missing(text) == frozenset()
    assert fonts.within(text) == text


def test_all_hanzi_of_gb_2312_can_be_drawn() -> None:
    cells = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    hanzi = "".join(cell.decode("gb2312", errors="ignore") for cell in cells)
    assert len(hanzi) == 6763
    assert fonts.missing(hanzi) == frozenset()


def test_an_emoji_becomes_a_square_and_its_joiners_vanish() -> None:
    assert fonts.within("a \U0001f468\u200d\U0001f469\ufe0f b") == "a □\u200d□ b"


def test_control_characters_and_lone_surrogates_are_dropped() -> None:
    assert fonts.within("a\x00\x07\ud800b\n") == "ab\n"


def test_direction_marks_stay() -> None:
    assert fonts.within("\u2068a\u2069\u200f") == "\u2068a\u2069\u200f"
