"""Which pictures there are of a card, and what each shows. Needs an application context in the card's language."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from flask_babel import gettext as _
from flask_babel import ngettext

from evalsys.reports.calculation import NodeLine
from evalsys.reports.lines import GroupLine, HistoryPoint, IndicatorLine
from evalsys.reports.pictures import answers, priorities, rows, scale, trend, words
from evalsys.reports.pictures.canvas import figure
from evalsys.reports.pictures.frame import Facts, Key
from evalsys.reports.scorecard import Scorecard

ROWS_A_PICTURE, LONG_ROWS_A_PICTURE = 20, 9
SHOWN_PRIORITIES = 20
LEVELS_NAMED = 7


@dataclass(frozen=True)
class Picture:
    """A chart that can be drawn: `code` is its part of an address, `words` say what it shows."""

    code: str
    title: str
    words: str
    draw: Callable[[], str]


def card_pictures(card: Scorecard) -> tuple[Picture, ...]:
    """The pictures that this card has something to show in, in the order of the card."""
    found: list[Picture] = [_scale(card)]
    if card.has_scores:
        found += [_groups(card), *_dimensions(card), *_indicators(card), *_answers(card)]
        found += _priorities(card)
    if len(card.history) > 1:
        found.append(_trend(card))
    return tuple(found)


def parts(names: Sequence[str]) -> list[slice]:
    """Stretches of equal length, none longer than a picture holds: fewer rows where names need two lines."""
    most = ROWS_A_PICTURE if all(map(rows.fits, names)) else LONG_ROWS_A_PICTURE
    pictures = -(-len(names) // most) or 1
    size = -(-len(names) // pictures)
    return [slice(number * size, (number + 1) * size) for number in range(pictures)]


def paged(title: str, number: int, whole: int) -> str:
    """The title of one of several pictures."""
    return (
        str(_("%(title)s, part %(number)s of %(count)s", title=title, number=number, count=whole))
        if whole > 1
        else title
    )


def _facts(card: Scorecard, title: str, said: str) -> Facts:
    return Facts(title, f"{card.unit_name} · {card.round_title}", words.source(card), card.direction, said)


def _scale(card: Scorecard) -> Picture:
    said = words.sentence(card)
    facts = replace(_facts(card, said, said), subtitle=f"{card.category_name} · {card.round_title} · {card.period}")
    return Picture(
        "scale", _("Score and band") if card.has_scores else _("Band"), said, partial(scale.draw_scale, card, facts)
    )


def _bars(card: Scorecard, code: str, title: str, table: rows.Table) -> Picture:
    said = "; ".join(f"{row.name}: {row.missing if row.score is None else row.score}" for row in table.rows)
    keys = [Key("bar", _("Score")), Key("interval", _("95 %% interval") % {})]
    if any(row.mean is not None for row in table.rows):
        keys.append(Key("mean", _("mean of the category")))
    return Picture(code, title, said, partial(rows.draw_rows, _facts(card, title, said), table, keys))


def _groups(card: Scorecard) -> Picture:
    heads = (_("Group"), _("Score"), _("95 %% interval") % {}, _("Ratings"), _("Weight"))
    return _bars(card, "groups", _("Who judged"), rows.Table(heads, tuple(_group(line) for line in card.groups)))


def _group(line: GroupLine) -> rows.Row:
    weight = f"{line.weight_used} %"
    if line.score is None:
        return rows.Row(line.name, None, cells=("", "", "", weight), missing=words.group_missing(line))
    cells = (str(line.score), words.between(line.low, line.high), words.count(line), weight)
    return rows.Row(line.name, line.score, line.low, line.high, cells=cells)


def _dimensions(card: Scorecard) -> Iterator[Picture]:
    codes = dict.fromkeys(line.parent for line in card.indicators)
    nodes = [node for node in map(card.node, codes) if node is not None]
    if nodes:
        heads = (_("Dimension"), _("Score"), _("95 %% interval") % {}, _("Weight"))
        title = _("The dimensions of the score")
        yield _bars(card, "dimensions", title, rows.Table(heads, tuple(_dimension(node) for node in nodes)))


def _dimension(node: NodeLine) -> rows.Row:
    weight = f"{node.weight_used} %"
    if node.score is None:
        return rows.Row(node.name, None, cells=("", "", weight), missing=words.missing(node.withheld))
    return rows.Row(
        node.name, node.score, node.low, node.high, cells=(str(node.score), words.between(node.low, node.high), weight)
    )


def line_name(card: Scorecard, line: IndicatorLine) -> str:
    """The indicator's name; with the group where several judge it."""
    is_shared = sum(one.code == line.code for one in card.indicators) > 1
    return f"{line.name} · {line.group_name}" if is_shared and line.group_name else line.name


