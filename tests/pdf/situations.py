"""Cards for the PDF tests: what may become of the golden unit, and the worst cases, in three languages."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from evalsys.reports.calculation import AdjustmentLine, NodeLine, Trial
from evalsys.reports.scorecard import GroupLine, HistoryPoint, OpenChannelLine, Scorecard
from tests.pdf.samples import normal


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
    lines = tuple(
        replace(one, score=None, low=None, high=None, n=None, distribution=(), dont_know=0, not_applicable=0, **hidden)
        for one in card.indicators
    )
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
        replace(line, n=18, score=None, low=None, high=None, level="overseer", needed=30, withheld="primary")
        if line.code == "citizens"
        else line
        for line in card.groups
    )


def not_graded(locale: str) -> Scorecard:
    """U20: 18 citizens answered, so the public sees neither score nor band."""
    card = normal(locale)
    lines = tuple(
        replace(line, score=None, low=None, high=None, n=None, dont_know=0, not_applicable=0, contribution=None,
                raw_mean=None, distribution=(), gap=None, reading=None, withheld="primary")
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


SAMPLES = {f.__name__: f for f in (normal, without_citizens, not_graded, long_names, zero, adjusted, grades_only)}
