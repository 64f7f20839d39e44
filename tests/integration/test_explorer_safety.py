"""Nobody can work out a hidden figure from all pages and files of the explorer together.

One office has too few citizens. A reader takes everything that is shown of it and of its category, and asks how far a
hidden figure can still move: less than ten points would be too little.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Role, Run
from evalsys.services.explorer import basis
from evalsys.services.run_tables import overseen_tables
from evalsys.services.weights import scheme_of
from scoring.frames import Floats
from scoring.result import Result
from scoring.scheme import Scheme
from scoring.suppress import SAFE_POINTS
from scoring.suppress.attack import Known, is_told
from scoring.tree import Values, evaluate
from tests import published
from tests.factories import make_account, sign_in
from tests.published import PEERS, Ratings, make_scored_round

pytestmark = pytest.mark.database("sqlite")  # pages; what is hidden does not depend on the database

SECRET = "U21"
PEOPLE = 7
MEANS = (9 / 7, 13 / 7, 16 / 7, 20 / 7, 24 / 7, 27 / 7, 31 / 7)
PLACES = ("indicator", "group")
FILES = (
    "categories/A",
    "units/U21/priorities",
    "categories/A/priorities",
    "gaps",
    "compare/{run}",
    "firmness",
    "scenarios",
)
Figure = tuple[str, str, str]


@dataclass
class Reading:
    """Everything that was read: texts of pages and files, and the rows of each file by its path."""

    texts: list[str]
    rows: dict[str, list[dict[str, Any]]]


def small_secret(monkeypatch: pytest.MonkeyPatch, session: Session) -> Run:
    """The city with the office of few citizens among others of its category."""
    experts = Ratings((41, 47, 53, 59, 62, 67), 4)
    monkeypatch.setitem(
        vars(published),
        "CITY",
        {**published.CITY, SECRET: ("A", {"citizens": Ratings(MEANS, PEOPLE), "peers": PEERS, "experts": experts})},
    )
    make_scored_round(session)
    return session.query(Run).one()


def read_everything(client: FlaskClient, run: Run) -> Reading:
    """All pages and files of the explorer as a member of the board reads them."""
    base, reading = f"/en/oversight/runs/{run.id}", Reading([], {})
    leaves = [leaf.code for leaf in scheme_of(run.scheme_version.body).leaves()]
    paths = [path.format(run=run.id) for path in FILES] + [f"units/{SECRET}/indicators/{leaf}" for leaf in leaves]
    units = "&".join(f"unit={unit}" for unit, (category, _) in published.CITY.items() if category == "A")
    for path in paths:
        query = f"?{units}" if path == "categories/A" else ""
        found = client.get(f"{base}/{path}.json{query}")
        reading.rows[path] = json.loads(found.text)
        reading.texts += [found.text, client.get(f"{base}/{path}.csv{query}").text]
    pages = [path for path in paths if path != "scenarios"] + ["explore", f"units/{SECRET}", "audit"]
    reading.texts += [
        client.get(f"{base}/{path}{f'?{units}' if path == 'categories/A' else ''}").text for path in pages
    ]
    return reading


class Reader:
    """A reader's equations on the figures of a category: one column a unit, indicator and group."""

    def __init__(self, scheme: Scheme, means: pd.DataFrame, units: list[str]) -> None:
        self.scheme = scheme
        rows = means[means["unit"].isin(units) & means["mean"].notna()]
        self.columns: list[Figure] = list(zip(rows["unit"], rows["indicator"], rows["group"], strict=True))
        self.point = rows["mean"].to_numpy(dtype=np.float64)
        self.rows: list[Floats] = []
        self.weights = {unit: self._weigh(unit) for unit in units}

    def _weigh(self, unit: str) -> dict[str, Floats]:
        """What each part of the unit's tree, and each group, takes of every figure: by turning them on one by one."""
        nodes, groups = [node.code for node in self.scheme.nodes()], [group.code for group in self.scheme.groups]
        leaves = [leaf.code for leaf in self.scheme.leaves()]
        found = {name: np.zeros(len(self.columns)) for name in [*nodes, *(f"group {group}" for group in groups)]}
        own = [column for column in range(len(self.columns)) if self.columns[column][0] == unit]
        for raised in own:
            grid = np.full((1, len(leaves), len(groups)), np.nan)
            for column in own:
                _unit, leaf, group = self.columns[column]
                grid[0, leaves.index(leaf), groups.index(group)] = float(column == raised)
            none = np.full(grid.shape[:2], np.nan)
            scores = evaluate(Values(grid, none, np.ones(none.shape, dtype=bool)), self.scheme, gradient=False)
            for place, name in enumerate(nodes):
                found[name][raised] = np.nan_to_num(scores.score[0, place])
            for place, group in enumerate(groups):
                found[f"group {group}"][raised] = np.nan_to_num(scores.by_group[0, place])
        return found

    def learn(self, reading: Reading) -> None:
        """An equation for each number that is shown of a part, a group, a category's mean or a group's contribution."""
        for row in reading.rows["categories/A"]:
            if row["score"] is not None:
                self.rows.append(self.weights[row["unit"]][row["node"]])
        parts = pd.DataFrame(reading.rows["categories/A"])
        for node, same in parts.groupby("node"):
            counted = same[same["score"].notna()] if self._is_mean_of_shown(same) else same
            if same["mean"].notna().any() and len(counted):
                shares = [self.weights[unit][str(node)] for unit in counted["unit"]]
                self.rows.append(np.mean(shares, axis=0))
        for row in reading.rows["gaps"]:
            for side in ("first", "second"):
                if row["unit"] in self.weights and row[f"{side}_score"] is not None and not row["indicator"]:
                    self.rows.append(self.weights[row["unit"]][f"group {row[side]}"])

    @staticmethod
    def _is_mean_of_shown(same: pd.DataFrame) -> bool:
        shown = same["score"].dropna()
        return bool(len(shown) and abs(shown.mean() - same["mean"].iloc[0]) < 1e-6)

    def told(self, figure: Figure) -> bool:
        """Whether the figure can be said more closely than ten points."""
        aim = np.zeros(len(self.columns))
        aim[self.columns.index(figure)] = 1.0
        rows = np.array([row / np.abs(row).max() for row in self.rows if np.abs(row).max() > 0])
        known = Known(rows, self.point, np.zeros(len(self.point)), np.full(len(self.point), 100.0))
        return is_told(known, aim, SAFE_POINTS)


