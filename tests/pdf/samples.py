"""Cards for the PDF tests: the golden unit and the worst cases, in three languages."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

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
N = {"citizens": 620, "peers": 7, "experts": 4}
BANDS = tuple(
    BandLine(code, Decimal(start), Decimal(end))
    for code, start, end in (("A", 85, 100), ("B", 75, 85), ("C", 65, 75), ("D", 50, 65), ("E", 0, 50))
)


def _indicator(row: tuple[str, str, str, str, str, str, tuple[str, str, str]], locale: str) -> IndicatorLine:
    code, dimension, group, weight, score, mean, names = row
    n, points = N[group], 101 if group == "experts" else 5
    value, share = Decimal(score), Decimal(weight)
    spread = (12, 31, 88, 210, 262) if group == "citizens" else ()
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
        dont_know=11 if group == "citizens" else 0,
        not_applicable=6 if group == "citizens" else 0,
        contribution=(value * share / 100).quantize(Decimal("0.01")),
        raw_mean=(value * (points - 1) / 100 + 1).quantize(Decimal("0.01")),
        points=points,
        distribution=spread,
        category_mean=Decimal(mean),
        gap=value - Decimal(mean),
    )


def _group(code: str, locale: str, figures: tuple[str, str, str, str], promise: str) -> GroupLine:
    score, low, high, weight = (Decimal(figure) for figure in figures)
    return GroupLine(code, GROUPS[code][locale], N[code], score, low, high, weight, weight, "full", promise, 100)


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
        "link": "https://evaluation.rivergate.example/r/U01",
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
        n=631,
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
    )


def without_citizens(locale: str) -> Scorecard:
    """U18: no citizen rates it, so peers and experts carry 40 and 60 percent."""
    card = normal(locale)
    used = {"citizens": Decimal(0), "peers": Decimal(40), "experts": Decimal(60)}
    groups = tuple(
        replace(line, n=0, score=None, low=None, high=None, weight_used=Decimal(0), level="absent")
        if line.code == "citizens"
        else replace(line, weight_used=used[line.code])
        for line in card.groups
    )
    lines = tuple(
        replace(
            line,
            weight_used=Decimal(str(line.weight_nominal * 2).removesuffix(".0")),
            contribution=line.contribution and line.contribution * 2,
        )
        for line in card.indicators
        if line.group_code != "citizens"
    )
    return replace(
        card,
        unit_code="U18",
        unit_name={"en": "Internal Audit", "zh": "内部审计办公室", "ar": "التدقيق الداخلي"}[locale],
        score=Decimal("69.00"),
        low=Decimal("64.10"),
        high=Decimal("73.90"),
        band="C",
        n=11,
        rank=3,
        ranked_of=3,
        groups=groups,
        indicators=lines,
        open_channel=None,
        history=card.history[-1:],
        change=None,
        change_since="",
        strengths=("results",),
        weaknesses=("share",),
    )


def not_graded(locale: str) -> Scorecard:
    """U20: 18 citizens answered, so the public sees neither score nor band."""
    card = normal(locale)
    groups = tuple(
        replace(line, n=18, score=None, low=None, high=None, level="overseer", needed=30)
        if line.code == "citizens"
        else line
        for line in card.groups
    )
    lines = tuple(
        replace(line, score=None, low=None, high=None, n=None, dont_know=0, not_applicable=0, contribution=None,
                raw_mean=None, distribution=(), gap=None)
        if line.group_code == "citizens"
        else line
        for line in card.indicators
    )  # fmt: skip
    return replace(
        card,
        unit_code="U20",
        unit_name={"en": "Harbour Community Board", "zh": "港湾社区委员会", "ar": "مجلس حي الميناء"}[locale],
        score=None,
        low=None,
        high=None,
        band="",
        level="overseer",
        level_n=18,
        level_group="citizens",
        n=29,
        rank=None,
        ranked_of=0,
        category_mean=None,
        category_units=0,
        groups=groups,
        indicators=lines,
        history=(HistoryPoint("2025", None, "", "overseer", True),),
        strengths=(),
        weaknesses=(),
        change=None,
        change_since="",
        open_channel=OpenChannelLine(None, None),
    )


LONG = {
    "en": "Department of Recreation, Sport, Community Learning, Heritage Advice & Youth Work",
    "zh": "文化旅游体育广播电视新闻出版与公共图书馆终身学习青少年服务综合管理局" * 2,
    "ar": "إدارة الترفيه والرياضة والتعلّم المجتمعي والتراث والمشورة وخدمات الشباب والأسرة والحي",
}


def long_names(locale: str) -> Scorecard:
    """Names of 80 characters and the score 100."""
    card = normal(locale)
    name = LONG[locale][:80]
    lines = tuple(
        replace(line, name=name, score=Decimal("100.00"), low=Decimal("100.00"), high=Decimal("100.00"))
        for line in card.indicators
    )
    return replace(card, unit_name=name, category_name=name, indicators=lines, score=Decimal("100.00"), band="A")


def zero(locale: str) -> Scorecard:
    """Every score is 0."""
    card = normal(locale)
    nought = Decimal("0.00")
    lines = tuple(replace(line, score=nought, low=nought, high=nought, contribution=nought) for line in card.indicators)
    return replace(card, score=nought, low=nought, high=nought, band="E", indicators=lines)


SAMPLES = {f.__name__: f for f in (normal, without_citizens, not_graded, long_names, zero)}
