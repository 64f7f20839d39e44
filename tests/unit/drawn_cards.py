"""Making cards from small runs, and drawing them as a reader sees them."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from evalsys.reports import charts, paper
from evalsys.reports.scorecard import Scorecard
from evalsys.services.content import Text
from evalsys.services.scorecards.card import Occasion, build_card
from evalsys.services.scorecards.sheet import read_sheet
from evalsys.services.scorecards.words import Words
from scoring.pipeline import run
from scoring.result import Result, Supplement
from scoring.scheme import Scheme, parse_scheme
from tests.pdf.making import environment
from tests.unit.scoring.rounds import cell, form, group, leaf, survey, table, units

CITIZENS = {**group("citizens", (2, 3, 4), {"users": 70, "others": 30}), "promise": "accountable"}
EXPERTS = {**group("experts", (1, 1, 1), {"all": 100}), "promise": "accountable"}
BANDS = [{"code": "A", "from": 70}, {"code": "B", "from": 0}]
PAGE = '{% from "components/scorecard/whole.html" import whole %}{{ whole(card, charts) }}'
DECIMAL = re.compile(r"\d\.\d\d")
D = Decimal
MEANS = {"U01": (4.3, 3.7), "U02": (3.1, 2.9)}


def build(result: Result, scheme: Scheme, unit: str = "U01") -> Scorecard:
    occasion = Occasion(
        "2025", date(2025, 1, 1), date(2025, 12, 31), date(2026, 3, 1), 1, "a" * 64, "2.0.0", scheme, 1,
        date(2024, 12, 1), "The board", "https://city.example", "CC",
    )  # fmt: skip
    names = {code: Text(f"Office {code}", "en") for code in ("U01", "U02", "U03")}
    strata = {"users": Text("Users", "en")}
    dimensions = {"score": Text("Overall", "en")}
    words = Words("en", "City", "Round", names, {}, {}, {}, dimensions, strata)
    return build_card(read_sheet(result, scheme), occasion, words, unit)


def page(card: Scorecard) -> str:
    """The text of the web page's card, and with it a check that the paper can be made as well."""
    drawn = environment("en").from_string(PAGE).render(card=card, charts=charts)
    assert environment("en").get_template("pdf/scorecard.html").render(card=card, charts=charts, paper=paper)
    plain = re.sub(r"</?(span|bdi|strong)\b[^>]*>", "", drawn)
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]*>", " ", plain, flags=re.DOTALL).split())


def shared(weight: int, **over: Any) -> dict[str, Any]:
    """An indicator that both groups judge on five points."""
    return {**leaf("ease", weight, "citizens"), "groups": {"citizens": 60, "experts": 40}, **over}


def two_units(tree: Mapping[str, Any], supplement: Supplement | None = None, **over: Any) -> tuple[Result, Scheme]:
    """U01 and U02, judged by 60 citizens and three experts on five points: ease 4.3 and 3.1, speed 3.7 and 2.9."""
    scheme = parse_scheme(
        {"code": "small", "groups": [CITIZENS, EXPERTS], "bands": BANDS, **over, "tree": {"code": "score", **tree}}
    )
    asked = [one.code for one in scheme.leaves() if one.is_rated]
    forms = {"c": form("c", "citizens", asked), "e": form("e", "experts", asked)}
    panel = [[4] * len(asked), [3] * len(asked), [5] * len(asked)]
    cells = [cell(unit, forms["e"], "all", panel) for unit in MEANS]
    cells += [
        cell(unit, forms["c"], stratum, survey(means[: len(asked)], 30))
        for unit, means in MEANS.items()
        for stratum in ("users", "others")
    ]
    return run(table(*cells), forms, units(U01="A", U02="A"), scheme, supplement or Supplement()), scheme
