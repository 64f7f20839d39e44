"""All published files together tell no hidden figure: linear programming looks for the range of each of them."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from sqlalchemy.orm import Session

from evalsys.services.opendata.rows import Content
from evalsys.services.scorecards.fine import fine_scores
from evalsys.services.scorecards.sheet import read_sheet
from scoring.result import Result
from scoring.scheme import Scheme
from scoring.suppress import SAFE_POINTS
from tests.attacker import Cell, Knowledge, hidden_cells, read_files
from tests.opendata import change, download, read_rows, write_tables
from tests.properties.test_suppression import UNITS, cases
from tests.published import make_published_round
from tests.unit.drawn_cards import build
from tests.unit.scoring.results import Figures, branch, rated, result, scheme_of

ENOUGH = SAFE_POINTS - 1e-3
SMALL = scheme_of(
    branch("ease", 60, rated("speed", 50, a=100), rated("words", 30, a=60, b=40), rated("place", 20, a=100)),
    branch("care", 40, rated("help", 70, b=100), rated("calm", 30, b=50, c=50)),
)
ANSWERS = {"speed": 30, "words": 12, "place": 4, "help": 30, "calm": 12}


def files_of(scheme: Scheme, figures: Figures, folder: Path) -> Path:
    """The open data of a round, from its tables through cards, as they are published."""
    made = Result("", "", "", 0, _whole(result(scheme, figures, **UNITS)))
    sheet = read_sheet(made, scheme)
    fine = fine_scores(sheet, scheme)
    cards = {}
    for unit in UNITS:
        card = build(made, scheme, unit)
        cards[unit] = {"en": replace(card, indicators=fine.lines(card))}
    return write_tables(Content(cards, scheme), folder)


def _whole(stages: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The hand-made tables with what a card wants besides: nominal weights, and the band that fits the score."""
    scores, weighted = stages["scores"], ("groups", "nodes", "contributions")
    fitting = np.where(scores["score"] >= 75, "A", "B")
    bands = scores.assign(band=np.where(scores["band"] == "", "", fitting))
    return stages | {
        **{name: stages[name].assign(weight_nominal=stages[name]["weight_used"]) for name in weighted},
        "scores": bands,
    }


def exposed(*folders: Path, scheme: Scheme | None = None) -> dict[Cell, float]:
    """The hidden figures that a reader knows within less than the stated width."""
    known = read_files(*folders, scheme=scheme)
    category = {row["unit"]: row["category"] for row in read_rows(folders[0] / "scores.csv")}
    widths = {cell: known[category[cell[0]]].width_of(cell) for cell in hidden_cells(folders[0])}
    return {cell: width for cell, width in widths.items() if width < ENOUGH}


def small_figures(place: float = 37.0) -> Figures:
    """One indicator of U1 rests on four answers."""
    figures = {}
    for unit, more in (("U1", 0), ("U2", 60)):
        for leaf in SMALL.leaves():
            for at, (group, _share) in enumerate(leaf.shares):
                mean = place if (unit, leaf.code) == ("U1", "place") else 50.0 + 3 * at + len(leaf.code)
                figures[unit, leaf.code, group] = (mean, ANSWERS[leaf.code] + more)
    return figures


def test_an_indicator_of_four_answers_stays_open_whatever_stands_around_it(tmp_path: Path) -> None:
    folder = files_of(SMALL, small_figures(), tmp_path)
    assert hidden_cells(folder) == [("U1", "place", "a")]
    assert exposed(folder) == {}


def reveal(folder: Path) -> None:
    """A planted leak: what covers the hidden figure is published as well."""
    covers = hidden_cells(folder, "complementary")
    assert covers
    for unit, indicator, group in covers:
        true = f"{small_figures()[unit, indicator, group][0]:.2f}"
        change(folder / "indicators.csv", {"score": true}, unit=unit, indicator=indicator, group=group)


def test_a_leak_in_one_file_is_found(tmp_path: Path) -> None:
    folder = files_of(SMALL, small_figures(), tmp_path)
    reveal(folder)
    (found,) = exposed(folder).items()
    assert found[0] == ("U1", "place", "a")
    assert found[1] < 1


def test_a_leak_of_two_editions_together_is_found(tmp_path: Path) -> None:
    newest, former = (files_of(SMALL, small_figures(), tmp_path / name) for name in ("newest", "former"))
    assert exposed(newest, former) == {}
    reveal(former)
    change(former / "nodes.csv", {"score": ""}, unit="U1", node="ease")
    change(former / "nodes.csv", {"score": ""}, unit="U1", node="score")
    assert exposed(newest, former).keys() == {("U1", "place", "a")}


@given(cases())
@settings(max_examples=8, deadline=None)
def test_no_hidden_figure_is_known_within_ten_points(case: tuple[Scheme, Figures]) -> None:
    scheme, figures = case
    with TemporaryDirectory() as folder:
        files = files_of(scheme, figures, Path(folder))
        few = [key for key, (_mean, n) in figures.items() if n < 10]
        assert set(few) <= set(hidden_cells(files))
        assert exposed(files, scheme=scheme) == {}


def test_the_files_of_the_city_tell_nothing_that_is_hidden(
    client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    make_published_round(session)
    folder = download(client, tmp_path)
    assert len(hidden_cells(folder)) > 5
    assert exposed(folder) == {}


def test_the_attacker_counts_with_rounding() -> None:
    known = Knowledge([("U", "a", "g"), ("U", "b", "g")], [0, 0], [100, 100])
    known.sums = [(np.array([0.5, 0.5]), 49.995, 50.005)]
    assert known.width_of(("U", "a", "g")) == pytest.approx(100)
    known.low[1], known.high[1] = 30.0, 30.0
    assert known.width_of(("U", "a", "g")) == pytest.approx(0.02)
