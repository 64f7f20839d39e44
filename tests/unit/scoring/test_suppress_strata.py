"""What is withheld of strata, distributions and counts of answers."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest

from scoring.scheme import Scheme, Stratum
from scoring.suppress import published_view
from tests.unit.scoring.results import branch, frame, rated, result, scheme_of

Stages = dict[str, pd.DataFrame]
Part = tuple[str, float, int, float]
"""Stratum, weight, answers, mean on 0 to 100."""

PARTS = (Stratum("s", Fraction(1, 2)), Stratum("t", Fraction(3, 10)), Stratum("u", Fraction(1, 5)))
OPEN = Stratum("open", Fraction(0))
PLAIN = scheme_of(branch("d", 100, rated("x", 60, a=100), rated("y", 40, a=100)), groups="a")
SCHEME = replace(PLAIN, groups=(replace(PLAIN.groups[0], strata=(*PARTS, OPEN)),))
EVEN = (("s", 0.5, 20, 40.0), ("t", 0.3, 20, 50.0), ("u", 0.2, 20, 60.0))


def stages_of(parts: Mapping[str, tuple[Part, ...]], scheme: Scheme = SCHEME, **heads: int) -> Stages:
    """One unit whose indicators' figures are the weighted means of their strata; ``heads``: people of a stratum."""
    figures = {
        ("U1", leaf, "a"): (sum(w * mean for _, w, _, mean in own), sum(n for _, _, n, _ in own))
        for leaf, own in parts.items()
    }
    rows = [(leaf, *part) for leaf, own in parts.items() for part in own]
    keys: list[dict[str, object]] = [
        {"unit": "U1", "group": "a", "stratum": stratum, "indicator": leaf} for leaf, stratum, *_ in rows
    ]
    strata: list[dict[str, object]] = [
        {"points": 5, "responses": heads.get(stratum, max(n, 5)), "n": n, "raw_mean": 1 + mean / 25,
         "raw_variance": 1.0, "weight": w}
        for _leaf, stratum, w, n, mean in rows
    ]  # fmt: skip
    return result(scheme, figures, U1="K") | {
        "strata": frame("strata", [key | row for key, row in zip(keys, strata, strict=True)]),
        "responses": frame("responses", [key | {"valid": row["n"]} for key, row in zip(keys, strata, strict=True)]),
        "distribution": frame("distribution", [
            key | {"code": code, "count": count}
            for key, (*_, n, _mean) in zip(keys, rows, strict=True) for code, count in ((5, n - n // 2), (1, n // 2))
        ]),
    }  # fmt: skip


def with_open(stages: Stages, counts: Mapping[int, int], blank: int = 0) -> Stages:
    """Adds answers of an open channel to indicator x."""
    key = {"unit": "U1", "group": "a", "stratum": "open", "indicator": "x"}
    chosen = [key | {"code": code, "count": count} for code, count in counts.items()]
    added = {
        "distribution": frame("distribution", chosen),
        "responses": frame("responses", [key | {"valid": sum(counts.values()), "blank": blank}]),
    }
    return stages | {name: pd.concat([stages[name], rows], ignore_index=True) for name, rows in added.items()}


def marks(stages: Stages, name: str = "strata", scheme: Scheme = SCHEME, audience: str = "overseer") -> dict[str, str]:
    table = published_view(stages, scheme, audience)[name]
    names = table["indicator"] + " " + table["stratum"]
    return dict(zip(names[table["withheld"] != ""], table["withheld"][table["withheld"] != ""], strict=True))


def figures_withheld(stages: Stages, scheme: Scheme = SCHEME, audience: str = "overseer") -> dict[str, str]:
    means = published_view(stages, scheme, audience)["means"].query("withheld != ''")
    return dict(zip(means["indicator"], means["withheld"], strict=True))


def test_strata_of_enough_people_are_shown_to_the_overseer_and_to_nobody_else() -> None:
    stages = stages_of({"x": EVEN, "y": EVEN})
    assert marks(stages) == {}
    assert len(published_view(stages, SCHEME)["strata"]) == 0
    assert list(published_view(stages, SCHEME)["strata"].columns) == [*stages["strata"].columns, "withheld"]


def test_a_stratum_of_few_people_takes_the_next_smallest_of_its_group_with_it_everywhere() -> None:
    own = (("s", 0.5, 20, 40.0), ("t", 0.3, 15, 50.0), ("u", 0.2, 4, 60.0))
    stages = stages_of({"x": own, "y": own}, s=20, t=15, u=4)
    expected = {"x u": "primary", "y u": "primary", "x t": "complementary", "y t": "complementary"}
    for name in ("strata", "distribution", "responses"):
        assert marks(stages, name) == expected
    hidden = published_view(stages, SCHEME, "overseer")["strata"].query("withheld != ''")
    assert hidden[["responses", "n", "raw_mean", "raw_variance"]].isna().all(axis=None)
    assert figures_withheld(stages) == {}


def test_two_strata_of_few_people_cover_each_other() -> None:
    own = (("s", 0.5, 20, 40.0), ("t", 0.3, 4, 50.0), ("u", 0.2, 4, 60.0))
    stages = stages_of({"x": own, "y": own}, t=4, u=4)
    assert set(marks(stages)) == {"x t", "x u", "y t", "y u"}
    assert set(marks(stages).values()) == {"primary"}


def test_few_answers_to_one_question_hide_rows_of_that_question_only() -> None:
    few = (("s", 0.5, 18, 40.0), ("t", 0.3, 20, 50.0), ("u", 0.2, 4, 60.0))
    assert marks(stages_of({"x": few, "y": EVEN}, u=20)) == {"x u": "primary", "x s": "complementary"}
    five = (("s", 0.5, 18, 40.0), ("t", 0.3, 20, 50.0), ("u", 0.2, 5, 60.0))
    assert marks(stages_of({"x": five, "y": EVEN}, u=20)) == {}


def test_of_equal_numbers_the_first_stratum_covers() -> None:
    few = (("s", 0.5, 20, 40.0), ("t", 0.3, 20, 50.0), ("u", 0.2, 4, 60.0))
    assert marks(stages_of({"x": few, "y": EVEN}, u=20)) == {"x u": "primary", "x s": "complementary"}


def test_a_stratum_without_an_answer_covers_nothing() -> None:
    few = (("s", 0.5, 20, 40.0), ("t", 0.3, 0, 50.0), ("u", 0.5, 4, 60.0))
    stages = stages_of({"x": few, "y": EVEN}, t=20, u=20)
    stages["strata"].loc[1, ["raw_mean", "raw_variance", "weight"]] = None
    assert marks(stages) == {"x u": "primary", "x s": "complementary"}


def test_where_two_strata_leave_too_little_room_all_go() -> None:
    """With 2 % in the covering stratum, the hidden one of 40 % would be known within 5 points."""
    parts = (("s", 0.58, 20, 40.0), ("t", 0.02, 10, 50.0), ("u", 0.4, 4, 60.0))
    assert marks(stages_of({"x": parts, "y": EVEN}, t=20, u=20)) == {
        "x u": "primary", "x s": "complementary", "x t": "complementary",
    }  # fmt: skip


def test_a_stratum_whose_answers_are_all_equal_is_hidden() -> None:
    stages = stages_of({"x": EVEN, "y": EVEN})
    stages["strata"].loc[0, "raw_variance"] = 0.0
    assert marks(stages) == {"x s": "primary", "x t": "complementary"}
    stages["strata"].loc[0, "n"] = 1
    assert marks(stages)["x s"] == "primary", "one answer is too few"


def test_rows_below_a_hidden_figure_are_hidden() -> None:
    few = (("s", 0.5, 2, 40.0), ("t", 0.3, 1, 50.0), ("u", 0.2, 1, 60.0))
    stages = stages_of({"x": few, "y": EVEN}, s=20, t=20, u=20)
    assert figures_withheld(stages) == {"x": "primary", "y": "complementary"}
    assert set(marks(stages)) == {f"{leaf} {part}" for leaf in "xy" for part in "stu"}
    assert marks(stages)["y s"] == "complementary"
    assert marks(stages, "distribution", audience="public") == {"x ": "primary", "y ": "complementary"}
    assert marks(stages, "responses", audience="public") == {"x ": "primary", "y ": "complementary"}


def test_equal_answers_of_a_whole_figure_hide_its_strata() -> None:
    stages = stages_of({"x": EVEN, "y": EVEN})
    stages["distribution"] = stages["distribution"].query("indicator == 'y' or code == 1").reset_index(drop=True)
    assert marks(stages) == {"x s": "primary", "x t": "primary", "x u": "primary"}
    assert marks(stages, "distribution", audience="public") == {"x ": "primary"}
    assert marks(stages, "responses", audience="public") == {}


def test_the_public_reads_all_strata_that_count_as_one() -> None:
    stages = with_open(stages_of({"x": EVEN, "y": EVEN}), {1: 6, 5: 4}, blank=2)
    view = published_view(stages, SCHEME)
    rows = view["distribution"][["indicator", "stratum", "code", "count"]].to_numpy().tolist()
    assert rows == [["x", "", 1, 30], ["x", "", 5, 30], ["y", "", 1, 30], ["y", "", 5, 30], ["x", "open", 1, 6],
                    ["x", "open", 5, 4]]  # fmt: skip
    counts = view["responses"][["indicator", "stratum", "valid", "blank"]].to_numpy().tolist()
    assert counts == [["x", "", 60, 0], ["y", "", 60, 0], ["x", "open", 10, 2]]
    assert list(view["responses"].columns) == [*stages["responses"].columns, "withheld"]


@pytest.mark.parametrize(
    ("counts", "blank", "public", "overseer"),
    [
        ({1: 6, 5: 4}, 0, "", ""),
        ({1: 6, 5: 3}, 0, "primary", ""),
        ({1: 6, 5: 3}, 20, "primary", ""),
        ({1: 3, 5: 2}, 0, "primary", ""),
        ({1: 2, 5: 2}, 0, "primary", "primary"),
        ({1: 2, 5: 2}, 20, "primary", "primary"),
        ({1: 20}, 0, "primary", "primary"),
    ],
)
def test_an_open_channel_has_its_own_number(counts: dict[int, int], blank: int, public: str, overseer: str) -> None:
    stages = with_open(stages_of({"x": EVEN, "y": EVEN}), counts, blank)
    for audience, expected in (("public", public), ("overseer", overseer)):
        found = marks(stages, "responses", audience=audience)
        assert found == ({"x open": expected} if expected else {})
        assert marks(stages, "distribution", audience=audience) == found


def test_an_open_channel_of_blanks_alone_needs_enough_of_them() -> None:
    stages = stages_of({"x": EVEN, "y": EVEN})
    assert marks(with_open(stages, {}, 9), "responses", audience="public") == {"x open": "primary"}
    assert marks(with_open(stages, {}, 10), "responses", audience="public") == {}


def test_a_distribution_does_not_tell_two_strata_apart() -> None:
    """The figure weighs two strata one way, the distribution another: together they would give both means."""
    two = (("s", 0.6, 40, 40.0), ("t", 0.4, 4, 50.0))
    assert marks(stages_of({"x": two, "y": EVEN}), "distribution", audience="public") == {"x ": "complementary"}
    assert marks(stages_of({"x": two, "y": EVEN}), "responses", audience="public") == {}
    enough = (("s", 0.6, 40, 40.0), ("t", 0.4, 5, 50.0))
    assert marks(stages_of({"x": enough, "y": EVEN}), "distribution", audience="public") == {}
    three = (("s", 0.6, 40, 40.0), ("t", 0.2, 4, 50.0), ("u", 0.2, 4, 50.0))
    assert marks(stages_of({"x": three, "y": EVEN}), "distribution", audience="public") == {}


def test_a_figure_that_two_raters_make_up_is_hidden_unless_they_answer_by_name() -> None:
    """Weights per rater: 0.46 and 0.46 in the small strata, 0.08 / 20 in the large one."""
    heavy = (("s", 0.08, 20, 40.0), ("t", 0.46, 1, 50.0), ("u", 0.46, 1, 60.0))
    stages = stages_of({"x": heavy, "y": EVEN}, t=20, u=20)
    assert figures_withheld(stages) == {"x": "primary", "y": "complementary"}
    named = replace(SCHEME, groups=(replace(SCHEME.groups[0], promise="accountable"),))
    assert figures_withheld(stages, named) == {}
    limit = (("s", 0.1, 20, 40.0), ("t", 0.45, 1, 50.0), ("u", 0.45, 1, 60.0))
    assert figures_withheld(stages_of({"x": limit, "y": EVEN}, t=20, u=20)) == {}


def test_two_raters_of_one_stratum_are_two_raters() -> None:
    pair = (("s", 0.05, 20, 40.0), ("t", 0.95, 2, 50.0))
    assert figures_withheld(stages_of({"x": pair, "y": EVEN}, t=20))["x"] == "primary"
    trio = (("s", 0.05, 20, 40.0), ("t", 0.95, 3, 50.0))
    shares = (("s", 0.2, 20, 40.0), ("t", 0.8, 3, 50.0))
    assert figures_withheld(stages_of({"x": trio, "y": EVEN}, t=20))["x"] == "primary", "95 % tell the three"
    assert figures_withheld(stages_of({"x": shares, "y": EVEN}, t=20)) == {}


def test_a_figure_that_tells_the_mean_of_a_small_stratum_is_hidden() -> None:
    """At a mean of 97 a stratum of half the weight must lie between 94 and 100."""
    high = (("s", 0.5, 20, 97.0), ("t", 0.5, 4, 97.0))
    assert figures_withheld(stages_of({"x": high, "y": EVEN}, t=20))["x"] == "primary"
    lower = (("s", 0.5, 20, 95.0), ("t", 0.5, 4, 95.0))
    assert figures_withheld(stages_of({"x": lower, "y": EVEN}, t=20)) == {}
    more = (("s", 0.5, 20, 97.0), ("t", 0.5, 5, 97.0))
    assert figures_withheld(stages_of({"x": more, "y": EVEN}, t=20)) == {}
