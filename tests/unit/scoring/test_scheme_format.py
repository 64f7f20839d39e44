"""The page on the format of schemes names every key and every word, and its examples are schemes."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from scoring.scheme import model, parse_scheme
from scoring.scheme.parse import SCHEME_KEYS
from scoring.scheme.parse_bands import SELF_REPORTED
from scoring.scheme.parse_groups import GROUP_KEYS
from scoring.scheme.parse_leaf import FIGURE_KEYS, RATED_KEYS
from scoring.scheme.parse_normaliser import PARAMETERS, SETTINGS, WORDS
from scoring.scheme.parse_tree import BRANCH_KEYS

PAGE = (Path(__file__).parents[3] / "docs" / "engine.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## SCHEME") : PAGE.index("## DATA")]
KEYS = {*SCHEME_KEYS, *GROUP_KEYS, *BRANCH_KEYS, *RATED_KEYS, *FIGURE_KEYS, *SETTINGS}
NAMES = {name for needed, optional in PARAMETERS.values() for name in (*needed, *optional)}
CHOICES = (
    model.PROMISES, model.ORDERS, model.ESTIMATORS, model.SHRINKAGES, model.SEVERITIES, model.AGGREGATIONS,
    model.MISSING, model.SCALES, model.RESCALES, model.DIRECTIONS, model.NORMALISERS, model.REFERENCES,
    model.IMPUTATIONS, model.RANK_TIES, model.BANDINGS, model.PUBLICATIONS, SELF_REPORTED, WORDS["ties"],
)  # fmt: skip
PLAIN, RICH = (re.findall(rf"```{kind}\n(.*?)```", SECTION, re.DOTALL) for kind in ("toml", "json"))
SPOKEN = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", SECTION, flags=re.DOTALL))


@pytest.mark.parametrize("word", sorted({*KEYS, *NAMES, *(word for choice in CHOICES for word in choice)}))
def test_the_page_names(word: str) -> None:
    assert word in {part for text in SPOKEN for part in re.findall(r"[A-Za-z_][A-Za-z0-9_+-]*", text)}


def test_the_examples_of_the_page_are_schemes() -> None:
    plain, rich = (parse_scheme(found) for found in (tomllib.loads(*PLAIN), json.loads(*RICH)))
    assert (plain.code, rich.code) == ("libraries", "districts")
    assert parse_scheme(rich.to_mapping()) == rich
