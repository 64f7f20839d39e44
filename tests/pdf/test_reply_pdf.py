"""What an office says stands on the printed card, in whichever language it was written."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from evalsys.reports import pdf
from evalsys.reports.commitments import CommitmentLine
from evalsys.reports.conformance import require_conforming
from evalsys.reports.lines import ReplyLine
from evalsys.reports.scorecard import Scorecard
from tests.pdf.making import environment, text_of, tool
from tests.pdf.samples import normal

DUE = date(2026, 6, 30)
SAID = {"zh": "感谢市民的评价", "ar": "نشكر كل من قيّم خدماتنا", "en": "Thank you for <b>looking</b> at us"}


@pytest.mark.parametrize(("locale", "said"), [("en", "ar"), ("ar", "zh"), ("zh", "en")])
def test_a_reply_is_printed_in_its_own_language(locale: str, said: str) -> None:
    card = replace(normal(locale), reply=ReplyLine(SAID[said], said, date(2025, 11, 6)))
    data = pdf.render_scorecard(card, environment(locale))
    assert "".join(SAID[said].split()) in "".join(text_of(data).split())
    assert "Times" not in tool(["pdffonts", "-"], data)


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_commitments_are_printed_with_their_day_and_the_card_still_conforms(locale: str) -> None:
    lines = tuple(CommitmentLine(SAID[said], said, "Speed", "Office manager", DUE) for said in SAID)
    known: dict[str, Any] = {
        "round_code": "2024",
        "state": "late",
        "note": "no money",
        "note_locale": "en",
    }
    former = replace(lines[0], **known, reported_on=DUE, is_overdue=True), replace(lines[1], round_code="2024")
    card = replace(normal(locale), commitments=lines, former_commitments=former)
    data = pdf.render_scorecard(card, environment(locale))
    require_conforming(data)
    printed = "".join(text_of(data).split())
    for text in (*SAID.values(), "Office manager", "no money", "30"):
        assert "".join(text.split()) in printed
    assert Scorecard.from_json(card.canonical()) == card
    assert b"commitments" not in normal(locale).canonical()


def test_a_card_without_a_reply_keeps_its_bytes() -> None:
    card = normal("en")
    assert b"reply" not in card.canonical()
    told = replace(card, reply=ReplyLine("words", "en", date(2025, 11, 6)))
    assert Scorecard.from_json(told.canonical()) == told
    assert told.digest != card.digest
