"""Nothing that is hidden can be told from what is published: linear programming looks for the range of each cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from scoring.frames import Floats
from scoring.scheme import Scheme
from scoring.suppress import Release, differs_safely, published_view, release
from scoring.tree import Values, evaluate
from tests.unit.scoring.results import Figures, branch, rated, result, scheme_of

Key = tuple[str, str]
Tables = dict[str, pd.DataFrame]
UNITS = {"U1": "K", "U2": "K"}
NUMBERS = (2, 4, 5, 8, 12, 12, 30, 30, 60)
SAFE, TOLERANCE = 10.0, 1e-4
weights = st.integers(1, 20)


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    dimensions = []
    for place in range(draw(st.integers(1, 3))):
        leaves = []
        for number in range(draw(st.integers(1, 3))):
            groups = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True))
            shares = {group: draw(weights) for group in sorted(groups)}
            leaves.append(rated(f"i{place}{number}", draw(weights), **shares))
        dimensions.append(branch(f"d{place}", draw(weights), *leaves))
    return scheme_of(*dimensions)


@st.composite
def rounds(draw: st.DrawFn, scheme: Scheme) -> Figures:
    figures = {}
    for unit in UNITS:
        for leaf in scheme.leaves():
            for group, _share in leaf.shares:
                n = draw(st.sampled_from(NUMBERS))
                figures[unit, leaf.code, group] = (draw(st.integers(50, 950)) / 10, n)
    return figures


@st.composite
def cases(draw: st.DrawFn) -> tuple[Scheme, Figures]:
    scheme = draw(schemes())
    return scheme, draw(rounds(scheme))


@dataclass
class Reader:
    """A reader of one unit's tables: all quantities as rows on its figures, by name, and what the view says of each."""

    keys: list[Key]
    rows: dict[str, Floats]
    withheld: dict[str, str]


def read(scheme: Scheme, figures: Figures, view: Tables, unit: str) -> Reader:
    """Rows by differences of the real tree, not from the weights that the engine reports."""
    keys = [(leaf, group) for (code, leaf, group) in figures if code == unit]
    leaves, groups = [leaf.code for leaf in scheme.leaves()], [group.code for group in scheme.groups]

    def scores(raised: int | None) -> Any:
        grid = np.full((1, len(leaves), len(groups)), np.nan)
        for place, (leaf, group) in enumerate(keys):
            grid[0, leaves.index(leaf), groups.index(group)] = 1.0 if place == raised else 0.0
        none = np.full(grid.shape[:2], np.nan)
        return evaluate(Values(grid, none, np.ones(none.shape, dtype=bool)), scheme, gradient=False)

    turned = [scores(place) for place in range(len(keys))]
    rows = {f"node {node.code}": np.array([x.score[0, at] for x in turned]) for at, node in enumerate(scheme.nodes())}
    rows |= {f"group {group}": np.array([x.by_group[0, at] for x in turned]) for at, group in enumerate(groups)}
    rows |= {f"{leaf} {group}": np.eye(len(keys))[place] for place, (leaf, group) in enumerate(keys)}
    marks = {f"node {line.node}": line.withheld for line in lines(view, "nodes", unit)}
    marks |= {f"group {line.group}": line.withheld for line in lines(view, "groups", unit)}
    marks |= {f"{line.indicator} {line.group}": line.withheld for line in lines(view, "means", unit)}
    known = {name: row for name, row in rows.items() if name in marks and not np.isnan(row).any()}
    return Reader(keys, known, {name: marks[name] for name in known})


def lines(view: Tables, name: str, unit: str) -> Iterator[Any]:
    return view[name][view[name]["unit"] == unit].itertuples()


def span(shown: Floats, point: Floats, aim: Floats) -> float:
    """How far the aim can move: its highest and lowest value under what is shown, on figures from 0 to 100."""
    ends = []
    for sign in (1.0, -1.0):
        known = {"A_eq": shown, "b_eq": shown @ point} if len(shown) else {}
        found = linprog(-sign * aim, bounds=[(0, 100)] * len(point), **known)
        assert found.status == 0, found.message
        ends.append(sign * -found.fun)
    return float(ends[0] - ends[1])


def stacked(reader: Reader) -> Floats:
    shown = [row for name, row in reader.rows.items() if reader.withheld[name] == ""]
    return np.array(shown).reshape(len(shown), len(reader.keys))


