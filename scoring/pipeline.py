"""The order of the stages, and the result that keeps every one of them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scoring.aggregate import aggregate
from scoring.collect import CELL_COLUMNS, Form, collect
from scoring.combine import combine
from scoring.explain import explain
from scoring.frames import COLUMNS, finish
from scoring.normalise import normalise
from scoring.rank import grade_groups, grade_means, rank, summarise
from scoring.respondents import count_people, count_responses, distribute, weigh
from scoring.scheme import Scheme
from scoring.validate import validate, validate_units

ENGINE_VERSION = "1.0.0"


@dataclass(frozen=True)
class Result:
    """A finished run: who made it from what, and the table of every stage."""

    scheme_digest: str
    input_digest: str
    engine_version: str
    seed: int
    stages: Mapping[str, pd.DataFrame]

    def to_json(self) -> bytes:
        """Canonical JSON: the same bytes for the same input, in whatever order its rows came."""
        stages = {name: {column: _plain(table[column]) for column in table} for name, table in self.stages.items()}
        content = {
            "scheme_digest": self.scheme_digest,
            "input_digest": self.input_digest,
            "engine_version": self.engine_version,
            "seed": self.seed,
            "stages": stages,
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON, hexadecimal."""
        return hashlib.sha256(self.to_json()).hexdigest()

    @classmethod
    def from_json(cls, content: bytes) -> "Result":
        """The result that was stored."""
        stored = json.loads(content)
        stages = {name: _table(name, stored["stages"][name]) for name in COLUMNS}
        kept = {name: stored[name] for name in ("scheme_digest", "input_digest", "engine_version", "seed")}
        return cls(stages=stages, **kept)


def run(cells: pd.DataFrame, forms: Mapping[str, Form], units: pd.DataFrame, scheme: Scheme) -> Result:
    """Score all units of a round."""
    units = validate_units(units)
    collected = collect(cells, forms)
    people, strangers = validate(collected.people, units, scheme)
    answers, refused = validate(collected.answers, units, scheme)
    heads = count_people(people, scheme)
    strata = weigh(answers, heads, scheme)
    means = normalise(aggregate(strata))
    combined = combine(means, heads, units, scheme)
    groups = grade_groups(combined.groups, scheme).assign(low=np.nan, high=np.nan)
    means = grade_means(means, groups, scheme).assign(low=np.nan, high=np.nan)
    nodes = combined.nodes.assign(low=np.nan, high=np.nan)
    scores = rank(nodes, groups, units, scheme)
    stages = {
        "distribution": distribute(answers, collected.levels),
        "responses": count_responses(answers),
        "strata": strata,
        "means": means,
        "groups": groups,
        "nodes": nodes,
        "scores": scores,
        "contributions": explain(combined.weights),
        "categories": summarise(scores),
        "problems": pd.concat([collected.problems, strangers, refused], ignore_index=True),
    }
    data = digest_input(cells, forms, units)
    return Result(
        scheme_digest=scheme.digest,
        input_digest=data,
        engine_version=ENGINE_VERSION,
        seed=make_seed(scheme.digest, data),
        stages={name: finish(table, name) for name, table in stages.items()},
    )


def digest_input(cells: pd.DataFrame, forms: Mapping[str, Form], units: pd.DataFrame) -> str:
    """SHA-256 of everything that was read, whatever the order of the rows."""
    content = {
        "cells": sorted([str(row[0]), str(row[1]), str(row[2]), int(row[3]), row[4].hex(), row[5].hex()] for row in cells[list(CELL_COLUMNS)].itertuples(index=False)),
        "forms": {code: [form.group, form.indicators, form.points] for code, form in forms.items()},
        "units": sorted([str(unit), str(category)] for unit, category in zip(units["unit"], units["category"], strict=True)),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def make_seed(scheme_digest: str, input_digest: str) -> int:
    """The seed of anything random about this run: 63 bits of a digest, so that a signed column holds it."""
    return int.from_bytes(hashlib.sha256((scheme_digest + input_digest).encode()).digest()[:8], "big") >> 1


def _plain(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]


def _table(name: str, columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    kinds = COLUMNS[name]
    return pd.DataFrame({column: pd.Series(columns[column], dtype=kind) for column, kind in kinds.items()})
