"""The workbooks: of one card, and of a whole round. They hold what everybody may read, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import force_locale, format_date
from flask_babel import gettext as _

from evalsys.reports.pictures import words
from evalsys.reports.scorecard import Scorecard
from evalsys.services.downloads import sheets
from evalsys.services.downloads.book import About, Cell, Column, Sheet, write_book

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Download:
    """A file to send: its name, its content and the type of it."""

    name: str
    content: bytes
    media_type: str


def card_book(card: Scorecard) -> Download:
    """One card with all its tables."""
    with force_locale(card.locale):
        pages = [_about(card, [card]), _summary(card), *_tables([card]), _method(card), sheets.weight_sheet(card)]
        return _file(card.reference, f"{card.unit_name} – {card.round_title}", card, pages)


def round_book(cards: Sequence[Scorecard]) -> Download:
    """All cards of a round, at least one, each table with all offices."""
    first = cards[0]
    with force_locale(first.locale):
        method = next((card for card in cards if card.nodes), first)
        pages = [_about(first, cards), sheets.overview_sheet(cards), *_tables(cards), _method(first)]
        pages += [sheets.weight_sheet(method), _register(cards)]
        return _file(f"{first.round_code}-{first.locale}", first.round_title, first, pages)


def _file(stem: str, title: str, card: Scorecard, pages: Sequence[Sheet]) -> Download:
    shown = [page for page in pages if page.rows]
    about = About(title, card.body_name, card.published_on, card.direction == "rtl")
    return Download(f"{stem}.xlsx", write_book(shown, about), KIND)


def _tables(cards: Sequence[Scorecard]) -> list[Sheet]:
    makers = (
        sheets.group_sheet,
        sheets.dimension_sheet,
        sheets.indicator_sheet,
        sheets.answer_sheet,
        sheets.history_sheet,
    )
    return [make(cards) for make in makers]


def _prose(name: str, rows: Sequence[tuple[str, Cell]]) -> Sheet:
    columns = Column(_("What"), width=34), Column(_("Value"), width=90)
    return Sheet(name, columns, [row for row in rows if row[1] not in ("", None)], is_prose=True)


def _about(card: Scorecard, cards: Sequence[Scorecard]) -> Sheet:
    is_one = len(cards) == 1
    one, many = (
        _("The published scorecard of one office, as tables."),
        _("All published scorecards of a round, as tables."),
    )
    facts: tuple[tuple[str, Cell], ...] = (
        (_("What this is"), one if is_one else many),
        (_("Office"), card.unit_name if is_one else ""),
        (_("Round"), card.round_title),
        (_("Period"), card.period),
        (_("Published by"), card.body_name),
        (_("Published"), format_date(card.published_on, "long")),
        (_("Reference"), card.reference if is_one else ""),
        (_("Address"), card.link if is_one else ""),
        (_("Digest of this scorecard"), card.digest if is_one else ""),
        (_("Licence"), current_app.config["EVALSYS"].data_licence),
    )
    return _prose(_("Read me"), (*facts, *_reading()))


def _reading() -> tuple[tuple[str, str], ...]:
    return (
        (_("Scores"), _("Scores go from 0 to 100. More is better.")),
        (_("Empty cells"), _("The figure does not exist or is not published; the last column of the table says why.")),
        (_("Intervals"), _("Two results whose intervals overlap widely should not be called different.")),
        (
            _("Numbers of ratings"),
            _("A small number is published as a range. Where its two ends are the same, the number is exact."),
        ),
        (_("What counts"), _("The published scorecard is the result. This file only holds its figures.")),
    )


def _summary(card: Scorecard) -> Sheet:
    trial = card.trial if card.rank else None
    rows: tuple[tuple[str, Cell], ...] = (
        (_("Result"), words.in_words(card)),
        (_("Score"), card.score),
        (_("95 %% interval, from") % {}, card.low),
        (_("95 %% interval, to") % {}, card.high),
        (_("Band"), card.band),
        (_("Category"), card.category_name),
        (_("Mean of the category"), card.category_mean),
        (_("Rank"), card.rank),
        (_("Graded offices"), card.ranked_of or None),
        (_("Rank, likely from"), trial.rank_low if trial else None),
        (_("Rank, likely to"), trial.rank_high if trial else None),
        (_("Ratings, at least"), card.n),
        (_("Ratings, at most"), card.n_most),
        (_("Change"), card.change),
        (_("Change since"), card.change_since),
        (_("Why there is no score"), words.card_missing(card) if card.score is None else ""),
    )
    return _prose(_("Summary"), rows)


def _method(card: Scorecard) -> Sheet:
    bands = "; ".join(f"{band.code}: {band.start}–{band.end}" for band in card.bands)
    rows: tuple[tuple[str, Cell], ...] = (
        (_("Scheme"), card.scheme_code),
        (_("Version"), card.scheme_version),
        (_("Weights adopted on"), format_date(card.adopted_on, "long")),
        (_("Weights adopted by"), card.adopted_by),
        (_("Bands"), bands),
        (_("Scoring run, engine"), f"{card.run_id} · {card.engine_version}"),
        (_("Digest of the run"), card.run_digest),
        (_("Digest of the scheme"), card.scheme_digest),
        *((_("Note"), note) for note in card.notes),
    )
    return _prose(_("Method"), rows)


def _register(cards: Sequence[Scorecard]) -> Sheet:
    columns = (
        Column(_("Code"), width=10),
        Column(_("Office"), width=sheets.NAME),
        Column(_("Reference"), width=24),
        Column(_("Digest of this scorecard"), width=70),
        Column(_("Address"), width=60),
    )
    rows = [(card.unit_code, card.unit_name, card.reference, card.digest, card.link) for card in cards]
    return Sheet(_("References"), columns, rows)
