import csv
import json
import re
import runpy
import sys
from pathlib import Path

import pytest

from scoring import __main__ as command
from scoring.frames import COLUMNS
from tests.unit.scoring.rounds import small_mapping

GOOD = "unit,group,indicator,value,respondent,category\nU01,experts,leadership,80,x,A\nU02,experts,leadership,60,x,A\n"


@pytest.fixture
def scheme(tmp_path: Path) -> str:
    path = tmp_path / "scheme.json"
    path.write_text(json.dumps(small_mapping()), encoding="utf-8")
    return str(path)


def data(folder: Path, content: str, name: str = "data.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode("utf-8"))
    return str(path)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_good_file_is_scored_with_code_0(tmp_path: Path, scheme: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "out"
    assert command.main(["run", scheme, data(tmp_path, "\ufeff" + GOOD), "--out", str(out)]) == 0
    assert names(out) == {
        "rejected.csv",
        "report.txt",
        "result.json",
        "scheme.json",
        *(f"{stage}.csv" for stage in COLUMNS),
    }
    shown = capsys.readouterr()
    assert shown.out == (out / "report.txt").read_text(encoding="utf-8")
    assert "80.00" in shown.out
    assert "1 of 2" in shown.out
    assert not shown.err


def test_refused_rows_are_in_a_file_and_the_code_is_1(tmp_path: Path, scheme: str) -> None:
    out = tmp_path / "out"
    assert command.main(["run", scheme, data(tmp_path, GOOD + "U02,moon,ease,5,y,\n"), "--out", str(out)]) == 1
    with (out / "rejected.csv").open(encoding="utf-8", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["file", "line", "unit", "group", "indicator", "value", "reason"],
            ["data.csv", "4", "U02", "moon", "ease", "5", "group is none of citizens, experts"],
        ]


def test_the_same_files_give_the_same_bytes(tmp_path: Path, scheme: str) -> None:
    file = data(tmp_path, GOOD)
    for name in ("one", "two"):
        assert command.main(["run", scheme, file, "--out", str(tmp_path / name)]) == 0
    one, two = tmp_path / "one", tmp_path / "two"
    assert {name: (one / name).read_bytes() for name in names(one)} == {n: (two / n).read_bytes() for n in names(two)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "data.csv is neither ratings"),
        ("unit,group,indicator,value\n", "no row can be scored; 0 refused"),
        ("unit,group,indicator,value\nU01,moon,ease,5\n", "no row can be scored; 1 refused"),
        ('unit,group,indicator,value\nU01,"moon', "data.csv, at or after line 2"),
    ],
)
def test_when_nothing_can_be_scored_the_code_is_2_and_no_old_result_stays(
    tmp_path: Path, scheme: str, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    out = tmp_path / "out"
    assert command.main(["run", scheme, data(tmp_path, GOOD), "--out", str(out)]) == 0
    capsys.readouterr()
    assert command.main(["run", scheme, data(tmp_path, content), "--out", str(out)]) == 2
    assert names(out) == {"rejected.csv"}
    shown = capsys.readouterr()
    assert said in shown.err
    assert not shown.out


def test_a_period_and_several_files_may_be_asked_for(tmp_path: Path, scheme: str) -> None:
    rows = ["unit,group,indicator,value,period", *(f"U01,experts,leadership,{10 * year},{year}" for year in (1, 2, 3))]
    files = [data(tmp_path, "\n".join(rows)), data(tmp_path, "unit,kind,code,points\nU01,bonus,new,5\n", "more.csv")]
    assert command.main(["run", scheme, *files, "--out", str(tmp_path / "out"), "--period", "2"]) == 0
    report = (tmp_path / "out/report.txt").read_text(encoding="utf-8")
    assert "period: 2\n" in report
    assert "  U01   1  25.00" in report


def test_a_missing_file_is_told_in_one_line(tmp_path: Path, scheme: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert command.main(["run", scheme, str(tmp_path / "none.csv"), "--out", out]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'none.csv'}: no such file\n"
    assert command.main(["check", str(tmp_path / "none.toml")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_folder_that_is_a_file_is_told(tmp_path: Path, scheme: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = data(tmp_path, GOOD)
    assert command.main(["run", scheme, file, "--out", file]) == 2
    assert "File exists" in capsys.readouterr().err


def test_results_never_overwrite_what_was_read(tmp_path: Path, scheme: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = data(tmp_path, GOOD, "responses.csv")
    assert command.main(["run", scheme, file, "--out", str(tmp_path)]) == 2
    assert "would be overwritten" in capsys.readouterr().err
    assert Path(file).read_text(encoding="utf-8") == GOOD


def test_check_tells_what_a_scheme_holds(scheme: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["check", scheme]) == 0
    assert capsys.readouterr().out.startswith("small: 3 indicators, 2 groups, 2 bands\ndigest ")


def test_check_tells_everything_wrong_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data(tmp_path, json.dumps(small_mapping(bands=[{"code": "A", "from": 10}], order="sideways")), "wrong.json")
    assert command.main(["check", path]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"{path} is not a scheme:"
    assert len(lines) == 3


def test_a_wrong_command_line_leaves_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command.main(["score"])
    assert left.value.code == 2
    assert "usage: python -m scoring" in capsys.readouterr().err


def test_the_module_runs_as_a_command(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["scoring", "check", scheme])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(command.__file__), run_name="__main__")
    assert left.value.code == 0


def test_the_example_of_the_documentation_is_true(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[3] / "docs/engine.md").read_text(encoding="utf-8")
    scheme, ratings, rejected, report = re.findall(r"```(?:toml|csv|text)\n(.*?)```", page, re.DOTALL)
    files = data(tmp_path, scheme, "scheme.toml"), data(tmp_path, ratings)
    assert command.main(["run", *files, "--out", str(tmp_path / "out")]) == 1
    assert (tmp_path / "out/rejected.csv").read_text(encoding="utf-8") == rejected
    assert capsys.readouterr().out.split("\nDigests")[0] == report
    (told,) = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    assert command.main(["explain", str(tmp_path / "out"), "U01"]) == 0
    assert told in capsys.readouterr().out


def test_the_documentation_lists_every_column_of_every_table() -> None:
    page = (Path(__file__).parents[3] / "docs/engine.md").read_text(encoding="utf-8")
    for stage, columns in COLUMNS.items():
        listed = ", ".join(f"`{column}`" for column in columns)
        assert re.search(rf"^\| `{stage}\.csv` \| .* \| {re.escape(listed)} \|$", page, re.MULTILINE)
