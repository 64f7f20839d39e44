"""How fast cards are printed: a kept file against a fresh one, and a pool against one process."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.reports.scorecard import Scorecard
from evalsys.services import files, printing, work
from tests.bench.measuring import MARGIN
from tests.published import card_of, make_published_round

ROUNDS = 3


def best_of(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU seconds of the quickest of some runs."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        act()
        times.append(time.process_time() - start)
    return min(times)


def test_a_kept_file_costs_almost_nothing(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published_round(session)
    (item, *_rest) = work.claim("bench", utc_now())
    printing.print_scorecard(item)
    kept = best_of(lambda: printing.print_scorecard(item))
    card = card_of(session, "U01")
    fresh = best_of(lambda: printing.render(card))
    print(f"\nwarm card {fresh * 1000:.0f} ms CPU, kept file {kept * 1000:.2f} ms, ratio {kept / fresh:.4f}")
    assert kept < fresh / 100 * MARGIN


@pytest.mark.parametrize("locale", ["zh", "ar"])
def test_no_language_costs_half_again_as_much(app: Flask, session: Session, locale: str) -> None:
    make_published_round(session)
    english, other = card_of(session, "U01"), card_of(session, "U01", locale)
    base = best_of(lambda: printing.render(english))
    cost = best_of(lambda: printing.render(other))
    print(f"\n{locale}: {cost / base:.2f} of English")
    assert cost < base * 1.5


def test_writing_the_file_is_a_small_part(app: Flask, session: Session, tmp_path: Path) -> None:
    make_published_round(session)
    card: Scorecard = replace(card_of(session, "U01"), reference="RCC-BENCH")
    data = printing.render(card)
    start = time.perf_counter()
    files.write_whole(tmp_path / "card.pdf", data)
    written = time.perf_counter() - start
    print(f"\n{len(data) / 1024:.0f} KiB written and synced in {written * 1000:.1f} ms")
    assert written < 1
