"""A stored result told step by step, and two of them compared."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring import __main__ as command
from scoring.files import Stored, compare, describe_change, read_stored, score_data, tell, values_of, write_result
from scoring.frames import InputError
from scoring.scheme import Scheme, parse_scheme
from scoring.tree import evaluate
from tests.unit.scoring.csvs import HEADER, read_all, source
from tests.unit.scoring.rounds import small_mapping, small_scheme
from tests.unit.scoring.test_files_others import figured_scheme

ANSWERS = (
    "U1,citizens,ease,5,r1,a",
    "U1,citizens,speed,dk,r1,a",
    "U1,citizens,ease,4,r2,a",
    "U1,citizens,speed,4,r2,a",
    "U1,citizens,ease,4,r3,b",
    "U1,citizens,speed,,r3,b",
    "U1,citizens,ease,3,r4,b",
    "U1,experts,leadership,70,x,",
)
FINDINGS = ("unit,kind,code,points,source,reason", "U1,deduction,late,2,external,two weeks", "U1,bonus,new,1,self,")


def stored(
    *answers: str, scheme: Scheme | None = None, findings: tuple[str, ...] = (), figures: tuple[str, ...] = ()
) -> Stored:
    """The result of these rows; all of them are used."""
    known = scheme or small_scheme()
    files = {"ratings": (HEADER, *answers) if answers else (), "findings": findings, "figures": figures}
    data, refused = read_all([source(*rows, name=name) for name, rows in files.items() if rows], known)
    assert not refused
    return Stored("one", score_data(data, known), known)


def step(story: str, number: int) -> list[str]:
    """The lines of one step, without its title."""
    _, _, rest = story.partition(f"\n{number}. ")
    return rest.split("\n\n")[0].splitlines()[1:]


def test_every_step_from_the_answers_to_the_means_is_told() -> None:
    story = tell(stored(*ANSWERS), "U1")
    assert story.splitlines()[:2] == [
        "U1 in the category all, by the scheme small",
        "Every figure is told, also those too small to publish: this is for those who may see the answers.",
    ]
    assert step(story, 1)[1:] == [
        "  citizens  ease        a        2      0           0               4: 1, 5: 1",
        "  citizens  speed       a        1      1           0               4: 1",
        "  citizens  ease        b        2      0           0               3: 1, 4: 1",
        "  citizens  speed       b        0      0           0               -",
        "  experts   leadership  all      1      0           0               70: 1",
    ]
    assert [line.split() for line in step(story, 2)] == [
        ["group", "indicator", "stratum", "n", "mean", "of", "levels", "weight", "%"],
        ["citizens", "ease", "a", "2", "4.50", "60.00"],
        ["citizens", "speed", "a", "1", "4.00", "100.00"],
        ["citizens", "ease", "b", "2", "3.50", "40.00"],
        ["citizens", "speed", "b", "0", "-", "0.00"],
        ["experts", "leadership", "all", "1", "70.00", "100.00"],
    ]
    assert [line.split()[:6] for line in step(story, 3)[1:]] == [
        ["ease", "citizens", "4", "77.50", "(mean)", "77.50"],
        ["speed", "citizens", "1", "75.00", "(mean)", "75.00"],
        ["leadership", "experts", "1", "70.00", "(mean)", "70.00"],
    ]
    assert step(story, 4) == ["  nothing"]


def test_every_step_from_the_figures_to_the_score_is_told() -> None:
    story = tell(stored(*ANSWERS, findings=FINDINGS), "U1")
    assert step(story, 5) == [
        "  service 76.50 = weighted mean of ease 77.50 (60.00 %), speed 75.00 (40.00 %)",
        "  score 74.55 = weighted mean of service 76.50 (70.00 %), leadership 70.00 (30.00 %)",
    ]
    assert [line.split()[:3] for line in step(story, 6)[1:]] == [["citizens", "4", "76.50"], ["experts", "1", "70.00"]]
    assert [line.split() for line in step(story, 7)[1:]] == [
        ["ease", "citizens", "77.50", "42.00", "32.55"],
        ["speed", "citizens", "75.00", "28.00", "21.00"],
        ["leadership", "experts", "70.00", "30.00", "21.00"],
        ["together", "74.55"],
    ]
    assert step(story, 8)[0] == "  74.55 + bonus 1.00 - deductions 2.00 = 73.55"
    assert step(story, 8)[2:] == [
        "  bonus new, 1.00 of 1.00 points counted, self",
        "  deduction late, 2.00 of 2.00 points counted, external: two weeks",
        "  band B; rank 1 of 1",
    ]
    assert step(story, 8)[1].endswith("n = 5, level full")


def test_a_unit_with_few_answers_has_no_band_and_no_rank() -> None:
    lines = step(tell(stored(*ANSWERS[:2]), "U1"), 8)
    assert lines[0] == "  100.00 + bonus 0.00 - deductions 0.00 = 100.00"
    assert lines[1].endswith("n = 1, level hidden")
    assert lines[2:] == ["  band none; no rank"]


def test_a_unit_without_problems_has_none_and_one_with_a_limit_names_it() -> None:
    scheme = small_scheme(limiters=[{"code": "case", "band": "B"}])
    rows = [f"U1,citizens,{leaf},5,{part}{n},{part}" for leaf in ("ease", "speed") for part in "ab" for n in range(4)]
    found = stored(*rows, "U1,experts,leadership,90,x,", scheme=scheme, findings=("unit,kind,code", "U1,limiter,case"))
    story = tell(found, "U1")
    assert step(story, 8)[-1] == "  band B, set by case; rank 1 of 1"
    assert step(story, 9) == ["  nothing"]


def test_administrative_figures_are_told_from_raw_units_to_points() -> None:
    figures = ("unit,waste,calls,people", "U1,4,16,2", "U2,3,,5")
    found = stored(figures=figures, scheme=figured_scheme(groups=[], rated=False))
    story = tell(found, "U1")
    assert [line.split() for line in step(story, 4)] == [
        ["indicator", "raw", "per", "denominator", "treated", "points", "by", "remark"],
        ["waste", "4.0000", "4.0000", "4.0000", "60.00", "goalposts", "-"],
        ["calls", "16.0000", "8.0000", "8.0000", "80.00", "goalposts", "-"],
    ]
    for number in (1, 2, 3, 6):
        assert step(story, number) == ["  nothing"]
    assert [line.split()[:2] for line in step(story, 7)[1:3]] == [["waste", "-"], ["calls", "-"]]
    assert "calls - (0.00 %)" in step(tell(found, "U2"), 5)[0]
    assert ["calls", "figure_missing"] in [line.split()[:2] for line in step(tell(found, "U2"), 9)]


def test_the_way_from_answers_to_a_figure_is_named() -> None:
    mapping = small_mapping()
    mapping["groups"][0] |= {"estimator": "trimmed", "shrinkage": "empirical-bayes"}
    story = tell(stored(*ANSWERS, scheme=parse_scheme(mapping)), "U1")
    assert "(trimmed, shrunk)" in step(story, 3)[1]
    assert "(mean)" in step(story, 3)[3]


def test_severity_is_named_where_raters_are_adjusted() -> None:
    mapping = small_mapping()
    mapping["groups"][1] |= {"promise": "accountable", "severity": "fixed"}
    story = tell(stored(*ANSWERS, scheme=parse_scheme(mapping)), "U1")
    assert "(mean, severity adjusted)" in step(story, 3)[3]


def test_under_group_outside_the_groups_are_joined_last() -> None:
    mapping: dict[str, Any] = small_mapping(order="group-outside")
    mapping["groups"][0]["weight"], mapping["groups"][1]["weight"] = 70, 30
    lines = step(tell(stored(*ANSWERS, scheme=parse_scheme(mapping)), "U1"), 5)
    assert lines[0] == "  service 76.50"
    assert lines[-1] == "  each group has an index of its own; the next step joins them"


def test_an_indicator_that_does_not_apply_is_no_part_of_the_story() -> None:
    found = stored(figures=("unit,waste,calls,people", "U3,4,,"), scheme=figured_scheme(groups=[], rated=False))
    assert step(tell(found, "U3"), 5) == ["  score 60.00 = weighted mean of waste 60.00 (100.00 %)"]


def test_a_unit_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        tell(stored(*ANSWERS), "U7")
    assert str(caught.value) == "one has no unit U7; it has U1"


def test_the_tree_scores_a_stored_result_again() -> None:
    ratings = ["U1,experts,ease,4,x,", "U2,experts,ease,2,x,", "U3,experts,ease,5,x,"]
    figures = ("unit,waste,calls,people", "U1,4,16,2", "U2,3,,5", "U3,1,,")
    found = stored(*ratings, figures=figures, scheme=figured_scheme())
    again = evaluate(values_of(found), found.scheme, gradient=False)
    assert again.score[:, 0] == pytest.approx(found.result.stages["scores"]["score"].to_numpy())
    assert values_of(found).applies.tolist() == [[True, True, True], [True, True, True], [True, False, True]]
    assert np.isnan(values_of(found).rated[:, :2]).all()


def experts(*scores: str) -> list[str]:
    return [f"U{place},experts,leadership,{score},x," for place, score in enumerate(scores, start=1)]


def test_a_change_is_split_into_figures_weights_gaps_and_adjustments() -> None:
    before = stored(*experts("60", "50"), *ANSWERS[:7])
    heavier: dict[str, Any] = small_mapping()
    for child, weight in zip(heavier["tree"]["children"], (40, 60), strict=True):
        child["weight"] = weight
    after = stored(*experts("80", "50", "20"), *ANSWERS[:7], scheme=parse_scheme(heavier), findings=FINDINGS)
    table = compare(before, after)
    assert table["unit"].tolist() == ["U1", "U2"]
    first = table.to_dict("records")[0]
    assert first["before"] == pytest.approx(0.7 * 76.5 + 0.3 * 60)
    assert first["after"] == pytest.approx(0.4 * 76.5 + 0.6 * 80 - 1)
    parts = [first[name] for name in ("data", "weights", "coverage", "adjustments")]
    assert sum(parts) == pytest.approx(first["change"], abs=1e-9)
    assert parts == pytest.approx([0.45 * 20, 0.3 * (70 - 76.5), 0, -1])
    assert table["shown"].tolist() == [True, True]


def test_the_comparison_is_told_with_ranks_and_units_of_one_result_alone() -> None:
    before, after = stored(*experts("60", "50")), stored(*experts("40", "50")[:2], "U3,experts,leadership,20,x,")
    assert describe_change(before, after) == (
        "From one to one\n"
        "\n"
        "  unit  before  after  change  data    weights  coverage  adjustments  rank\n"
        "  U1    60.00   40.00  -20.00  -20.00  0.00     0.00      0.00         1 > 2\n"
        "  U2    50.00   50.00  0.00    0.00    0.00     0.00      0.00         2 > 1\n"
        "\n"
        "Only in one: U3\n"
    )
    assert describe_change(after, before).endswith("\nOnly in one: U3\n")


def test_a_score_that_was_too_small_to_publish_is_not_compared() -> None:
    few = ["U1,citizens,ease,5,r1,a", "U1,citizens,speed,5,r1,a"]
    for before, after in ((few, experts("60")), (experts("60"), few)):
        lines = describe_change(stored(*before), stored(*after)).splitlines()
        assert lines[3].split() == ["U1", *"-" * 7, "-", ">", "-"]


def test_other_schemes_are_told() -> None:
    said = describe_change(stored(*experts("60")), stored(*experts("60"), scheme=small_scheme(rank_decimals=3)))
    assert "The schemes differ: what that changed stands under weights.\n" in said


def written(folder: Path, found: Stored) -> Path:
    folder.mkdir()
    write_result(found.result, found.scheme, folder)
    return folder


def test_a_stored_result_is_read_from_its_folder_or_its_file(tmp_path: Path) -> None:
    found, folder = stored(*ANSWERS), written(tmp_path / "out", stored(*ANSWERS))
    for path in (folder, folder / "result.json"):
        again = read_stored(path)
        assert (again.name, again.scheme, again.units) == (str(path), found.scheme, ["U1"])
        assert again.result.digest == found.result.digest


@pytest.mark.parametrize("content", ["{", "[]", '{"stages": 3}', "{}", '{"stages": {"moon": {}}}'])
def test_what_is_no_result_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"result\.json is not a result: "):
        read_stored(path)


def test_a_result_beside_another_scheme_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "out", stored(*ANSWERS))
    other = small_scheme(rank_decimals=3)
    (folder / "scheme.json").write_text(other.canonical(), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_stored(folder)
    said = f"{folder / 'scheme.json'} is not the scheme of {folder / 'result.json'}: its digest is {other.digest[:12]}…"
    assert str(caught.value) == said


def test_the_commands_explain_and_compare_print_their_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(written(tmp_path / "out", stored(*ANSWERS)))
    assert command.main(["explain", folder, "U1"]) == 0
    assert "5. Dimensions, from the lowest up" in capsys.readouterr().out
    assert command.main(["compare", folder, folder]) == 0
    assert capsys.readouterr().out.startswith(f"From {folder} to {folder}\n")
    assert command.main(["explain", folder, "U9"]) == 2
    assert "has no unit U9" in capsys.readouterr().err
    assert command.main(["explain", str(tmp_path), "U1"]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_scheme_beside_a_result_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "out", stored(*ANSWERS))
    (folder / "scheme.json").write_text(json.dumps(small_mapping(order="sideways")), encoding="utf-8")
    assert command.main(["explain", str(folder), "U1"]) == 2
    assert capsys.readouterr().err.startswith("scheme.json is not a scheme:\n  scheme: order_unknown")
