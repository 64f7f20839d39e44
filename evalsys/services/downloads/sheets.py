"""The tables of a workbook, from published cards alone; with several cards each row begins with its office."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from flask_babel import gettext as _

from evalsys.reports.calculation import NodeLine
from evalsys.reports.lines import GroupLine, HistoryPoint, IndicatorLine
from evalsys.reports.pictures import words
from evalsys.reports.pictures.answers import shares_of
from evalsys.reports.scorecard import Scorecard
from evalsys.services.downloads.book import Bars, Cell, Column, Sheet

Rows = Iterator[tuple[Cell, ...]]
Cards = Sequence[Scorecard]
NAME, SENTENCE = 38, 48


def overview_sheet(cards: Cards) -> Sheet:
    """All results of the round, one line an office."""
    columns = (
        Column(_("Category"), width=NAME),
        *_score_columns(),
        Column(_("Band"), width=9),
        Column(_("Rank"), "count", 8),
        Column(_("Graded offices"), "count", 10),
        Column(_("Rank, likely from"), "count", 10),
        Column(_("Rank, likely to"), "count", 10),
        *_count_columns(),
        Column(_("Mean of the category"), "score"),
        Column(_("Change"), "change", 10),
        Column(_("Change since"), width=12),
        Column(_("Clear change"), width=10),
        Column(_("Why there is no score"), width=SENTENCE),
    )
    bars = Bars(_("Chart of the offices"), _("Score, 0 to 100"), 1, 3)
    return _of_offices(_("Offices"), columns, cards, lambda card: iter([_result(card)]), bars)


def _result(card: Scorecard) -> tuple[Cell, ...]:
    likely = (card.trial.rank_low, card.trial.rank_high) if card.trial and card.rank else (None, None)
    ranks = (card.rank, card.ranked_of or None, *likely)
    change = (card.change, card.change_since, _yes(card.change_is_clear))
    missing = "" if card.score is not None else words.card_missing(card)
    scores = (card.score, card.low, card.high, card.band)
    return (card.category_name, *scores, *ranks, card.n, card.n_most, card.category_mean, *change, missing)


def group_sheet(cards: Cards) -> Sheet:
    """Who judged."""
    columns = (Column(_("Group"), width=NAME), *_score_columns(), *_count_columns(), *_weight_columns(), _why())
    return _of_offices(_("Groups"), columns, cards, _groups)


def _groups(card: Scorecard) -> Rows:
    for line in card.groups:
        missing = words.group_missing(line) if line.score is None and card.has_scores else ""
        scores = (line.score, line.low, line.high)
        yield line.name, *scores, *_counted(line), line.weight_nominal, line.weight_used, missing


def dimension_sheet(cards: Cards) -> Sheet:
    """The parts of the score."""
    columns = (Column(_("Dimension"), width=NAME), *_score_columns(), *_weight_columns(), _why())
    return _of_offices(_("Dimensions"), columns, cards, _dimensions)


def _dimensions(card: Scorecard) -> Rows:
    for node in filter(None, map(card.node, dict.fromkeys(line.parent for line in card.indicators))):
        missing = words.missing(node.withheld) if node.score is None and card.has_scores else ""
        yield node.name, node.score, node.low, node.high, node.weight_nominal, node.weight_used, missing


def indicator_sheet(cards: Cards) -> Sheet:
    """Every indicator; one card's scores are drawn as well."""
    columns = (
        Column(_("Indicator"), width=NAME),
        Column(_("Code"), width=16),
        Column(_("Dimension"), width=24),
        Column(_("Group"), width=20),
        *_score_columns(),
        *_count_columns(),
        Column(_("“Don’t know”, %%") % {}, "percent"),
        *_weight_columns(),
        Column(_("Points brought"), "score"),
        Column(_("Mean of the category"), "score"),
        Column(_("Gap to the mean"), "change"),
        Column(_("Change"), "change", 10),
        Column(_("Clear change"), width=10),
        _why(),
    )
    bars = Bars(_("Chart of the indicators"), _("Score, 0 to 100"), 0, 4)
    is_drawn = len(cards) == 1 and cards[0].has_scores
    return _of_offices(_("Indicators"), columns, cards, _indicators, bars if is_drawn else None)


def _indicators(card: Scorecard) -> Rows:
    for line in card.indicators:
        missing = words.line_missing(line) if line.score is None and card.has_scores else ""
        facts = (line.name, line.code, line.dimension_name, line.group_name)
        weights = (line.weight_nominal, line.weight_used, line.contribution)
        change = (line.change, _yes(line.change_is_clear))
        scores = (line.score, line.low, line.high, *_counted(line), _unsure(line))
        yield *facts, *scores, *weights, line.category_mean, line.gap, *change, missing