def _indicators(card: Scorecard) -> Iterator[Picture]:
    heads = (_("Indicator"), _("Score"), _("Weight"), _("Points brought"))
    cut = parts([line_name(card, line) for line in card.indicators])
    for number, part in enumerate(cut, 1):
        table = rows.Table(heads, tuple(_indicator(card, line) for line in card.indicators[part]))
        code = "indicators" if number == 1 else f"indicators-{number}"
        yield _bars(card, code, paged(_("Every indicator"), number, len(cut)), table)


def _indicator(card: Scorecard, line: IndicatorLine) -> rows.Row:
    name, weight = line_name(card, line), f"{line.weight_used} %"
    if line.score is None:
        return rows.Row(name, None, cells=("", weight, ""), missing=words.line_missing(line))
    points = "" if line.contribution is None else str(line.contribution)
    return rows.Row(name, line.score, line.low, line.high, line.category_mean, (str(line.score), weight, points))


def _answers(card: Scorecard) -> Iterator[Picture]:
    known = [line for line in card.indicators if answers.shares_of(line)]
    cut = parts([line_name(card, line) for line in known]) if known else []
    heads = (_("Indicator"), _("Answers"))
    for number, part in enumerate(cut, 1):
        found = [
            answers.AnswerRow(line_name(card, line), answers.shares_of(line), (words.count(line),))
            for line in known[part]
        ]
        title = paged(_("How people answered"), number, len(cut))
        said = "; ".join(f"{one.name}: {', '.join(f'{share} %' for share in one.shares)}" for one in found)
        code = "answers" if number == 1 else f"answers-{number}"
        draw = partial(answers.draw_answers, _facts(card, title, said), heads, found, _levels(known[part]))
        yield Picture(code, title, said, draw)


def _levels(lines: Sequence[IndicatorLine]) -> list[Key]:
    """The key of the levels, where all questions have the same few; else lowest and highest."""
    sizes = {len(answers.shares_of(line)) for line in lines}
    most = max(sizes)
    names = {0: _("Lowest answer"), most - 1: _("Highest answer")}
    shown = range(most) if len(sizes) == 1 and most <= LEVELS_NAMED else (0, most - 1)
    return [Key("shade", names.get(level, str(level + 1)), answers.shade(level, most)) for level in shown]


def _priorities(card: Scorecard) -> Iterator[Picture]:
    known = [line for line in card.indicators if line.score is not None and line.weight_used]
    if len(known) < 2:
        return
    first = sorted(known, key=lambda line: -line.weight_used)[:SHOWN_PRIORITIES]
    points = [priorities.Priority(line_name(card, line), line.weight_used, line.score or Decimal(0)) for line in first]
    title = _("What counts, and how well it goes")
    if len(first) < len(known):
        most = ngettext("the %(num)s indicator that counts most", "the %(num)s indicators that count most", len(first))
        title = f"{title} – {most}"
    said = "; ".join(f"{one.name}: {one.weight} %, {one.score}" for one in points)
    draw = partial(priorities.draw_priorities, _facts(card, title, said), points, *_cross(known))
    yield Picture("priorities", title, said, draw)


def _cross(lines: Sequence[IndicatorLine]) -> tuple[tuple[Decimal, Decimal], str]:
    """The lines between important and not, weak and strong, and what they are."""
    weight = _mean([line.weight_used for line in lines])
    means = [line.category_mean for line in lines if line.category_mean is not None]
    if len(means) == len(lines):
        cross = weight, _mean(means)
        note = _(
            "Important means at or above the mean importance (%(importance)s); weak means below the mean of the"
            " category’s indicators (%(performance)s points).",
            importance=figure(f"{cross[0]} %"),
            performance=figure(str(cross[1])),
        )
        return cross, str(note)
    cross = weight, _mean([line.score for line in lines if line.score is not None])
    return cross, str(_("The lines are the mean weight and the mean score of these indicators."))


def _mean(values: Sequence[Decimal]) -> Decimal:
    return round(sum(values, Decimal(0)) / len(values), 1)


def _trend(card: Scorecard) -> Picture:
    said = "; ".join(f"{one.round_code}: {one.score or one.band or _('not graded')}" for one in card.history)
    keys = [Key("score", _("score with its interval"))]
    if any(not one.comparable for one in card.history):
        keys += [Key("open", _("not comparable")), Key("break", _("method or office changed"))]
    notes = [_note(one) for one in card.history]
    title = _("Over the years")
    draw = partial(trend.draw_trend, _facts(card, title, said), card.history, notes, keys if card.has_scores else [])
    return Picture("trend", title, said, draw)


def _note(point: HistoryPoint) -> str:
    if point.unit:
        return str(_("former office, not comparable"))
    if point.is_reorganised:
        return str(_("before the reorganisation, not comparable"))
    if not point.comparable:
        return str(_("other method, not comparable"))
    return "" if point.score is not None or point.band else str(_("not graded"))
