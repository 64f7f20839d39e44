"""The style sheet serves both directions, and its colours can be read."""

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[2] / "evalsys" / "static" / "css" / "site.css"
CSS = STYLES.read_text(encoding="utf-8")
TOKENS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", CSS))
PHYSICAL = re.compile(
    r"(?<![a-z-])((margin|padding|border)-(left|right|top|bottom)|left|right|top|bottom|(min-|max-)?(width|height))\s*:"
    r"|(float|clear|text-align)\s*:\s*(left|right)"
)


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_every_property_is_logical() -> None:
    declarations = re.sub(r"@media[^{]*\{", "", CSS)
    assert [match.group() for match in PHYSICAL.finditer(declarations)] == []


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "paper"),
        ("ink", "wash"),
        ("ink", "amber"),
        ("ink-soft", "paper"),
        ("ink-soft", "wash"),
        ("ink-soft", "grey-wash"),
        ("ink-soft", "teal-wash"),
        ("teal", "paper"),
        ("teal", "teal-wash"),
        ("paper", "teal"),
        ("paper", "teal-deep"),
        ("teal-deep", "teal-wash"),
        ("teal-deep", "amber"),
        ("teal-pale", "teal-deep"),
        ("red", "paper"),
        ("red", "red-wash"),
        ("paper", "red"),
        ("green", "green-wash"),
        ("amber-ink", "amber-wash"),
    ],
)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert contrast(TOKENS[text], TOKENS[ground]) >= 4.5


@pytest.mark.parametrize(
    ("mark", "ground"), [("line", "paper"), ("teal", "paper"), ("amber", "teal-deep"), ("ink", "paper")]
)
def test_borders_and_focus_rings_stand_out_from_their_ground(mark: str, ground: str) -> None:
    assert contrast(TOKENS[mark], TOKENS[ground]) >= 3


def test_the_rating_page_loads_little() -> None:
    assert STYLES.stat().st_size < 30_000
