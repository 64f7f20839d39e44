"""The rows of each table, from published cards and the scheme they were scored with, and from nothing else."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from evalsys.i18n import DEFAULT_LOCALE, LOCALES
from evalsys.reports.calculation import percents
from evalsys.reports.lines import GroupLine, HistoryPoint, OpenChannelLine
from evalsys.reports.scorecard import IndicatorLine, Scorecard
from evalsys.services.opendata.columns import Cell
from evalsys.services.opendata.counts import ranged, share_of
from evalsys.services.weights import leaf_weights, percent
from scoring.scheme import Node, Scheme

Row = Mapping[str, Cell]
Said = Mapping[str, Scorecard]
"""One office's card in every language; all but the words is alike in them."""


@dataclass(frozen=True)
class Content:
    """What a round's tables are made of: cards by office and language, and the scheme, which the weights alone need."""

    cards: Mapping[str, Said]
    scheme: Scheme | None = None


def rows_of(content: Content, table: str) -> list[Row]:
    """The rows of a table, offices in the order of their codes."""
    return list(MAKERS[table](content))


def _scores(content: Content) -> Iterator[Row]:
    for unit, said in sorted(content.cards.items()):
        card = said[DEFAULT_LOCALE]
        yield {
            "unit": unit,
            **_in_languages("name", {locale: one.unit_name for locale, one in said.items()}),
            "category": card.category_code,
            **_in_languages("category_name", {locale: one.category_name for locale, one in said.items()}),
            **_taken(card, "score", "low", "high", "band", "level", "rank", "category_mean", "category_units"),
            **_people(card),
            "ranked_of": card.ranked_of or None,
            **_firmness(card),
            **_taken(card, "score_before", "bonus", "deduction", "limit", "change", "change_since", "change_is_clear"),
            **_taken(card, "opened_version", "opened_score", "opened_band"),
            **_counted("open_n", card.open_channel),
            "open_mean": card.open_channel.mean if card.open_channel else None,
            "reply": card.reply.text if card.reply else "",
            "reply_language": card.reply.locale if card.reply else "",
            "reply_on": card.reply.on if card.reply else None,
            "reference": card.reference,
        }


def _people(card: Scorecard) -> Row:
    """All ratings together: the sum of the groups' numbers, and of the upper ends of their ranges."""
    ranges = [ranged(line.n, line.n_to, line.promise) for line in card.groups if line.n is not None]
    low, high = sum(n or 0 for n, _to in ranges), sum(to or n or 0 for n, to in ranges)
    return {"n": low, "n_to": high if high > low else 0}


def _firmness(card: Scorecard) -> Row:
    trial = card.trial
    ranked = trial is not None and card.rank is not None
    return {
        "rank_low": trial.rank_low if trial and ranked else None,
        "rank_high": trial.rank_high if trial and ranked else None,
        "band_share": trial.band_share if trial else None,
    }


def _groups(content: Content) -> Iterator[Row]:
    for unit, card, said in _each(content):
        for at, line in enumerate(card.groups):
            taken = ("score", "low", "high", "weight_nominal", "weight_used", "level", "withheld", "needed", "promise")
            names = {locale: one.groups[at].name for locale, one in said.items()}
            yield {
                "unit": unit,
                "group": line.code,
                **_in_languages("name", names),
                **_counted("n", line, line.promise),
                **_taken(line, *taken),
            }


def _nodes(content: Content) -> Iterator[Row]:
    taken = ("parent", "score", "low", "high", "weight_nominal", "weight_used", "withheld", "aggregation", "rest")
    for unit, card, said in _each(content):
        for at, node in enumerate(card.nodes):
            names = {locale: one.nodes[at].name for locale, one in said.items()}
            yield {"unit": unit, "node": node.code, **_in_languages("name", names), **_taken(node, *taken)}


def _indicators(content: Content) -> Iterator[Row]:
    taken = ("parent", "weight_nominal", "weight_used", "score", "fine", "low", "high", "contribution", "raw_mean")
    for unit, card, said in _each(content):
        promises = {group.code: group.promise for group in card.groups}
        for at, line in enumerate(card.indicators):
            same = {locale: one.indicators[at] for locale, one in said.items()}
            yield {
                "unit": unit,
                "indicator": line.code,
                "group": line.group_code,
                **_in_languages("name", {locale: one.name for locale, one in same.items()}),
                **_in_languages("group_name", {locale: one.group_name for locale, one in same.items()}),
                **_taken(line, *taken, "points", "category_mean", "gap", "withheld"),
                "change": line.change,
                **_counted("n", line, promises.get(line.group_code, "")),
                **_left_out(line),
                **_given(same),
            }


