"""What an office says stands on the printed card, in whichever language it was written."""

from dataclasses import replace
from datetime import date

import pytest

from evalsys.reports import pdf
from evalsys.reports.lines import ReplyLine
from evalsys.reports.scorecard import Scorecard
from tests.pdf.making import environment, text_of, tool
from tests.pdf.samples import normal

SAID = {"zh": "感谢市民的评价", "ar": "نشكر كل من قيّم خدماتنا", "en": "Thank you for <b>looking</b> at us"}


@pytest.mark.parametrize("page", ["en", "ar"])
@pytest.mark.parametrize("locale", SAID)
def test_a_reply_is_printed_in_its_own_language(page: str, locale: str) -> None:
    card = replace(normal(page), reply=ReplyLine(SAID[locale], locale, date(2025, 11, 6)))
    data = pdf.render_scorecard(card, environment(page))
    assert "".join(SAID[locale].split()) in "".join(text_of(data).split())
    assert "Times" not in tool(["pdffonts", "-"], data)


def test_a_card_without_a_reply_keeps_its_bytes() -> None:
    card = normal("en")
    assert b"reply" not in card.canonical()
    told = replace(card, reply=ReplyLine("words", "en", date(2025, 11, 6)))
    assert Scorecard.from_json(told.canonical()) == told
    assert told.digest != card.digest