@given(cases(), st.sampled_from(["public", "overseer"]))
@settings(max_examples=20, deadline=None)
def test_no_hidden_cell_is_known_within_ten_points(case: tuple[Scheme, Figures], audience: str) -> None:
    scheme, figures = case
    view = published_view(result(scheme, figures, **UNITS), scheme, audience)
    for unit in UNITS:
        reader = read(scheme, figures, view, unit)
        point = np.array([figures[unit, leaf, group][0] for leaf, group in reader.keys])
        least = 10 if audience == "public" else 5
        for place, key in enumerate(reader.keys):
            if figures[(unit, *key)][1] < least:
                assert reader.withheld[" ".join(key)] == "primary"
                assert span(stacked(reader), point, np.eye(len(point))[place]) > SAFE - TOLERANCE
        for name in ("node score", *(f"group {group.code}" for group in scheme.groups)):
            if reader.withheld.get(name) == "primary":
                assert span(stacked(reader), point, reader.rows[name]) > 1e-7


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_changes_nothing_but_the_order_of_rows(case: tuple[Scheme, Figures], chance: Any) -> None:
    scheme, figures = case
    stages = result(scheme, figures, **UNITS)
    seed = chance.randrange(1000)
    turned = {name: table.sample(frac=1, random_state=seed) for name, table in stages.items()}
    plain, other = published_view(stages, scheme), published_view(turned, scheme)
    for name, table in plain.items():
        keys = [column for column in table.columns if table[column].dtype == "str" and column != "withheld"]
        keys += ["code"] if name == "distribution" else []
        first, second = (part.sort_values(keys, ignore_index=True) for part in (table, other[name]))
        pd.testing.assert_frame_equal(first, second)


@given(cases())
@settings(max_examples=15, deadline=None)
def test_what_is_shown_is_the_figure_itself(case: tuple[Scheme, Figures]) -> None:
    scheme, figures = case
    stages = result(scheme, figures, **UNITS)
    view = published_view(stages, scheme)
    for name, column in (("means", "mean"), ("nodes", "score"), ("groups", "score"), ("scores", "score")):
        shown = (view[name]["withheld"] == "").to_numpy()
        pd.testing.assert_series_equal(view[name][column][shown], stages[name][column][shown])
        assert view[name][column][~shown].isna().all()


@st.composite
def successions(draw: st.DrawFn) -> tuple[Scheme, Figures, Figures]:
    """Two rounds of the same people and a few more: each figure gained 0 to 12 answers."""
    scheme, before = draw(cases())
    after = {}
    steps = draw(st.sampled_from([(0, 5, 12), (0, 1, 3, 5, 12), (5, 12)]))
    for key, (mean, n) in before.items():
        gained, news = draw(st.sampled_from(steps)), draw(st.integers(0, 1000)) / 10
        after[key] = ((mean * n + gained * news) / (n + gained), n + gained)
    return scheme, before, after


@given(successions())
@settings(max_examples=20, deadline=None)
def test_two_releases_tell_neither_a_hidden_cell_nor_a_few_newcomers(case: tuple[Scheme, Figures, Figures]) -> None:
    scheme, before, after = case
    one, two = (Release(stages, published_view(stages, scheme)) for stages in (
        result(scheme, before, **UNITS), result(scheme, after, **UNITS)))  # fmt: skip
    safe = differs_safely(one, two, scheme)
    released = release(one, two, scheme)
    for unit in UNITS:
        source = two if safe[unit] else one
        for name in ("means", "groups", "nodes"):
            columns = list(one.view[name].columns.drop("withheld"))
            held = [view[name][view[name]["unit"] == unit][columns] for view in (released.view, source.view)]
            pd.testing.assert_frame_equal(held[0].reset_index(drop=True), held[1].reset_index(drop=True))
        if safe[unit]:
            _check_both(scheme, unit, (before, after), (dict(one.view), dict(two.view)))


def _check_both(scheme: Scheme, unit: str, rounds: tuple[Figures, Figures], views: tuple[Tables, Tables]) -> None:
    readers = [read(scheme, figures, view, unit) for figures, view in zip(rounds, views, strict=True)]
    keys = readers[0].keys
    old = np.array([rounds[0][(unit, *key)][1] for key in keys])
    new = np.array([rounds[1][(unit, *key)][1] for key in keys])
    part, size = old / new, len(keys)
    later = np.hstack([np.diag(part), np.diag(1 - part)])
    both = np.vstack([np.hstack([stacked(readers[0]), np.zeros((len(stacked(readers[0])), size))]),
                      stacked(readers[1]) @ later])  # fmt: skip
    first, last = (np.array([figures[(unit, *key)][0] for key in keys]) for figures in rounds)
    news = np.divide(last - part * first, 1 - part, out=np.full(size, 50.0), where=part < 1)
    point = np.append(first, np.clip(news, 0, 100))
    for place, key in enumerate(keys):
        name = " ".join(key)
        if 0 < new[place] - old[place] < 5:
            assert span(both, point, np.eye(2 * size)[size + place]) > SAFE - TOLERANCE
        if readers[0].withheld[name] == "primary":
            assert span(both, point, np.eye(2 * size)[place]) > SAFE - TOLERANCE
        if readers[1].withheld[name] == "primary":
            assert span(both, point, later[place]) > SAFE - TOLERANCE


def test_the_programme_finds_a_difference() -> None:
    """The oracle itself: with the composite and two of three figures shown, the third has no range."""
    shown = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert span(shown, np.array([50.0, 60.0, 70.0]), np.array([0.0, 0.0, 1.0])) == pytest.approx(0.0, abs=1e-9)
    assert span(shown[:2], np.array([50.0, 60.0, 70.0]), np.array([0.0, 0.0, 1.0])) == pytest.approx(90.0)