def hidden_figures(run: Run) -> tuple[pd.DataFrame, list[Figure]]:
    """All means as they are, and which of the office the board may not see."""
    seen = overseen_tables(run)["means"]
    hidden = seen[(seen["unit"] == SECRET) & (seen["withheld"] != "")]
    return Result.from_json(run.result).stages["means"], list(
        zip(hidden["unit"], hidden["indicator"], hidden["group"], strict=True)
    )


def attack(run: Run, reading: Reading) -> list[Figure]:
    """The hidden figures that a reader of all this can tell."""
    means, hidden = hidden_figures(run)
    units = [unit for unit, (category, _ratings) in published.CITY.items() if category == "A"]
    reader = Reader(scheme_of(run.scheme_version.body), means, units)
    reader.learn(reading)
    return [figure for figure in hidden if reader.told(figure)]


def test_no_hidden_figure_can_be_worked_out(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = small_secret(monkeypatch, session)
    sign_in(client, session, make_account(session, Role.BOARD))
    reading = read_everything(client, run)
    means, hidden = hidden_figures(run)
    assert len(hidden) >= 7
    for _unit, indicator, group in hidden:
        row = means[(means["unit"] == SECRET) & (means["indicator"] == indicator) & (means["group"] == group)].iloc[0]
        for number in (f"{row['mean']:.2f}", f"{row['mean']:.12g}"):
            assert not [text for text in reading.texts if re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", text)], (
                number
            )
    for path, rows in reading.rows.items():
        if path in ("firmness", "scenarios"):
            assert SECRET not in {row["unit"] for row in rows}
        if path.startswith("units/") and "indicators" in path:
            assert all(row["count"] is None for row in rows if row["withheld"])
    assert attack(run, reading) == []


def test_the_attack_finds_what_is_not_hidden(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same reader, when the explorer forgets to hide: she tells every figure of the few citizens."""
    run = small_secret(monkeypatch, session)
    bare = {name: table.assign(withheld="") for name, table in Result.from_json(run.result).stages.items()}
    monkeypatch.setattr(basis, "overseen_tables", lambda _run: bare)
    sign_in(client, session, make_account(session, Role.BOARD))
    assert len(attack(run, read_everything(client, run))) >= 7
