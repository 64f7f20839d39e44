"""Pictures of the explorer: where marks lie, mirrored for Arabic, and numbered points that do not cover each other."""

import re
from itertools import combinations
from math import hypot

import pytest
from markupsafe import Markup

from evalsys.reports import marks

CROSS = (5, 70)


def numbers(picture: Markup, kind: str, name: str) -> list[float]:
    """An attribute of all marks of a kind, in order."""
    found = re.findall(rf'<[a-z]+ class="marks__{kind}"[^>]*? {name}="([-0-9.]+)"', picture)
    return [float(value) for value in found]


def discs(picture: Markup) -> list[tuple[float, float]]:
    found = re.findall(r'<circle class="marks__\w+" cx="([0-9.]+)" cy="([0-9.]+)"', picture)
    return [(float(x), float(y)) for x, y in found]


@pytest.mark.parametrize(("rtl", "start"), [(False, 0), (True, 75)])
def test_a_share_begins_where_the_line_is_read_from(rtl: bool, start: float) -> None:
    picture = marks.share(25, rtl)
    assert (numbers(picture, "bar", "x"), numbers(picture, "bar", "width")) == ([start], [25])
    assert numbers(marks.share(140, rtl), "bar", "width") == [100]


@pytest.mark.parametrize("rtl", [False, True])
def test_a_change_goes_up_or_down_from_the_middle(rtl: bool) -> None:
    up, down = marks.change(5, (2, 8), 10, rtl), marks.change(-5, (None, 1), 10, rtl)
    assert numbers(up, "up", "x") == ([25] if rtl else [50])
    assert numbers(down, "down", "x") == ([50] if rtl else [25])
    assert len(numbers(up, "whisker", "x1")) == 3
    assert numbers(down, "whisker", "x1") == []
    assert numbers(marks.change(None, (None, None), 0, rtl), "zero", "x1") == [50]


def test_ranks_lie_between_first_and_last() -> None:
    picture = marks.ranks(1, 2, 4, 4, rtl=False)
    assert numbers(picture, "tick", "x1") == [12.5, 37.5, 62.5, 87.5]
    assert numbers(picture, "middle", "x1") == [37.5]
    assert numbers(marks.ranks(1, 2, 4, 4, rtl=True), "middle", "x1") == [62.5]


@pytest.mark.parametrize("rtl", [False, True])
def test_points_stay_in_their_quarter_and_apart(rtl: bool) -> None:
    points = [(number, 4.8, 69, "later") for number in range(1, 6)] + [(6, 9, 40, "improve"), (7, 9, 90, "keep")]
    found = discs(marks.quadrants(points, CROSS, rtl))
    middle = marks.SIDE / 2
    assert all((x > middle) == rtl and y > middle for x, y in found[:5])
    assert (found[5][0] < middle) == rtl
    assert found[5][1] > middle > found[6][1]
    assert all(hypot(a[0] - b[0], a[1] - b[1]) >= 2 * marks.RADIUS - 0.1 for a, b in combinations(found, 2))


def test_points_without_room_lie_upon_each_other() -> None:
    found = discs(marks.quadrants([(number, 5, 70, "keep") for number in range(40)], CROSS, rtl=False))
    assert len(found) == 40
    assert len(set(found)) < 40


def test_no_picture_holds_a_letter() -> None:
    pictures = (
        marks.share(5, True),
        marks.change(1, (0, 2), 3, True),
        marks.quadrants([(1, 6, 60, "improve")], CROSS, False),
    )
    for picture in pictures:
        assert re.search(r">[^<]*[^\d<\s][^<]*<", picture) is None
