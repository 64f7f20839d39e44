"""One style sheet for both writing directions; templates that a strict content policy accepts."""

import re
from pathlib import Path

from tests.house.files import project_files, read

PHYSICAL = re.compile(
    r"""(?<![\w-])(
        (margin|padding|scroll-margin|scroll-padding|border)-(left|right)[\w-]*\s*:
      | border-(top|bottom)-(left|right)-radius\s*:
      | (left|right)\s*:
      | (text-align|float|clear|caption-side)\s*:\s*(left|right)\b
    )""",
    re.VERBOSE,
)
FOUR_SIDES = re.compile(
    r"(?<![\w-])(margin|padding|inset|border-width)\s*:\s*([^\s;{}]+)\s+([^\s;{}]+)\s+([^\s;{}]+)\s+([^\s;{}]+)\s*[;}]"
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+false")
PLACEHOLDER = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script in the page": re.compile(
        r"""<script(?!\stype="application/ld\+json">)(?![^>]*\ssrc\s*=)""",  # data, which no browser runs, is none
        re.IGNORECASE,
    ),
    "an address of another site": re.compile(
        r"""<(?:script|link|img)\b[^>]*(?:src|href)\s*=\s*["']?(?:https?:)?//""", re.IGNORECASE
    ),
}


def _style_sheets() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".css"]


def _templates() -> list[Path]:
    return [path for path in project_files() if path.parts[0] == "templates"]


def test_style_sheets_know_start_and_end_but_not_left_and_right() -> None:
    found = [
        f"{path}: {hit.group(0)}"
        for path in [*_style_sheets(), *_templates()]
        for hit in PHYSICAL.finditer(COMMENT.sub("", read(path)))
        if path.suffix == ".css" or "style" in read(path)
    ]
    assert not found


def test_four_sided_shorthands_treat_both_sides_alike() -> None:
    hits = [(path, hit) for path in _style_sheets() for hit in FOUR_SIDES.finditer(COMMENT.sub("", read(path)))]
    assert not [f"{path}: {hit.group(0)}" for path, hit in hits if hit.group(3) != hit.group(5)]


def test_templates_hold_no_code_style_or_unescaped_data() -> None:
    assert not [str(path) for path in _templates() if UNESCAPED.search(read(path))]
    pages = {path: PLACEHOLDER.sub("", read(path)) for path in _templates()}
    found = [f"{path}: {name}" for path, html in pages.items() for name, hit in INLINE.items() if hit.search(html)]
    assert not found


def test_style_sheets_load_nothing_from_elsewhere() -> None:
    assert not [str(path) for path in _style_sheets() if re.search(r"(@import|url\(\s*[\"']?(https?:)?//)", read(path))]
