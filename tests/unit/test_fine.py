"""Every published score comes out of the published scores of indicators, for each preset and each way of scoring."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from evalsys.services.presets import read_preset
from evalsys.services.scorecards.fine import FINDING, MOST, fine_scores
from evalsys.services.scorecards.sheet import figure, read_sheet
from scoring.frames import InputError
from scoring.published import FIGURE, score_again
from scoring.result import Result
from scoring.scheme import Scheme, parse_scheme
from tests.golden import test_presets, test_presets_panels
from tests.golden.presets import run_preset
from tests.integration.test_presets_played import EXAMPLES, _first_case
from tests.unit.drawn_cards import build, two_units
from tests.unit.scoring.rounds import leaf
from tests.unit.test_sheet import full_run


def test_debug():
    for code, examples in EXAMPLES.items():
        made = []
        def play(code, *a, **k):
            r = run_preset(code, *a, **k)
            made.append((r, parse_scheme(read_preset(code).scheme)))
            return r
        for module in (test_presets, test_presets_panels):
            module.run_preset = play
        for example in examples:
            example(**_first_case(example))
        for result, scheme in made:
            sheet = read_sheet(result, scheme)
            fine = fine_scores(sheet, scheme)
            print(code, scheme.publication, fine.decimals, {u: figure(r["score"]) for u, r in sheet.scores.items()}, len(fine.values))
            rows = [r for s in sheet.weights.values() for r in s if r["indicator"] in {l.code for l in scheme.leaves()}]
            figs = [(r["unit"], r["indicator"], r["group"], (None if fine.values.get((r["unit"], r["indicator"], r["group"])) is None else round(fine.values[(r["unit"], r["indicator"], r["group"])], fine.decimals)), r["withheld"]) for r in rows]
            f = pd.DataFrame([row for s in sheet.adjustments.values() for row in s], columns=list(FINDING))
            again = score_again(pd.DataFrame(figs, columns=list(FIGURE)), f, sorted(sheet.scores), scheme)
            print(again.values.tolist())
