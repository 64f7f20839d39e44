"""Cards for the PDF tests: what may become of the golden unit, and the worst cases, in three languages."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from evalsys.reports.calculation import AdjustmentLine, NodeLine, Trial
from evalsys.reports.lines import ReplyLine
from evalsys.reports.scorecard import GroupLine, HistoryPoint, OpenChannelLine, Scorecard
from tests.pdf.samples import normal

UNTOLD: dict[str, Any] = {
    "n_to": 0,
    "shares": (),
    "dont_know_share": None,
    "not_applicable_share": None,
    "change": None,
    "change_is_clear": None,
}


def adjusted(locale: str) -> Scorecard:
    """A deduction of two points, and a finding that limits the band."""
    return replace(
        normal(locale),
        score=Decimal("73.69"),
        low=Decimal("71.10"),
        high=Decimal("76.28"),
        band="D",
        score_before=Decimal("75.69"),
        deduction=Decimal("2.00"),
        limit="integrity",
        limit_band="D",
        adjustments=(
            AdjustmentLine("deduction", "late_report", Decimal("3.00"), Decimal("3.00"), "external", "two weeks late"),
            AdjustmentLine("deduction", "open_data", Decimal("1.00"), Decimal("0.00"), "self", ""),
            AdjustmentLine("limiter", "integrity", Decimal("0.00"), Decimal("0.00"), "external", "a proven case"),
        ),
    )


def grades_only(locale: str) -> Scorecard:
    """A round of which only bands are published: no score anywhere."""
    card = normal(locale)
    hidden: dict[str, Any] = {
        "contribution": None,
        "raw_mean": None,
        "reading": None,
        "gap": None,
        "category_mean": None,
    }
    lines = tuple(replace(one, score=None, low=None, high=None, n=None, **hidden, **UNTOLD) for one in card.indicators)
    return replace(
        card,
        score=None,
        low=None,
        high=None,
        publication="grades",
        rank=None,
        ranked_of=0,
        category_mean=None,
        category_units=0,
        groups=tuple(replace(line, score=None, low=None, high=None) for line in card.groups),
        indicators=lines,
        nodes=tuple(replace(node, score=None, low=None, high=None) for node in card.nodes),
        history=tuple(replace(point, score=None, low=None, high=None) for point in card.history),
        strengths=(),
        weaknesses=(),
        change=None,
        change_since="",
        open_channel=None,
        coverage=None,
        trial=Trial(None, None, Decimal(62)),
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
        nodes=_nodes_without_citizens(card),
        trial=Trial(2, 3, Decimal(91)),
        unit_code="U18",
        unit_name={"en": "Internal Audit", "zh": "内部审计办公室", "ar": "التدقيق الداخلي"}[locale],
        score=Decimal("69.00"),
        low=Decimal("64.10"),
        high=Decimal("73.90"),
        band="C",
        n=9,
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


def _nodes_without_citizens(card: Scorecard) -> tuple[NodeLine, ...]:
    shares = {"experience": Decimal(0), "cooperation": Decimal(40), "management": Decimal(60)}
    return tuple(
        replace(node, score=None, low=None, high=None, weight_used=Decimal(0))
        if "experience" in (node.code, node.parent)
        else replace(node, score=Decimal("69.00"))
        if not node.parent
        else replace(node, weight_used=shares.get(node.code, node.weight_used))
        for node in card.nodes
    )


def _nodes_of_few_citizens(card: Scorecard) -> tuple[NodeLine, ...]:
    return tuple(
        replace(node, score=None, low=None, high=None, withheld="primary")
        if not node.parent or "experience" in (node.code, node.parent)
        else node
        for node in card.nodes
    )


def _groups_of_few_citizens(card: Scorecard) -> tuple[GroupLine, ...]:
    return tuple(
        replace(line, n=10, n_to=19, score=None, low=None, high=None, level="overseer", needed=30, withheld="primary")
        if line.code == "citizens"
        else line
        for line in card.groups
    )


def not_graded(locale: str) -> Scorecard:
    """U20: 18 citizens answered, so the public sees neither score nor band."""
    card = normal(locale)
    lines = tuple(
        replace(line, score=None, low=None, high=None, n=None, contribution=None, gap=None, reading=None,
                withheld="primary", **UNTOLD)
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
        level_n=10,
        level_n_to=19,
        coverage=Decimal(50),
        level_group="citizens",
        n=19,
        rank=None,
        ranked_of=0,
        category_mean=None,
        category_units=0,
        groups=_groups_of_few_citizens(card),
        indicators=lines,
        history=(HistoryPoint("2025", None, "", "overseer", True),),
        strengths=(),
        weaknesses=(),
        change=None,
        change_since="",
        open_channel=OpenChannelLine(None, None),
        trial=None,
        nodes=_nodes_of_few_citizens(card),
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


SAID = {
    "en": "Thank you \U0001f64f to all who answered. We open on Saturdays from May, and شكرا جزيلا to our neighbours.",
    "zh": "感谢市民的评价\U0001f64f。五月起周六开放，二楼增设无障碍通道；详见 https://rivergate.example。",
    "ar": "شكرا لكل من قيّم خدماتنا \U0001f64f. نفتح أيام السبت ابتداء من مايو 2026 (Room 4B)، ونرد خلال 5 أيام.",
}


def replied(locale: str) -> Scorecard:
    """A reply with emoji and in both directions, in the language of another reader."""
    other = {"en": "ar", "zh": "zh", "ar": "ar"}[locale]
    return replace(normal(locale), reply=ReplyLine(SAID[other], other, date(2026, 2, 6)))


def many(locale: str) -> Scorecard:
    """Sixty indicators."""
    card = normal(locale)
    lines = tuple(
        replace(line, code=f"{line.code}{copy}", name=f"{line.name} {copy + 1}")
        for line in card.indicators
        for copy in range(4 if line.group_code != "experts" else 3 if line.code != "results" else 5)
    )
    return replace(card, indicators=lines, nodes=card.nodes[:4], strengths=(), weaknesses=())


def older(locale: str) -> Scorecard:
    """A card from before numbers of people were told in bands."""
    card = normal(locale)
    lines = tuple(
        replace(line, n=603, dont_know=11, not_applicable=6, distribution=(12, 31, 88, 210, 262), **UNTOLD)
        if line.group_code == "citizens"
        else replace(line, **UNTOLD)
        for line in card.indicators
    )
    groups = tuple(replace(line, n_to=0) for line in card.groups)
    return replace(card, indicators=lines, groups=groups, coverage=None, left_out=(), appeal="")


MAKERS = (normal, without_citizens, not_graded, long_names, zero, adjusted, grades_only, replied, many, older)
SAMPLES = {make.__name__: make for make in MAKERS}
