"""Result posters: one page each whatever the names, archivable, accessible, honest about what may not be shown."""

import io
import re
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import page
import pypdf
import pytest

from evalsys.reports.calculation import NodeLine
from evalsys.reports.commitments import CommitmentLine
from evalsys.reports.result_poster import main_parts, make_poster, render_poster
from evalsys.reports.scorecard import Scorecard
from tests.pdf.making import environment, spoken_errors, text_of, tool
from tests.pdf.samples import LOCALES, UNIT, normal
from tests.pdf.situations import LONG, SAMPLES, adjusted, grades_only, not_graded
from tests.sharing import bytes_of

FAMILIES = {"Card-Sans", "Card-Sans-Bold", "Card-Naskh", "Card-Naskh-Bold", "Card-Han", "Card-Han-Bold"}


def worst(locale: str) -> Scorecard:
    """Six parts and more, every name of 80 characters, and everything that can be said about a result at once."""
    card, name, points = adjusted(locale), LONG[locale][:80], Decimal("61.00")
    parts = (NodeLine(f"p{n}", name, "score", points, points, points, Decimal(9 + n), Decimal(9 + n)) for n in range(8))
    return replace(
        card,
        unit_name=name,
        body_name=name,
        round_title=name,
        level="indicative",
        level_group="citizens",
        nodes=(card.nodes[0], *parts),
        indicators=tuple(replace(line, name=name) for line in card.indicators),
        groups=tuple(replace(line, name=name) for line in card.groups),
    )


def scores_only(locale: str) -> Scorecard:
    return replace(normal(locale), band="", publication="scores")


CARDS = {**SAMPLES, "worst": worst, "scores_only": scores_only}
EVERYWHERE = ("normal", "not_graded", "worst")
EVERY_POSTER = [  # the others take the languages in turn
    (name, one)
    for at, name in enumerate(CARDS)
    for one in (LOCALES if name in EVERYWHERE else (LOCALES[at % len(LOCALES)],))
]


@cache
def poster(name: str, locale: str) -> bytes:
    return bytes_of(f"poster-{name}-{locale}.pdf", lambda: render_poster(CARDS[name](locale), environment(locale)))


def words(name: str, locale: str = "en") -> str:
    return " ".join(text_of(poster(name, locale)).split())


@pytest.mark.parametrize(("name", "locale"), EVERY_POSTER)
def test_every_poster_is_one_conforming_page_in_shipped_fonts(name: str, locale: str) -> None:
    data = poster(name, locale)
    document = pypdf.PdfReader(io.BytesIO(data))
    assert len(document.pages) == 1
    assert str(document.root_object["/Lang"]) == locale
    reports = [page.validate_pdf_bytes(data, profile=profile) for profile in ("3a", "ua1")]
    assert not [f"{failure.rule_id}: {failure.message}" for report in reports for failure in report.failures]
    rows = [line.split() for line in tool(["pdffonts", "-"], data).splitlines()[2:]]
    assert {row[0].split("+")[1] for row in rows} <= FAMILIES
    assert {(row[-5], row[-4], row[-3]) for row in rows} == {("yes", "yes", "yes")}


@pytest.mark.parametrize("locale", LOCALES)
def test_a_poster_reads_aloud_without_a_finding_and_is_the_same_again(locale: str) -> None:
    assert spoken_errors(poster("normal", locale)) == []
    assert render_poster(normal(locale), environment(locale)) == poster("normal", locale)


def test_the_poster_says_band_score_and_how_sure_it_is_in_words() -> None:
    text = words("normal")
    for part in (UNIT["en"], "75.69", "lies between 73 and 79.", "82.38", "Citizens: 620", "RVG-2025-U01", "Ease"):
        assert part in text, part
    assert "The band is not certain: it would be the same in 62 of 100 cases." in text


def test_the_bounds_in_words_always_hold_the_printed_interval() -> None:
    card = replace(normal("en"), low=Decimal("75.60"), high=Decimal("75.80"))
    assert make_poster(card).between == (Decimal(75), Decimal(76))
    card = replace(card, low=Decimal("0.00"), high=Decimal("100.00"))
    assert make_poster(card).between == (Decimal(0), Decimal(100))


@pytest.mark.parametrize("locale", LOCALES)
def test_where_only_bands_are_published_the_poster_holds_no_score(locale: str) -> None:
    text = words("grades_only", locale)
    assert not re.search(r"\d\.\d\d", text)
    assert make_poster(grades_only(locale)).kind == "band"
    assert "75" not in text


def test_where_only_scores_are_published_the_poster_holds_no_band() -> None:
    text = words("scores_only")
    assert "75.69" in text
    assert "only scores are published" in text
    assert "The band" not in text


def test_a_poster_without_a_score_says_why() -> None:
    text = words("not_graded")
    assert "Not graded" in text
    assert "Too few ratings for a score: Citizens gave fewer than 30." in text
    assert "Not graded does not mean badly graded." in text
    assert "75.69" not in text
    assert "82.38" not in text


def test_the_attached_data_is_the_card() -> None:
    document = pypdf.PdfReader(io.BytesIO(poster("not_graded", "ar")))
    (content,) = document.attachments["RVG-2025-U01-ar.json"]
    assert Scorecard.from_json(content) == not_graded("ar")


def test_a_phone_reads_the_code_and_comes_to_the_register(tmp_path: Path) -> None:
    (tmp_path / "poster.pdf").write_bytes(poster("normal", "ar"))
    subprocess.run(["pdftoppm", "-r", "72", "-png", "poster.pdf", "poster"], cwd=tmp_path, check=True, timeout=60)
    reader = ["zbarimg", "-q", "--raw", "poster-1.png"]
    seen = subprocess.run(reader, cwd=tmp_path, check=True, timeout=60, capture_output=True)
    assert seen.stdout.decode().strip() == normal("ar").check_address


@pytest.mark.parametrize("locale", LOCALES)
def test_at_most_two_short_promises_are_on_the_poster(locale: str) -> None:
    words = ("We answer within ten days.", "نجيب خلال عشرة أيام.", "x" * 200, "We open on Saturdays.")
    lines = [
        CommitmentLine(text, "ar" if n == 1 else "en", "", "Head", date(2026, 6, 30)) for n, text in enumerate(words)
    ]
    card = replace(normal(locale), commitments=tuple(reversed(lines)))
    assert [line.text for line in make_poster(card).promises] == [words[3], words[1]]
    said = text_of(render_poster(card, environment(locale)))
    assert "We open on Saturdays." in " ".join(said.split())
    assert "We answer" not in said
    assert make_poster(replace(card, commitments=())).promises == ()


def test_at_most_six_parts_are_drawn_the_heaviest_in_their_order() -> None:
    assert [part.name for part in main_parts(normal("en"))] == ["Citizens’ experience", "Cooperation", "Management"]
    assert [getattr(part, "code", "") for part in main_parts(worst("en"))] == [f"p{n}" for n in range(2, 8)]
    assert next(part.name for part in main_parts(replace(normal("en"), nodes=()))) == "Citizens"