def _unsure(line: IndicatorLine) -> Cell:
    """Percent of those asked who did not know: as published, or from the counts of older cards."""
    asked = (line.n or 0) + line.dont_know
    if line.dont_know_share is not None or not line.dont_know:
        return line.dont_know_share
    return round(Decimal(100 * line.dont_know) / asked)


def answer_sheet(cards: Cards) -> Sheet:
    """How people answered: percent of each level."""
    most = max((len(shares_of(line)) for card in cards for line in card.indicators), default=0)
    levels = tuple(Column(_("Level %(number)s, %%", number=level + 1), "percent", 10) for level in range(most))
    columns = (Column(_("Indicator"), width=NAME), Column(_("Group"), width=20), *levels)
    return _of_offices(_("Answers"), columns, cards, _answers)


def _answers(card: Scorecard) -> Rows:
    for line in card.indicators:
        if shares_of(line):
            yield line.name, line.group_name, *shares_of(line)


def history_sheet(cards: Cards) -> Sheet:
    """The results of former rounds."""
    columns = (
        Column(_("Round"), width=16),
        *_score_columns(),
        Column(_("Band"), width=9),
        Column(_("Can be compared"), width=12),
        Column(_("Former office"), width=NAME),
    )
    return _of_offices(_("Rounds"), columns, cards, lambda card: map(_former, card.history))


def _former(point: HistoryPoint) -> tuple[Cell, ...]:
    return point.round_code, point.score, point.low, point.high, point.band, _yes(point.comparable), point.unit


def weight_sheet(card: Scorecard) -> Sheet:
    """The tree of weights, as it was set."""
    names = {node.code: node.name for node in card.nodes}
    columns = (
        Column(_("Part"), width=NAME),
        Column(_("Code"), width=16),
        Column(_("Part of"), width=NAME),
        Column(_("Weight in that part, %%") % {}, "percent", 14),
        Column(_("How its parts are put together"), width=NAME),
    )
    rows = [_part(card, node, names) for node in card.nodes]
    return Sheet(_("Weights"), columns, rows)


def _part(card: Scorecard, node: NodeLine, names: dict[str, str]) -> tuple[Cell, ...]:
    joined = way(node) if card.children(node.code) else ""
    return node.name, node.code, names.get(node.parent, ""), node.weight_nominal, joined


def way(node: NodeLine) -> str:
    """How the parts of a node are put together; ways that have no short name keep the scheme's code."""
    known = {
        "arithmetic": _("weighted mean"),
        "groups": _("weighted mean of the groups"),
        "geometric": _("weighted geometric mean"),
        "harmonic": _("weighted harmonic mean"),
        "power": _("weighted power mean"),
        "median": _("weighted median"),
        "minimum": _("the lowest of its parts"),
    }
    return str(known.get(node.aggregation, node.aggregation))


def _of_offices(
    name: str, columns: tuple[Column, ...], cards: Cards, rows: Callable[[Scorecard], Rows], bars: Bars | None = None
) -> Sheet:
    if len(cards) == 1:
        return Sheet(name, columns, list(rows(cards[0])), bars)
    offices = (Column(_("Code"), width=10), Column(_("Office"), width=NAME))
    found = [(card.unit_code, card.unit_name, *row) for card in cards for row in rows(card)]
    return Sheet(name, offices + columns, found, bars)


def _score_columns() -> tuple[Column, ...]:
    low, high = _("95 %% interval, from") % {}, _("95 %% interval, to") % {}
    return Column(_("Score"), "score", 10), Column(low, "score", 13), Column(high, "score", 13)


def _count_columns() -> tuple[Column, ...]:
    return Column(_("Ratings, at least"), "count", 13), Column(_("Ratings, at most"), "count", 13)


def _weight_columns() -> tuple[Column, ...]:
    return Column(_("Weight set, %%") % {}, "percent", 11), Column(_("Weight used, %%") % {}, "percent", 11)


def _why() -> Column:
    return Column(_("Why there is no score"), width=SENTENCE)


def _counted(line: GroupLine | IndicatorLine) -> tuple[Cell, Cell]:
    """The least and the greatest number that there can be; twice the same where the number is exact."""
    return line.n, line.n_to or line.n


def _yes(known: bool | None) -> str:
    if known is None:
        return ""
    return str(_("yes") if known else _("no"))
