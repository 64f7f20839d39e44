"""Every preset file is a scheme that the engine takes; the worked example of the nine-element survey comes out."""

from decimal import Decimal

import pandas as pd
import pytest

from evalsys.services.presets import FOLDER, read_preset
from scoring.collect import Form, pack, tally
from scoring.pipeline import run
from scoring.rank import round_half_up
from scoring.scheme import parse_scheme

CODES = sorted(path.stem for path in FOLDER.glob("*.toml") if not path.stem.endswith("_map"))


@pytest.mark.parametrize("code", CODES)
def test_a_preset_asks_about_everything_that_it_counts(code: str) -> None:
    preset = read_preset(code)
    scheme = parse_scheme(preset.scheme)
    assert {(leaf.code, leaf.points) for leaf in scheme.leaves()} <= set(preset.points.items())
    named = {(text.entity, text.key) for text in preset.texts if text.field == "name"}
    assert {("group", group.code) for group in scheme.groups} <= named
    assert {("stratum", stratum) for stratum in scheme.strata()} <= named
    for node in scheme.nodes():
        assert {("dimension", node.code), ("indicator", node.code)} & named
    asked = {(form.group, indicator) for form in preset.forms for indicator in form.indicators}
    if preset.forms:
        assert {(group, leaf.code) for leaf in scheme.leaves() for group, _ in leaf.shares} <= asked


def test_the_nine_element_survey_gives_91_48_on_its_own_scale() -> None:
    """29 people, 9 elements, 955 points in all: 955 / (29 x 9) x 25 = 91.475; weights cut to 0.11 would give 90.56."""
    preset = read_preset("id_skm")
    (form,) = preset.forms
    points = [4] * len(form.indicators)
    marks = [4] * 172 + [3] * 89
    assert sum(marks) == 955
    people = [marks[place::29] for place in range(29)]
    asked = Form(form.code, form.group, form.indicators, tuple(points))
    counted = tally("".join(pack(person, points) for person in people), asked)
    cells = pd.DataFrame(
        [("U", form.code, "users", counted.n, counted.counts_blob(), counted.moments_blob())],
        columns=["unit", "form", "stratum", "n", "counts", "moments"],
    )
    units = pd.DataFrame({"unit": ["U"], "category": ["A"]})
    result = run(cells, {form.code: asked}, units, parse_scheme(preset.scheme))
    (score,) = result.stages["scores"]["score"].tolist()
    on_their_scale = 25 + 0.75 * score
    assert round_half_up(on_their_scale, 2) == Decimal("91.48")
