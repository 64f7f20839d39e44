"""What the oversight body may see of a run's tables: a figure of too few answers stays empty in every one of them."""

import pytest

from evalsys.services.run_tables import Row, hidden_in, read_table, shown_rows
from scoring.pipeline import run
from tests.unit.scoring.rounds import cell, form, leaf, small_scheme, table, units

INDICATORS = {"ease": 40, "speed": 20, "staff": 40, "local": 0}
FIGURES = {"means": "mean", "strata": "raw_mean", "contributions": "contribution", "nodes": "score"}


def shown(stage: str) -> list[Row]:
    """A stage of a run in which one person of five answered about speed, and all of them about everything else."""
    children = [leaf(code, weight, "citizens") for code, weight in INDICATORS.items()]
    scheme = small_scheme(tree={"code": "score", "children": children})
    asked = form("c", "citizens", list(INDICATORS))
    cells = table(cell("U01", asked, "a", [[5, 1, 4, 3], *[[4, 6, 4, 3]] * 4]))
    stages = run(cells, {"c": asked}, units(U01="A"), scheme).stages
    tables = {name: found.to_csv(index=False) for name, found in stages.items()}
    return list(shown_rows(stage, read_table(tables[stage]), hidden_in(tables, scheme)))


@pytest.mark.parametrize("stage", FIGURES)
def test_a_figure_of_few_answers_is_empty_in_every_table_and_one_more_with_it(stage: str) -> None:
    figures = {row.get("indicator") or row["node"]: row[FIGURES[stage]] for row in shown(stage)}
    assert {code for code in INDICATORS if figures[code] == ""} == {"ease", "speed"}


@pytest.mark.parametrize(("stage", "column"), [("distribution", "count"), ("responses", "valid")])
def test_its_answers_are_not_counted_out_either(stage: str, column: str) -> None:
    assert {row["indicator"] for row in shown(stage) if row[column] == ""} == {"ease", "speed"}
