"""What every drawn panel design owes: connected, balanced, common to all where promised, and the same for one seed."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsys.services.panels.design import Design, Judge, Place, Wish, components, draw_design

INDICATORS = ("leadership", "results", "law")


@st.composite
def _fields(draw: st.DrawFn) -> tuple[list[Judge], list[Place], Wish]:
    number = draw(st.integers(2, 12))
    units = [f"U{place:02}" for place in range(draw(st.integers(2, 20)))]
    places = [Place(unit, draw(st.sampled_from(("schools", "clinics"))), INDICATORS) for unit in units]
    some = st.frozensets(st.sampled_from(INDICATORS), max_size=3)
    conflicts = st.frozensets(st.sampled_from(units), max_size=2)
    judges = [Judge(f"e{place:02}", draw(some), draw(conflicts)) for place in range(number)]
    panels = draw(st.integers(1, min(4, number)))
    wish = Wish(panels, draw(st.integers(1, min(4, len(units)))), draw(st.integers(1, 4)))
    return judges, places, wish


def _draw(field: tuple[list[Judge], list[Place], Wish], seed: int = 7) -> Design:
    return draw_design(*field, seed)


@given(_fields(), st.integers(0, 10**6))
def test_a_seed_gives_the_same_design_in_any_order_of_input(
    field: tuple[list[Judge], list[Place], Wish], seed: int
) -> None:
    judges, places, wish = field
    rng = random.Random(seed)
    assert draw_design(judges, places, wish, seed) == draw_design(
        rng.sample(judges, len(judges)), rng.sample(places, len(places)), wish, seed
    )


@given(_fields())
def test_panels_differ_by_one_expert_at_most(field: tuple[list[Judge], list[Place], Wish]) -> None:
    sizes = Counter(_draw(field).panels.values())
    assert len(sizes) == field[2].panels
    assert max(sizes.values()) - min(sizes.values()) <= 1


@given(_fields())
def test_no_conflict_and_nothing_beyond_competence_is_ever_assigned(
    field: tuple[list[Judge], list[Place], Wish],
) -> None:
    judges = {judge.login: judge for judge in field[0]}
    tasks = _draw(field).tasks
    assert len({(task.login, task.unit) for task in tasks}) == len(tasks)
    for task in tasks:
        assert task.unit not in judges[task.login].conflicts
        assert judges[task.login].judges(INDICATORS)


@given(_fields())
def test_common_units_are_scored_by_everybody_who_may(field: tuple[list[Judge], list[Place], Wish]) -> None:
    design = _draw(field)
    assert len(design.common) == field[2].common
    for unit in design.common:
        free = {judge.login for judge in field[0] if unit not in judge.conflicts}
        assert {task.login for task in design.tasks if task.unit == unit} == free


@given(_fields())
def test_every_indicator_has_enough_experts_or_all_that_there_are(
    field: tuple[list[Judge], list[Place], Wish],
) -> None:
    judges, places, wish = field
    design = _draw(field)
    by_login = {judge.login: judge for judge in judges}
    for place in places:
        seated = [by_login[task.login] for task in design.tasks if task.unit == place.unit]
        for code in INDICATORS:
            able = [judge for judge in judges if place.unit not in judge.conflicts and judge.judges([code])]
            number = sum(bool(judge.judges([code])) for judge in seated)
            assert number >= min(wish.at_least, len(able))
            assert ((place.unit, code, number) in design.short) == (number < wish.at_least)


@given(_fields())
def test_the_design_is_connected_whenever_conflicts_allow_it(field: tuple[list[Judge], list[Place], Wish]) -> None:
    judges, places, _ = field
    allowed = [(judge.login, place.unit) for judge in judges for place in places if place.unit not in judge.conflicts]
    design = _draw(field)
    if len(components(allowed)) == 1:
        assert len(components([(task.login, task.unit) for task in design.tasks])) == 1
        assert design.is_connected


@given(st.integers(2, 4), st.integers(3, 9), st.integers(0, 10**6))
def test_units_of_each_category_are_divided_evenly(panels: int, size: int, seed: int) -> None:
    places = [Place(f"{name}{one}", name, INDICATORS) for name in ("a", "b", "c") for one in range(size)]
    judges = [Judge(f"e{one}") for one in range(panels * 3)]
    design = draw_design(judges, places, Wish(panels, 3, 3), seed)
    single: dict[str, Counter[str]] = {"a": Counter(), "b": Counter(), "c": Counter()}
    for task in design.tasks:
        if task.unit not in design.common:
            single[task.unit[0]][task.panel] += 1
    for numbers in single.values():
        counts = [numbers[str(panel + 1)] // 3 for panel in range(panels)]
        assert max(counts) - min(counts) <= 1


def test_another_seed_gives_another_design() -> None:
    places = [Place(f"U{one:02}", "a", INDICATORS) for one in range(12)]
    judges = [Judge(f"e{one}") for one in range(12)]
    assert draw_design(judges, places, Wish(3, 4, 3), 1) != draw_design(judges, places, Wish(3, 4, 3), 2)


@pytest.mark.parametrize(
    ("wish", "said"), [(Wish(3, 1, 3), "panels"), (Wish(2, 0, 3), "common"), (Wish(1, 4, 3), "common")]
)
def test_a_wish_that_cannot_be_met_is_refused(wish: Wish, said: str) -> None:
    places = [Place(f"U{one}", "a", INDICATORS) for one in range(3)]
    with pytest.raises(ValueError, match=said):
        draw_design([Judge("e1"), Judge("e2")], places, wish, 1)


def test_panels_without_a_common_unit_would_not_be_connected() -> None:
    assert len(components([("a", "U1"), ("b", "U1"), ("c", "U2"), ("d", "U2")])) == 2
    assert len(components([("a", "U1"), ("b", "U1"), ("c", "U2"), ("d", "U2"), ("a", "U2")])) == 1


@given(st.integers(0, 10**6))
def test_panels_cut_apart_by_conflicts_are_tied_together_again(seed: int) -> None:
    places = [Place(f"U{one}", "a", INDICATORS) for one in range(5)]
    judges = [Judge(f"e{one}") for one in range(4)]
    wish = Wish(2, 1, 1)
    free = draw_design(judges, places, wish, seed)
    tied = frozenset(free.common)
    barred = [
        Judge(one.login, one.competences, tied if free.panels[one.login] == "1" else frozenset()) for one in judges
    ]
    design = draw_design(barred, places, wish, seed)
    assert design.common == free.common
    assert design.is_connected
    assert not [task for task in design.tasks if task.unit in tied and design.panels[task.login] == "1"]


def test_nobody_is_forced_to_connect_what_conflicts_keep_apart() -> None:
    places = [Place("U1", "a", INDICATORS), Place("U2", "a", INDICATORS)]
    judges = [Judge("e1", conflicts=frozenset({"U1"})), Judge("e2", conflicts=frozenset({"U2"}))]
    assert not draw_design(judges, places, Wish(2, 1, 1), 1).is_connected