def _left_out(line: IndicatorLine) -> Row:
    """The shares of “don't know” and “does not apply”; older cards hold numbers, and how many chose each level."""
    if line.n is None or not (line.distribution or line.dont_know or line.not_applicable):
        return _taken(line, "dont_know_share", "not_applicable_share")
    answered = line.n + line.dont_know + line.not_applicable
    return {
        "dont_know_share": share_of(line.dont_know, answered - line.dont_know),
        "not_applicable_share": share_of(line.not_applicable, answered - line.not_applicable),
    }


def _given(same: Mapping[str, IndicatorLine]) -> Row:
    given = {locale: line.given for locale, line in same.items() if line.given}
    one = given.get(DEFAULT_LOCALE)
    return {
        "given_value": one.value if one else "",
        **_in_languages("given_measure", {locale: line.measure for locale, line in given.items()}),
        "given_source": one.source if one else "",
        "given_period": one.period if one else "",
        "given_is_imputed": one.is_imputed if one else None,
    }


def _distribution(content: Content) -> Iterator[Row]:
    for unit, card, _said in _each(content):
        for line in card.indicators:
            shares = line.shares or percents(line.distribution)
            for level, share in enumerate(shares, start=1):
                key = {"unit": unit, "indicator": line.code, "group": line.group_code}
                yield {**key, "level": level, "share": share}


def _findings(content: Content) -> Iterator[Row]:
    taken = ("kind", "code", "points", "counted", "source", "reason")
    for unit, card, _said in _each(content):
        for number, line in enumerate(card.adjustments, start=1):
            yield {"unit": unit, "number": number, **_taken(line, *taken)}


def _history(content: Content) -> Iterator[Row]:
    taken = ("score", "low", "high", "band", "level", "comparable", "is_reorganised")
    for unit, card, said in _each(content):
        for at, point in enumerate(card.history):
            same: Mapping[str, HistoryPoint] = {locale: one.history[at] for locale, one in said.items()}
            former = _in_languages("former_unit", {locale: one.unit for locale, one in same.items()})
            yield {"unit": unit, "round": point.round_code, **former, **_taken(point, *taken)}


def _weights(content: Content) -> Iterator[Row]:
    if content.scheme is None:
        return
    effective = {leaf.code: weight for leaf, weight in leaf_weights(content.scheme)}
    yield from _walk(content.scheme.tree, "", effective, _names(content))


def _walk(
    node: Node, parent: str, effective: Mapping[str, Fraction], names: Mapping[str, Mapping[str, str]]
) -> Iterator[Row]:
    whole = sum((effective[leaf.code] for leaf in node.walk() if not leaf.children), Fraction(0))
    named = _in_languages("name", names.get(node.code, dict.fromkeys(LOCALES, node.code)))
    joined = node.aggregation if node.children else ""
    own = {"node": node.code, **named, "parent": parent, "aggregation": joined, "points": node.points or None}
    share = node.weight if parent else Fraction(1)
    yield {**own, "group": "", "weight": percent(share), "effective": percent(whole)}
    for group, part in node.shares:
        yield {**own, "group": group, "weight": percent(part), "effective": percent(part * whole)}
    for child in node.children:
        yield from _walk(child, node.code, effective, names)


def _names(content: Content) -> dict[str, dict[str, str]]:
    """What the cards call the parts of the tree and the indicators, in each language."""
    found: dict[str, dict[str, str]] = {}
    for said in content.cards.values():
        for locale, card in said.items():
            lines = [(line.code, line.name) for line in card.nodes] + [
                (line.code, line.name) for line in card.indicators
            ]
            for code, name in lines:
                found.setdefault(code, {}).setdefault(locale, name)
    return found


def _each(content: Content) -> Iterator[tuple[str, Scorecard, Said]]:
    return ((unit, said[DEFAULT_LOCALE], said) for unit, said in sorted(content.cards.items()))


def _taken(line: Any, *names: str) -> dict[str, Cell]:
    return {name: getattr(line, name) for name in names}


def _counted(name: str, line: GroupLine | IndicatorLine | OpenChannelLine | None, promise: str = "") -> Row:
    n, n_to = ranged(line.n, line.n_to, promise) if line else (None, 0)
    return {name: n, f"{name}_to": None if n is None else n_to}


def _in_languages(name: str, said: Mapping[str, Any]) -> dict[str, Cell]:
    return {f"{name}_{locale}": said.get(locale, "") for locale in LOCALES}


MAKERS: Mapping[str, Callable[[Content], Iterator[Row]]] = {
    "scores": _scores,
    "groups": _groups,
    "nodes": _nodes,
    "indicators": _indicators,
    "distribution": _distribution,
    "findings": _findings,
    "history": _history,
    "weights": _weights,
}
