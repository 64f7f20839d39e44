import json
from pathlib import Path
from typing import Any

import pytest

from scoring.files import read_scheme
from scoring.frames import InputError
from scoring.scheme import SchemeError
from tests.unit.scoring.rounds import small_mapping

TOML = """
code = "small"
groups = [{ code = "g", promise = "anonymous", minimum = [1, 1, 1], strata = [{ code = "all", weight = 100 }] }]
bands = [{ code = "A", from = 0 }]
tree = { code = "score", children = [{ code = "ease", weight = 100, points = 5, groups = { g = 100 } }] }
"""


def stored(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_scheme_in_toml_and_in_json_is_the_same(tmp_path: Path) -> None:
    scheme = read_scheme(stored(tmp_path, "scheme.toml", TOML))
    assert read_scheme(stored(tmp_path, "scheme.json", json.dumps(scheme.to_mapping()))).digest == scheme.digest


def test_a_preset_is_a_scheme() -> None:
    assert read_scheme(Path(__file__).parents[3] / "evalsys/presets/rivergate.toml").code == "rivergate"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("scheme.yaml", "", "a .toml or a .json file"),
        ("scheme.toml", "code = ", "Invalid value"),
        ("scheme.json", "{", "Expecting property name"),
        ("scheme.json", "[" * 100_000, "recursion"),
        ("scheme.json", "[]", "a mapping of names to values"),
        ("scheme.json", '{"scheme": 3}', "a mapping of names to values"),
    ],
)
def test_a_file_that_is_no_scheme_is_refused(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_scheme(stored(tmp_path, name, content))


def test_half_a_character_in_a_scheme_is_refused(tmp_path: Path) -> None:
    mapping: dict[str, Any] = small_mapping()
    mapping["tree"]["children"][1]["units"] = ["\ud800"]
    with pytest.raises(InputError, match="half a character"):
        read_scheme(stored(tmp_path, "scheme.json", json.dumps(mapping)))


def test_everything_wrong_in_a_scheme_is_told(tmp_path: Path) -> None:
    with pytest.raises(SchemeError) as caught:
        read_scheme(stored(tmp_path, "scheme.toml", TOML.replace("100", "90")))
    assert len(caught.value.problems) == 3
