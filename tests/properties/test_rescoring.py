"""Other weights tried the quick way: the same scores, ranks and units in sight as a whole run gives."""

from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given

from scoring.frames import InputError
from scoring.pipeline import finish_answers, prepare, rescore
from scoring.scheme import Node
from scoring.suppress import AUDIENCES, clear_units, hide_quickly, published_view, told_by, view_of
from tests.properties.kinds import FORMS, Round, few, rounds

BEHIND = ("scores", "nodes", "groups", "means", "strata")
SHOWN = ("scores", "robustness")


def level(node: Node) -> Node:
    """The tree with equal weights."""
    alike = tuple(replace(level(child), weight=Fraction(1, len(node.children))) for child in node.children)
    return replace(node, children=alike, shares=tuple((code, Fraction(1, len(node.shares))) for code, _ in node.shares))


@given(rounds())
@few
def test_the_quick_way_and_a_whole_run_agree(played: Round) -> None:
    whole, scheme = played.play(), played.scheme
    twin = replace(scheme, tree=level(scheme.tree))
    prepared = prepare(played.cells(), FORMS, played.unit_frame(), twin, played.supplement)
    answers, (tables, combined) = finish_answers(prepared), rescore(prepared, scheme)
    stages = {**answers, **tables, "means": answers["means"].assign(level=tables["means"]["level"])}
    for name, table in stages.items():
        known = [column for column in table if column not in ("low", "high") or name == "scores"]
        pd.testing.assert_frame_equal(table[known], whole.stages[name][known], rtol=0, atol=1e-9)
    assert len(combined.values.rated) == len(played.units)
    told = told_by(stages, twin)
    for audience in AUDIENCES:
        view = published_view(whole.stages, scheme, audience)
        hiding = hide_quickly(stages, scheme, audience, told)
        hidden = {unit for name in BEHIND for unit in view[name].loc[view[name]["withheld"] != "", "unit"]}
        clear = set(played.units) - hidden
        assert clear_units(hiding, BEHIND) == clear
        quick = view_of(hiding, SHOWN)
        assert set(quick) == set(SHOWN)
        for name, table in quick.items():
            found, known_rows = (rows[rows["unit"].isin(clear)] for rows in (table, view[name]))
            pd.testing.assert_frame_equal(found, known_rows, rtol=0, atol=1e-9)
    with pytest.raises(InputError, match="unknown"):
        hide_quickly(stages, scheme, "everybody", told)
