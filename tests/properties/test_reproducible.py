"""The same input gives the same bytes in whatever order and form it comes; another input gives another digest."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.collect import Form, pack, tally, unpack
from scoring.frames import COLUMNS
from scoring.pipeline import digest_input, make_seed
from scoring.result import Result, Supplement
from scoring.scheme import Scheme, parse_scheme
from scoring.suppress import AUDIENCES, published_view
from tests.properties.kinds import AT_RANDOM, FORMS, Round, few, one_answer, rounds, schemes

PANELS = pd.DataFrame({
    "unit": ["U1", "U2"], "group": "experts", "indicator": "speed", "rater": ["r1", "r2"], "value": [3, 4],
})  # fmt: skip
FINDING = pd.DataFrame({
    "unit": ["U1"], "kind": "bonus", "code": "prize", "points": [2.5], "source": "external", "reason": "why",
})  # fmt: skip
Frames = dict[str, pd.DataFrame]
Change = Callable[[Frames], Frames]


def shuffled(frame: pd.DataFrame | None, chance: Any) -> pd.DataFrame | None:
    """Rows, columns and index in another order, and a column that nobody reads."""
    if frame is None:
        return None
    rows: list[int] = chance.sample(range(len(frame)), len(frame))
    columns: list[str] = chance.sample(list(frame), frame.shape[1])
    return frame.iloc[rows][columns].assign(note=1)


@given(rounds(), AT_RANDOM)
@few
def test_the_order_of_rows_and_of_responses_changes_no_byte(played: Round, chance: Any) -> None:
    turned = {place: chance.sample(people, len(people)) for place, people in played.answers.items()}
    order = chance.sample(sorted(turned), len(turned))
    names = ("figures", "panels", "adjustments")
    other = replace(
        played,
        answers={place: turned[place] for place in order},
        supplement=Supplement(**{name: shuffled(getattr(played.supplement, name), chance) for name in names}),
        units={unit: played.units[unit] for unit in chance.sample(sorted(played.units), len(played.units))},
    )
    first, second = played.play(), other.play()
    assert first.to_json() == second.to_json()
    assert first.digest == second.digest
    assert first.seed == make_seed(played.scheme.digest, first.input_digest)


@given(rounds())
@few
def test_a_result_survives_its_file_and_has_a_published_view(played: Round) -> None:
    result = played.play()
    stored = Result.from_json(result.to_json())
    assert stored.to_json() == result.to_json()
    assert list(stored.stages) == sorted(COLUMNS)
    for name, table in stored.stages.items():
        pd.testing.assert_frame_equal(table, result.stages[name])
    for audience in AUDIENCES:
        view = published_view(stored.stages, played.scheme, audience)
        assert (view["scores"]["withheld"] != "").sum() >= (result.stages["scores"]["level"] == "hidden").sum()


def inputs(played: Round) -> Frames:
    return {
        "cells": played.cells(),
        "units": played.unit_frame(),
        "figures": played.supplement.given(),
        "panels": PANELS,
        "adjustments": FINDING,
    }


def digest(frames: Frames, forms: dict[str, Form] | None = None) -> str:
    beside = Supplement(frames["figures"], frames["panels"], frames["adjustments"])
    return digest_input(frames["cells"], forms or FORMS, frames["units"], beside)


def put(name: str, column: str, value: object) -> Change:
    """The frames with one value in the first row of one of them changed."""

    def change(frames: Frames) -> Frames:
        values = [value, *frames[name][column].tolist()[1:]]
        return frames | {name: frames[name].assign(**{column: pd.Series(values, frames[name].index, dtype=object)})}

    return change


def other_blob(column: str) -> Change:
    def change(frames: Frames) -> Frames:
        blob = frames["cells"][column].iloc[0]
        return put("cells", column, bytes([blob[0] ^ 1]) + blob[1:])(frames)

    return change


CHANGES = (
    other_blob("counts"),
    other_blob("moments"),
    *(put("cells", column, value) for column, value in (("unit", "U9"), ("form", "z"), ("stratum", "z"), ("n", 99))),
    *(put("units", column, "z") for column in ("unit", "category")),
    *(put("figures", column, "z") for column in ("unit", "indicator", "period")),
    put("figures", "value", 1e-9),
    *(put("panels", column, "z") for column in ("unit", "group", "indicator", "rater")),
    put("panels", "value", 5),
    *(put("adjustments", column, "z") for column in ("unit", "kind", "code", "source", "reason")),
    put("adjustments", "points", "2.6"),
    *(lambda frames, name=name: frames | {name: frames[name].iloc[1:]} for name in ("cells", "figures", "panels")),
)


@given(rounds())
@settings(max_examples=10, deadline=None)
def test_every_change_of_the_input_is_another_digest(played: Round) -> None:
    frames = inputs(played)
    digests = [digest(frames), *(digest(change(frames)) for change in CHANGES)]
    for code, form in FORMS.items():
        others = (
            replace(form, group="z"),
            replace(form, indicators=form.indicators[::-1]),
            replace(form, points=form.points[::-1]),
        )
        digests += [digest(frames, FORMS | {code: other}) for other in others]
    assert len(set(digests)) == len(digests)


@given(rounds(), AT_RANDOM)
@settings(max_examples=10, deadline=None)
def test_another_form_of_the_same_input_is_the_same_digest(played: Round, chance: Any) -> None:
    frames = inputs(played)
    whole = frames["figures"]["value"].astype(int)
    frames["figures"] = frames["figures"].assign(value=whole.astype(float))
    turned = {name: shuffled(frame, chance) for name, frame in frames.items()}
    told = {name: frame for name, frame in turned.items() if frame is not None}
    told["figures"] = told["figures"].assign(value=told["figures"]["value"].astype(int))
    told["adjustments"] = told["adjustments"].assign(points="2.5")
    assert digest(told, dict(reversed(FORMS.items()))) == digest(frames)
    undated = frames | {"figures": frames["figures"].assign(period="")}
    assert digest(undated) == digest(frames | {"figures": frames["figures"].drop(columns="period")})
    nothing = Supplement(frames["figures"].iloc[:0], PANELS.iloc[:0], FINDING.iloc[:0])
    assert digest_input(frames["cells"], FORMS, frames["units"], nothing) == digest_input(
        frames["cells"], FORMS, frames["units"]
    )


@given(schemes(), AT_RANDOM)
@settings(max_examples=25, deadline=None)
def test_a_scheme_comes_back_from_its_own_mapping_whatever_the_order_of_keys(scheme: Scheme, chance: Any) -> None:
    mapping = scheme.to_mapping()
    again = parse_scheme(reordered(mapping, chance))
    assert again == scheme
    assert again.digest == scheme.digest
    other = parse_scheme(mapping | {"rank_decimals": (scheme.rank_decimals + 1) % 7})
    assert other.digest != scheme.digest


def reordered(value: Any, chance: Any) -> Any:
    if isinstance(value, list):
        return [reordered(part, chance) for part in value]
    if not isinstance(value, dict):
        return value
    return {key: reordered(value[key], chance) for key in chance.sample(sorted(value), len(value))}


@given(st.lists(st.integers(2, 300), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_packed_answers_come_back_and_are_counted(points: list[int], data: st.DataObject) -> None:
    asked = Form("f", "citizens", tuple(f"q{number}" for number in range(len(points))), tuple(points))
    people = data.draw(st.lists(one_answer(asked), max_size=8))
    texts = [pack(codes, points) for codes in people]
    assert [unpack(text, points) for text in texts] == people
    assert all(len(text) == len(points) for text in texts)
    counted = tally("".join(texts), asked)
    assert counted.n == len(people)
    for question in range(len(points)):
        chosen = [codes[question] for codes in people]
        assert counted.counts[question].tolist() == [chosen.count(code) for code in range(asked.width)]
