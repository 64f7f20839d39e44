"""Other weights on the same answers: the quick way and a whole run agree (random rounds: tests/properties)."""

import pandas as pd
import pytest

from scoring.frames import InputError
from scoring.pipeline import finish_answers, prepare, rescore
from scoring.suppress import clear_units, hide_quickly, published_view, told_by, view_of
from tests.unit.scoring.rounds import SMALL_FORMS, cell, leaf, score, small_scheme, survey, table, units

C, E = SMALL_FORMS["c"], SMALL_FORMS["e"]
OTHER_WEIGHTS = [
    {"code": "service", "weight": 50, "children": [leaf("ease", 10, "citizens"), leaf("speed", 90, "citizens")]},
    leaf("leadership", 50, "experts", 101),
]
PLACES = {"U01": "A", "U02": "A", "U03": "A"}
CELLS = table(
    cell("U01", C, "a", survey([4.2, 3.6], 60)),
    cell("U01", E, "all", [[61], [77], [70]]),
    cell("U02", C, "a", survey([3.1, 2.9], 60)),
    cell("U02", E, "all", [[51], [57], [60]]),
    cell("U03", C, "a", survey([2.0, 3.0], 1)),
    cell("U03", E, "all", [[30], [40], [50]]),
)


def test_the_quick_way_gives_the_scores_ranks_and_units_in_sight_of_a_whole_run() -> None:
    scheme, first = small_scheme(), small_scheme(tree={"code": "score", "children": OTHER_WEIGHTS})
    whole = score(CELLS, scheme, **PLACES).stages
    prepared = prepare(CELLS, SMALL_FORMS, units(**PLACES), first)
    answers, (tables, _combined) = finish_answers(prepared), rescore(prepared, scheme)
    stages = {**answers, **tables, "means": answers["means"].assign(level=tables["means"]["level"])}
    pd.testing.assert_frame_equal(stages["scores"], whole["scores"])
    hiding = hide_quickly(stages, scheme, "public", told_by(stages, first))
    assert clear_units(hiding, ("scores", "means")) == {"U01", "U02"}
    view = published_view(whole, scheme, "public")["scores"]
    quick = view_of(hiding, ["scores"])["scores"]
    pd.testing.assert_frame_equal(quick[quick["unit"] != "U03"], view[view["unit"] != "U03"])
    with pytest.raises(InputError, match="unknown"):
        hide_quickly(stages, scheme, "everybody", told_by(stages, first))
