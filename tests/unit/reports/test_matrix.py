"""Dimensions times groups: from published lines alone, and nothing that a hidden line could be told from."""

from dataclasses import replace
from decimal import Decimal

from evalsys.reports.matrix import ABSENT, HIDDEN, SHOWN, UNASKED
from evalsys.reports.scorecard import Scorecard
from tests.pdf.samples import normal
from tests.pdf.situations import not_graded, without_citizens


def states(card: Scorecard) -> list[list[str]]:
    return [[cell.state for cell in row.cells] for row in card.matrix]


def test_a_dimension_that_one_group_judges_has_that_groups_cell_alone() -> None:
    rows = normal("en").matrix
    assert [row.name for row in rows] == ["Citizens’ experience", "Cooperation", "Management"]
    assert [str(row.weight) for row in rows] == ["50", "20", "30"]
    assert states(normal("en")) == [
        [SHOWN, UNASKED, UNASKED],
        [UNASKED, SHOWN, UNASKED],
        [UNASKED, UNASKED, SHOWN],
    ]
    assert [cell.score for row in rows for cell in row.cells if cell.score] == [
        row.node.score for row in rows if row.node
    ]


def test_a_cell_of_a_shared_dimension_is_the_weighted_mean_of_the_groups_published_lines() -> None:
    card = normal("en")
    lines = tuple(
        replace(line, dimension_name="Service", parent="experience") if line.group_code != "experts" else line
        for line in card.indicators
    )
    first = replace(card, indicators=lines).matrix[0]
    assert [cell.score for cell in first.cells[:2]] == [Decimal("82.38"), Decimal("70.50")]


def test_one_hidden_line_hides_the_cell_and_the_others_do_not_tell_it() -> None:
    card = normal("en")
    lines = tuple(
        replace(line, score=None, withheld="complementary") if line.code == "trust" else line
        for line in card.indicators
    )
    row = replace(card, indicators=lines).matrix[0]
    assert (row.cells[0].state, row.cells[0].score, row.has_hidden) == (HIDDEN, None, True)


def test_hidden_groups_are_named_hidden_and_missing_ones_absent() -> None:
    assert states(not_graded("en"))[0] == [HIDDEN, UNASKED, UNASKED]
    assert states(without_citizens("en")) == [[ABSENT, SHOWN, UNASKED], [ABSENT, UNASKED, SHOWN]]


def test_administrative_figures_have_a_column_of_their_own() -> None:
    card = normal("en")
    lines = tuple(
        replace(line, group_code="", group_name="") if line.code == "results" else line for line in card.indicators
    )
    changed = replace(card, indicators=lines)
    assert changed.columns[-1] is None
    last = changed.matrix[-1]
    assert (last.cells[-1].score, last.cells[-1].state) == (Decimal("71.00"), SHOWN)
    assert last.cells[2].state == SHOWN


def test_the_addresses_of_the_other_languages_are_known() -> None:
    assert normal("zh").other_links == (
        ("en", "https://evaluation.rivergate.example/en/rounds/2025/units/U01"),
        ("ar", "https://evaluation.rivergate.example/ar/rounds/2025/units/U01"),
    )
    assert replace(normal("zh"), link="").other_links == ()
