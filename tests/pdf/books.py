"""A round for the booklet's tests: sample cards in three categories, the method of the golden scheme, a record."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from evalsys.reports.booklet import (
    Booklet,
    CorrectionNote,
    Decision,
    Record,
    booklet_html,
    make_booklet,
    render_booklet,
)
from evalsys.reports.calculation import Trial
from evalsys.reports.lines import ReplyLine
from evalsys.reports.scorecard import Scorecard
from evalsys.services.method import MethodBand, MethodGroup, MethodNode, MethodScheme, StratumLine
from evalsys.services.method_rules import Rule
from tests.pdf.making import environment
from tests.pdf.samples import DIMENSIONS, GROUPS, INDICATORS, LOCALES, NEIGHBOUR, STRATA, UNIT, normal
from tests.pdf.situations import SAMPLES, grades_only
from tests.sharing import bytes_of

SAID = {"en": "We answer within two days now.", "zh": "我们现在两天内答复。", "ar": "نحن نجيب الآن خلال يومين."}
TIED = Trial(2, 4, Decimal(55))
RECORD = Record(
    {"upheld": 1, "withdrawn": 1},
    (Decision("U01", "", "upheld", "قُبل الاعتراض: رقم واحد كان خاطئًا.", date(2026, 2, 20)),),
    (CorrectionNote(date(2026, 4, 1), "a figure was corrected"),),
)


def cards(locale: str, mode: str = "normal") -> list[Scorecard]:
    """Seven offices of three categories; in `mode` "grades" and "scores" as such a round publishes them."""
    base = (grades_only if mode == "grades" else normal)(locale)
    reply = ReplyLine(SAID["ar"], "ar", date(2026, 2, 1))
    neighbour = replace(
        base, unit_code="U02", unit_name=NEIGHBOUR[locale], rank=base.rank and 3, trial=_tied(base, UNIT)
    )
    same = [replace(base, trial=_tied(base, NEIGHBOUR), reply=reply), neighbour]
    if mode == "normal":
        others = ("without_citizens", "not_graded", "long_names", "zero", "adjusted")
        same += [replace(SAMPLES[name](locale), unit_code=f"U{10 + n}") for n, name in enumerate(others)]
    if mode == "scores":
        same = [replace(card, band="", publication="scores") for card in same]
    return [replace(card, category_code="ABC"[n % 3 and n % 2 + 1]) for n, card in enumerate(same)]


def method(locale: str) -> MethodScheme:
    """The golden scheme as the method page tells it."""
    weights = {"citizens": 50, "peers": 20, "experts": 30}
    groups = (_group(code, weight, locale) for code, weight in weights.items())
    return MethodScheme(
        version=3,
        digest="c41e97a0d2b86f35" * 4,
        adopted_on=date(2024, 12, 2),
        adopted_by="Board",
        groups=tuple(groups),
        nodes=tuple(_nodes(locale)),
        bands=(MethodBand("A", Decimal(85), None),),
        has_five_points=True,
        is_outside=False,
        ranking=(Rule("banding-absolute"), Rule("publication-scores-and-grades")),
        simulation=(Rule("draws", {"n": "1000"}),),
        public_reason=None,  # type: ignore[arg-type]
        opened_version=None,
    )


@cache
def book(locale: str, mode: str = "normal") -> tuple[Booklet, str, bytes]:
    """The sample booklet, its HTML and its PDF."""
    found, html = book_html(locale, mode)
    return found, html, bytes_of(f"book-{locale}-{mode}.pdf", lambda: render_booklet(found, html))


def book_html(locale: str, mode: str = "normal") -> tuple[Booklet, str]:
    """The sample booklet and its HTML."""
    found = make_booklet(cards(locale, mode), "ABC")
    return found, booklet_html(found, method(locale), RECORD, environment(locale))


def _tied(card: Scorecard, names: dict[str, str]) -> Trial | None:
    return replace(TIED, tied=(names[card.locale],)) if card.rank else card.trial


def _group(code: str, weight: int, locale: str) -> MethodGroup:
    parts = tuple(StratumLine(one, STRATA[one][locale], Decimal(50)) for one in STRATA) if code == "citizens" else ()
    promise = {"citizens": "anonymous", "peers": "confidential"}.get(code, "accountable")
    return MethodGroup(code, GROUPS[code][locale], promise, Decimal(weight), (5, 30, 100), parts, (), ())


def _nodes(locale: str) -> list[MethodNode]:
    found = [MethodNode(0, "score", "Score", Decimal(100), Decimal(100), (), 0, (), is_leaf=False, rules=())]
    for code, names in DIMENSIONS.items():
        asked = (GROUPS[next(row[2] for row in INDICATORS if row[1] == code)][locale],)
        found.append(
            MethodNode(1, code, names[locale], Decimal(50), Decimal(50), asked, 0, (), is_leaf=False, rules=())
        )
        found += [
            MethodNode(
                2, row[0], row[-1][LOCALES.index(locale)], Decimal(row[3]), Decimal(row[3]), asked, 5, (), True, ()
            )
            for row in INDICATORS
            if row[1] == code
        ]
    return found
