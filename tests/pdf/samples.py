"""Cards for the PDF tests: the golden unit, in three languages."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from evalsys.reports.calculation import NodeLine, PartLine, Reading, Trial
from evalsys.reports.lines import LeftOutLine
from evalsys.reports.scorecard import (
    BandLine,
    GroupLine,
    HistoryPoint,
    IndicatorLine,
    OpenChannelLine,
    Scorecard,
)

LOCALES = ("en", "zh", "ar")
UNIT = {"en": "Libraries & Learning", "zh": "图书馆与终身学习局", "ar": "المكتبات والتعلّم"}
BODY = {"en": "City of Rivergate", "zh": "河门市人民政府", "ar": "بلدية مدينة بوابة النهر"}
CATEGORY = {
    "en": "Services people visit",
    "zh": "市民到访服务部门",
    "ar": "الخدمات التي يزورها الناس",
}
ROUND = {"en": "Annual evaluation 2025", "zh": "2025年度评估", "ar": "التقييم السنوي 2025"}
PERIOD = {
    "en": "1 January to 31 December 2025",
    "zh": "2025年1月1日至12月31日",
    "ar": "من 1 يناير إلى 31 ديسمبر 2025",
}
ADOPTED_BY = {"en": "Evaluation Board of Rivergate", "zh": "河门市评估委员会", "ar": "مجلس التقييم في بوابة النهر"}
GROUPS = {
    "citizens": {"en": "Citizens", "zh": "市民", "ar": "المواطنون"},
    "peers": {"en": "Partner departments", "zh": "协作部门", "ar": "الإدارات الشريكة"},
    "experts": {"en": "Experts", "zh": "专家", "ar": "الخبراء"},
}
DIMENSIONS = {
    "experience": {"en": "Citizens’ experience", "zh": "市民体验", "ar": "تجربة المواطنين"},
    "cooperation": {"en": "Cooperation", "zh": "部门协作", "ar": "التعاون"},
    "management": {"en": "Management", "zh": "内部管理", "ar": "الإدارة الداخلية"},
}
# code, dimension, group, weight of the composite, score, category mean, names
INDICATORS = (
    ("satisfaction", "experience", "citizens", "7.5", "85", "80.10", ("Satisfaction", "总体满意度", "الرضا العام")),
    ("trust", "experience", "citizens", "10", "80", "78.44", ("Trust", "信任程度", "الثقة")),
    (
        "effect",
        "experience",
        "citizens",
        "10",
        "82.5",
        "79.90",
        ("Got what I needed", "办成所办之事", "حصلت على ما أحتاجه"),
    ),
    ("ease", "experience", "citizens", "7.5", "87.5", "77.20", ("Ease", "办事便利", "سهولة الخدمة")),
    ("speed", "experience", "citizens", "5", "77.5", "79.30", ("Speed", "办事效率", "السرعة")),
    ("transparency", "experience", "citizens", "5", "72.5", "74.00", ("Transparency", "公开透明", "الشفافية")),
    ("staff", "experience", "citizens", "5", "90", "84.60", ("Staff", "工作人员态度", "الموظفون")),
    ("cooperate", "cooperation", "peers", "8", "75", "70.00", ("Works with us", "主动配合", "التعاون معنا")),
    ("respond", "cooperation", "peers", "6", "70", "68.50", ("Answers in time", "及时回应", "سرعة الاستجابة")),
    ("share", "cooperation", "peers", "6", "65", "69.75", ("Shares information", "信息共享", "تبادل المعلومات")),
    ("leadership", "management", "experts", "3", "74", "69.00", ("Leadership", "领导力", "القيادة")),
    ("strategy", "management", "experts", "4.5", "64", "66.20", ("Strategy", "战略规划", "الاستراتيجية")),
    ("people", "management", "experts", "3", "66", "67.00", ("People", "人员管理", "الموارد البشرية")),
    (
        "care",
        "management",
        "experts",
        "4.5",
        "62",
        "61.00",
        ("Partnerships & data care", "合作与数据保护", "الشراكات وحماية البيانات"),
    ),
    ("process", "management", "experts", "6", "69", "68.00", ("Processes", "业务流程", "الإجراءات")),
    ("results", "management", "experts", "9", "71", "66.50", ("Results", "工作成效", "النتائج")),
)
N = {"citizens": 620, "peers": 5, "experts": 4}
N_TO = {"citizens": 0, "peers": 9, "experts": 0}
APPEAL = "appeals@rivergate.example, +1 555 0100"
STRATA = {
    "users": {"en": "Users", "zh": "办事群众", "ar": "المستفيدون"},
    "residents": {"en": "Residents", "zh": "居民", "ar": "السكان"},
}
NEIGHBOUR = {"en": "Parks and Gardens", "zh": "公园与园林局", "ar": "الحدائق والمتنزهات"}
TREE = (
    ("score", "", "75.69", "73.10", "78.28", "100"),
    ("experience", "score", "82.38", "80.90", "83.86", "50"),
    ("cooperation", "score", "70.50", "63.20", "77.80", "20"),
    ("management", "score", "68.00", "61.40", "74.60", "30"),
)
BANDS = tuple(
    BandLine(code, Decimal(start), Decimal(end))
    for code, start, end in (("A", 85, 100), ("B", 75, 85), ("C", 65, 75), ("D", 50, 65), ("E", 0, 50))
)


def _indicator(row: tuple[str, str, str, str, str, str, tuple[str, str, str]], locale: str) -> IndicatorLine:
    code, dimension, group, weight, score, mean, names = row
    n, points = N[group], 101 if group == "experts" else 5
    value, share = Decimal(score), Decimal(weight)
    return IndicatorLine(
        code=code,
        name=names[LOCALES.index(locale)],
        group_code=group,
        group_name=GROUPS[group][locale],
        dimension_name=DIMENSIONS[dimension][locale],
        weight_nominal=share,
        weight_used=share,
        score=value.quantize(Decimal("0.01")),
        low=max(value - 2, Decimal(0)).quantize(Decimal("0.01")),
        high=min(value + 2, Decimal(100)).quantize(Decimal("0.01")),
        n=n - 17 if group == "citizens" else n,
        n_to=N_TO[group],
        dont_know=0,
        not_applicable=0,
        shares=(2, 5, 15, 35, 43) if group == "citizens" else (),
        dont_know_share=2 if group == "citizens" else None,
        not_applicable_share=1 if group == "citizens" else None,
        change=(value - Decimal(mean)).quantize(Decimal("0.01")),
        change_is_clear=code in ("ease", "share"),
        contribution=(value * share / 100).quantize(Decimal("0.01")),
        raw_mean=None,
        points=points,
        category_mean=Decimal(mean),
        gap=value - Decimal(mean),
        parent=dimension,
        reading=_reading(value, points),
    )


def _reading(score: Decimal, points: int) -> Reading:
    first = 0 if points == 101 else 1
    mean = (score * (points - 1) / 100 + first).quantize(Decimal("0.01"))
    return Reading("linear", first, points - 1 + first, Decimal(0), Decimal(100), False, mean)


def _node(row: tuple[str, ...], locale: str) -> NodeLine:
    code, parent, *figures = row
    score, low, high, weight = map(Decimal, figures)
    name = DIMENSIONS[code][locale] if parent else ROUND[locale]
    return NodeLine(code, name, parent, score, low, high, weight, weight)


def _nodes(locale: str) -> tuple[NodeLine, ...]:
    parts = tuple(_node(row, locale) for row in TREE)
    leaves = (_indicator(row, locale) for row in INDICATORS)
    wholes = {code: Decimal(weight) for code, *_rest, weight in TREE}
    shares = ((line, 100 * line.weight_used / wholes[line.parent]) for line in leaves)
    return parts + tuple(
        NodeLine(line.code, line.name, line.parent, line.score, line.low, line.high, share, share)
        for line, share in ((line, share.normalize() + 0) for line, share in shares)
    )


def _group(code: str, locale: str, figures: tuple[str, str, str, str], promise: str) -> GroupLine:
    score, low, high, weight = (Decimal(figure) for figure in figures)
    line = GroupLine(code, GROUPS[code][locale], N[code], score, low, high, weight, weight, "full", promise, 100)
    parts = (PartLine(STRATA["users"][locale], Decimal(70)), PartLine(STRATA["residents"][locale], Decimal(30)))
    return replace(line, parts=parts) if code == "citizens" else replace(line, n_to=N_TO[code])


def _identity(locale: str) -> dict[str, Any]:
    return {
        "unit_code": "U01",
        "unit_name": UNIT[locale],
        "category_code": "A",
        "category_name": CATEGORY[locale],
        "body_name": BODY[locale],
        "round_code": "2025",
        "round_title": ROUND[locale],
        "period": PERIOD[locale],
        "published_on": date(2026, 3, 16),
        "reference": "RVG-2025-U01",
        "locale": locale,
        "direction": "rtl" if locale == "ar" else "ltr",
        "run_id": "2025/4",
        "run_digest": "5f8a12c09be37d41" * 4,
        "scheme_code": "rivergate",
        "scheme_version": "3",
        "scheme_digest": "c41e97a0d2b86f35" * 4,
        "engine_version": "1.0.0",
        "adopted_on": date(2024, 12, 2),
        "adopted_by": ADOPTED_BY[locale],
        "link": f"https://evaluation.rivergate.example/{locale}/rounds/2025/units/U01",
        "check_url": f"https://evaluation.rivergate.example/v/RVG-2025-U01-{locale}",
    }


def normal(locale: str) -> Scorecard:
    """The golden unit U01: 75.69, band B."""
    return Scorecard(
        **_identity(locale),
        score=Decimal("75.69"),
        low=Decimal("73.10"),
        high=Decimal("78.28"),
        band="B",
        level="full",
        level_n=None,
        n=629,
        coverage=Decimal(100),
        left_out=(LeftOutLine("rule", 10, 5, 19), LeftOutLine("persons", None, 5), LeftOutLine("conflict", None, 5)),
        appeal=APPEAL,
        rank=2,
        ranked_of=6,
        category_mean=Decimal("72.84"),
        category_units=6,
        bands=BANDS,
        groups=(
            _group("citizens", locale, ("82.38", "80.90", "83.86", "50"), "anonymous"),
            _group("peers", locale, ("70.50", "63.20", "77.80", "20"), "confidential"),
            _group("experts", locale, ("68.00", "61.40", "74.60", "30"), "accountable"),
        ),
        indicators=tuple(_indicator(row, locale) for row in INDICATORS),
        history=(
            HistoryPoint("2023", Decimal("69.20"), "C", "full", False),
            HistoryPoint("2024", Decimal("73.05"), "C", "full", True, Decimal("70.20"), Decimal("75.90")),
            HistoryPoint("2025", Decimal("75.69"), "B", "full", True, Decimal("73.10"), Decimal("78.28")),
        ),
        strengths=("ease", "staff", "cooperate"),
        weaknesses=("share", "strategy", "speed"),
        open_channel=OpenChannelLine(184, Decimal("79.42")),
        change=Decimal("2.64"),
        change_since="2024",
        change_is_clear=False,
        nodes=_nodes(locale),
        trial=Trial(1, 3, Decimal(62), (NEIGHBOUR[locale],)),
    )
