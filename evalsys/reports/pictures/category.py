"""The pictures of a whole round: the offices of each category with their intervals and the ranks that chance leaves."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from flask_babel import gettext as _

from evalsys.reports.pictures import rows, words
from evalsys.reports.pictures.canvas import code
from evalsys.reports.pictures.card import Picture, paged, parts
from evalsys.reports.pictures.frame import Facts, Key
from evalsys.reports.scorecard import Scorecard


def round_pictures(cards: Sequence[Scorecard]) -> tuple[Picture, ...]:
    """One picture a category, more where it has many offices; the cards come category by category."""
    found: list[Picture] = []
    for _code, same in groupby(cards, key=lambda card: card.category_code):
        found += _pictures(tuple(same))
    return tuple(found)


def _pictures(cards: Sequence[Scorecard]) -> Iterator[Picture]:
    cut = parts([card.unit_name for card in cards])
    for number, part in enumerate(cut, 1):
        some, first = cards[part], cards[0]
        above, title = _("Results by category"), paged(first.category_name, number, len(cut))
        table = rows.Table(_heads(first), tuple(_row(card) for card in some), first.has_scores)
        said = "; ".join(f"{card.unit_name}: {card.score or card.band or _('Not graded')}" for card in some)
        code = f"category-{first.category_code}" + (f"-{number}" if number > 1 else "")
        facts = Facts(title, f"{above} · {first.round_title}", _source(first), first.direction, said)
        yield Picture(code, title, said, partial(rows.draw_rows, facts, table, _keys(some)))


def _heads(card: Scorecard) -> tuple[str, ...]:
    if not card.has_scores:
        return _("Office"), _("Band")
    return _("Office"), _("Score"), _("Band"), _("Rank"), _("Likely ranks")


def _row(card: Scorecard) -> rows.Row:
    if not card.has_scores:
        return rows.Row(card.unit_name, None, cells=(card.band or _("Not graded"),))
    if card.score is None:
        return rows.Row(card.unit_name, None, cells=("", card.band, "", ""), missing=words.card_missing(card))
    rank = f"{card.rank}/{card.ranked_of}" if card.rank else "–"
    cells = (str(card.score), card.band or "–", rank, words.rank_range(card) or "–")
    return rows.Row(card.unit_name, card.score, card.low, card.high, card.category_mean, cells)


def _keys(cards: Sequence[Scorecard]) -> list[Key]:
    if not cards[0].has_scores:
        return []
    keys = [Key("bar", _("Score")), Key("interval", _("95 %% interval") % {})]
    if any(card.score is not None and card.category_mean is not None for card in cards):
        keys.append(Key("mean", _("mean of the category")))
    return keys


def _source(card: Scorecard) -> str:
    known = {"body": card.body_name, "round": code(card.round_code), "day": card.published_text}
    said = _("Source: %(body)s, round %(round)s, published on %(day)s", **known)
    note = _("Two offices whose intervals overlap may be equally good.")
    return f"{said} · {note}" if card.has_scores else str(said)
