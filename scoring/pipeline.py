"""The order of the stages, and the result that keeps every one of them.

The story of one unit. Citizens answer two questions on five points, experts score one panel from 0 to 100:

>>> from scoring.collect import pack, tally
>>> from scoring.scheme import parse_scheme
>>> everyone = [{"code": "all", "weight": 100}]
>>> citizens = {"code": "citizens", "promise": "anonymous", "minimum": [2, 3, 4], "strata": everyone}
>>> experts = {"code": "experts", "promise": "accountable", "minimum": [1, 1, 1], "strata": everyone}
>>> asked = {"points": 5, "groups": {"citizens": 100}}
>>> service = [{"code": "ease", "weight": 60, **asked}, {"code": "speed", "weight": 40, **asked}]
>>> panel = {"code": "leadership", "weight": 30, "points": 101, "groups": {"experts": 100}}
>>> tree = {"code": "score", "children": [{"code": "service", "weight": 70, "children": service}, panel]}
>>> bands = [{"code": "A", "from": 75}, {"code": "B", "from": 0}]
>>> scheme = parse_scheme({"code": "demo", "groups": [citizens, experts], "tree": tree, "bands": bands})
>>> forms = [Form("c", "citizens", ("ease", "speed"), (5, 5)), Form("e", "experts", ("leadership",), (101,))]
>>> forms = {form.code: form for form in forms}
>>> texts = {"c": "55" "54" "46" "44" "32", "e": pack([71], [101]) + pack([1], [101])}  # 6: don't know; 1: zero
>>> tallies = {code: tally(text, forms[code]) for code, text in texts.items()}
>>> cells = [(code, t.n, t.counts_blob(), t.moments_blob()) for code, t in tallies.items()]
>>> cells = pd.DataFrame(cells, columns=["form", "n", "counts", "moments"]).assign(unit="U01", stratum="all")
>>> result = run(cells, forms, pd.DataFrame({"unit": ["U01"], "category": ["A"]}), scheme)
>>> result.stages["means"][["indicator", "n", "mean", "dont_know"]].to_numpy().tolist()
[['ease', 5, 80.0, 0], ['speed', 4, 68.75, 1], ['leadership', 2, 35.0, 0]]
>>> result.stages["contributions"]["contribution"].tolist()  # 80 x 42 %, 68.75 x 28 %, 35 x 30 %
[33.6, 19.25, 10.5]
>>> result.stages["scores"][["score", "n", "level", "band", "rank"]].to_numpy().tolist()
[[63.35, 7, 'full', 'B', 1]]
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.aggregate import aggregate, settle
from scoring.audit import influence
from scoring.collect import Collected, Form, collect
from scoring.combine import Combined, combine
from scoring.explain import Grown, explain, name_gaps
from scoring.figures import prepare_figures
from scoring.frames import COLUMNS, finish
from scoring.normalise import normalise
from scoring.rank import Adjusted, adjust, grade_groups, grade_means, rank, summarise
from scoring.raters import adjust_panels
from scoring.respondents import count_people, count_responses, distribute, weigh
from scoring.result import Result, Supplement
from scoring.scheme import Scheme
from scoring.tree import Values
from scoring.uncertainty import Evidence, bound_means, bound_scores, bound_top, gather_evidence, simulate, try_ranks
from scoring.validate import validate, validate_units

ENGINE_VERSION = "2.0.0"
NOTHING_ELSE = Supplement()


@dataclass(frozen=True)
class _Figures:
    heads: pd.DataFrame
    means: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    problems: tuple[pd.DataFrame, ...]


@dataclass(frozen=True)
class Prepared:
    """A round as far as the weights of its tree are not asked: whatever they are, ``rescore`` may start from here.

    ``units`` are the round's, ``tables`` those of the stages so far, ``figures`` one value a unit, indicator and group,
    ``data`` the digest of everything that was read.
    """

    units: pd.DataFrame
    figures: "_Figures"
    evidence: Evidence
    findings: Adjusted
    problems: pd.DataFrame
    data: str


def run(
    cells: pd.DataFrame,
    forms: Mapping[str, Form],
    units: pd.DataFrame,
    scheme: Scheme,
    supplement: Supplement = NOTHING_ELSE,
) -> Result:
    """Score all units of a round.

    ``cells`` has the columns unit, form, stratum, n, counts and moments (``Tally.counts_blob``, ``moments_blob``);
    ``units`` has unit and category. The order of their rows does not matter. The columns of every stage's table are
    listed in ``scoring.frames.COLUMNS``; scores and means are on 0 to 100, weights and shares in percent.

    Raises:
        InputError: when a column is missing or a unit stands twice. Anything smaller becomes a row in ``problems``.
    """
    prepared = prepare(cells, forms, units, scheme, supplement)
    seed = make_seed(scheme.digest, prepared.data)
    stages = dict(prepared.figures.tables) | _score(prepared, scheme, seed)
    problems = [prepared.problems, *prepared.figures.problems, prepared.findings.problems, stages["problems"]]
    stages["problems"] = _in_order(problems)
    return Result(
        scheme_digest=scheme.digest,
        input_digest=prepared.data,
        engine_version=ENGINE_VERSION,
        seed=seed,
        stages={name: finish(stages[name], name) for name in COLUMNS},
    )


def prepare(
    cells: pd.DataFrame,
    forms: Mapping[str, Form],
    units: pd.DataFrame,
    scheme: Scheme,
    supplement: Supplement = NOTHING_ELSE,
) -> Prepared:
    """The stages before the tree. Of the scheme's weights only those of strata matter here.

    Raises:
        InputError: as ``run`` says.
    """
    units = validate_units(units)
    data = digest_input(cells, forms, units, supplement)
    collected = collect(cells, forms)
    figures = _judge(collected, units, scheme, supplement)
    evidence = gather_evidence(collected.blocks, figures.tables["strata"], figures.tables["distribution"], scheme)
    findings = adjust(supplement.adjustments, units, scheme)
    return Prepared(units, figures, evidence, findings, collected.problems, data)


def finish_answers(prepared: Prepared) -> dict[str, pd.DataFrame]:
    """The tables strata, distribution and means as a run keeps them; of means low, high and level are not there yet."""
    tables = dict(prepared.figures.tables) | {"means": prepared.figures.means.assign(low=np.nan, high=np.nan, level="")}
    return {name: finish(tables[name], name) for name in ("strata", "distribution", "means")}


def rescore(prepared: Prepared, scheme: Scheme) -> tuple[dict[str, pd.DataFrame], Combined]:
    """What a run with this scheme would say of scores and ranks, quicker: the same numbers, without what explains them.

    ``scheme`` may differ from that of ``prepare`` in the weights of nodes, of groups in an indicator, and of groups at
    the top. The tables are scores, robustness, nodes and groups; intervals stand in scores alone and are missing
    elsewhere. The table means has one column, level, in the order of ``finish_answers``.

    Raises:
        InputError: an aggregation does not take its children's values.
    """
    figures, units, without = prepared.figures, prepared.units, {"low": np.nan, "high": np.nan}
    combined = combine(figures.means, figures.heads, units, scheme, figures.tables["figures"])
    groups = grade_groups(combined.groups, figures.means, combined.weights, scheme).assign(**without)
    nodes = bound_top(combined.nodes, combined.values, prepared.evidence, scheme)
    scores = rank(nodes, groups, prepared.findings, units, scheme)
    draws = simulate(combined.values, prepared.evidence, scheme, make_seed(scheme.digest, prepared.data))
    tables = {
        "scores": scores,
        "robustness": try_ranks(scores, prepared.findings.table, draws, scheme),
        "nodes": nodes.assign(**without),
        "groups": groups,
    }
    levels = grade_means(figures.means, groups, scheme)[["level"]].astype("str").reset_index(drop=True)
    return {name: finish(table, name) for name, table in tables.items()} | {"means": levels}, combined


def _judge(collected: Collected, units: pd.DataFrame, scheme: Scheme, supplement: Supplement) -> _Figures:
    """From answers to one figure a unit, indicator and group, and the administrative figures beside them."""
    people, strangers = validate(collected.people, units, scheme)
    answers, refused = validate(collected.answers, units, scheme)
    heads = count_people(people, scheme)
    levels = distribute(answers, collected.levels)
    weighted = weigh(answers, heads, scheme)
    strata = normalise(weighted.strata, levels, scheme)
    adjusted = adjust_panels(supplement.panels, aggregate(strata, levels, scheme), scheme)
    settled = settle(adjusted.means, scheme)
    given, unfit = prepare_figures(supplement.given(), units, scheme)
    tables = {"distribution": levels, "responses": count_responses(answers), "strata": strata, "figures": given}
    problems = (strangers, refused, weighted.problems, adjusted.problems, settled.problems, unfit)
    return _Figures(heads, settled.means, tables | {"severity": adjusted.table}, problems)


def _score(prepared: Prepared, scheme: Scheme, seed: int) -> dict[str, pd.DataFrame]:
    """From figures up the tree, and what may be said about the scores."""
    figures, evidence, findings, units = prepared.figures, prepared.evidence, prepared.findings, prepared.units
    combined = combine(figures.means, figures.heads, units, scheme, figures.tables["figures"])
    groups = grade_groups(combined.groups, figures.means, combined.weights, scheme)
    means = bound_means(grade_means(figures.means, groups, scheme), evidence, scheme)
    nodes, groups = bound_scores(combined.nodes, groups, combined.values, evidence, scheme)
    scores = rank(nodes, groups, findings, units, scheme)
    draws = simulate(combined.values, evidence, scheme, seed)
    grown = Grown(combined.given, combined.values, combined.scores, scheme)
    return {
        "means": means,
        "groups": groups,
        "nodes": nodes,
        "scores": scores,
        "adjustments": findings.table,
        "robustness": try_ranks(scores, findings.table, draws, scheme),
        "influence": influence(nodes, scheme),
        "contributions": explain(combined.weights, grown),
        "categories": summarise(scores),
        "problems": pd.concat([combined.problems, name_gaps(groups, combined.weights)]),
    }


def read_figures(
    cells: pd.DataFrame,
    forms: Mapping[str, Form],
    units: pd.DataFrame,
    scheme: Scheme,
    supplement: Supplement = NOTHING_ELSE,
) -> tuple[Values, Evidence]:
    """The figures that a run puts on its tree and the evidence behind them, for what is asked about its result.

    Units stand in the order in which a run has them: sorted by code. Raises InputError as ``run``.
    """
    units, collected = validate_units(units), collect(cells, forms)
    figures = _judge(collected, units, scheme, supplement)
    evidence = gather_evidence(collected.blocks, figures.tables["strata"], figures.tables["distribution"], scheme)
    return combine(figures.means, figures.heads, units, scheme, figures.tables["figures"]).values, evidence


def digest_input(
    cells: pd.DataFrame, forms: Mapping[str, Form], units: pd.DataFrame, supplement: Supplement = NOTHING_ELSE
) -> str:
    """SHA-256 of everything that was read, whatever the order of the rows."""
    texts = cells[["unit", "form", "stratum", "n"]].astype("str")
    blobs = [[hashlib.sha256(blob).hexdigest() for blob in cells[column]] for column in ("counts", "moments")]
    content = {
        "cells": sorted(zip(*(texts[column] for column in texts), *blobs, strict=True)),
        "forms": {code: _digested(form) for code, form in forms.items()},
        "units": sorted(zip(units["unit"], units["category"], strict=True)),
        **supplement.texts(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _digested(form: Form) -> list[object]:
    marked: list[object] = [sorted(form.unscored)] if form.unscored else []
    return [form.group, form.indicators, form.points, *marked]


def make_seed(scheme_digest: str, input_digest: str) -> int:
    """The seed of anything random about this run: 63 bits of a digest, so that a signed column holds it."""
    return int.from_bytes(hashlib.sha256((scheme_digest + input_digest).encode()).digest()[:8], "big") >> 1


def _in_order(problems: list[pd.DataFrame]) -> pd.DataFrame:
    texts = [part.astype("str") for part in problems]
    return pd.concat(texts, ignore_index=True).sort_values(["unit", "node", "code", "detail"])
