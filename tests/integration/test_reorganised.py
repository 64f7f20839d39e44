"""The dispute "units reorganised": lineage is kept, the trend is broken, and the card says so in every language."""

from collections.abc import Mapping
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Role, Round
from evalsys.services.access import actor_of
from evalsys.services.register import reorganising
from evalsys.services.register.reorganising import Descent, Reorganisation
from tests import published
from tests.factories import NOW, make_account, make_unit
from tests.pages import get_page
from tests.published import EXPERTS, GOLDEN, PEERS, PLAIN, Ratings, card_of, make_published_round

pytestmark = pytest.mark.database("sqlite")  # cards are plain content; test_register looks at lineage on both

FIRST = Ratings(GOLDEN, 120)
LATER = Ratings(PLAIN, 120)


def rate(monkeypatch: pytest.MonkeyPatch, citizens: Mapping[str, Ratings]) -> None:
    """The city is these offices from now on."""
    city = {code: ("A", {"citizens": one, "peers": PEERS, "experts": EXPERTS}) for code, one in citizens.items()}
    monkeypatch.setattr(published, "CITY", city)


def split(session: Session, day: date) -> None:
    analyst = actor_of(make_account(session, Role.ANALYST))
    new = Reorganisation("split", ("U01",), ("U31", "U32"), day, "the law on ports of 2025")
    reorganising.reorganise(analyst, new, now=NOW)


@pytest.fixture
def reorganised(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Round 2024 rates U01 and U02; U01 is split into U31 and U32 on 1 March 2025; round 2025 rates these and U02."""
    rate(monkeypatch, {"U01": FIRST, "U02": FIRST})
    make_published_round(session, "2024")
    for code in ("U31", "U32"):
        make_unit(session, code=code)
    split(session, date(2025, 3, 1))
    rate(monkeypatch, {"U31": LATER, "U32": FIRST, "U02": LATER})
    make_published_round(session, "2025")


def test_heirs_claim_no_change_and_an_office_that_was_left_alone_keeps_its_trend(
    client: FlaskClient, session: Session, reorganised: None
) -> None:
    for heir in ("U31", "U32"):
        card = card_of(session, heir)
        assert (card.change, card.change_since, card.change_is_clear) == (None, "", None)
        assert [(p.round_code, p.unit, p.comparable, p.is_reorganised) for p in card.history] == [
            ("2024", "U01 name (en)", False, True),
            ("2025", "", True, False),
        ]
    card = card_of(session, "U02")
    assert card.change is not None
    assert card.change < 0
    assert [(point.comparable, point.is_reorganised, point.unit) for point in card.history] == [(True, False, "")] * 2
    assert card_of(session, "U01", round_code="2024").score is not None
    for locale in ("en", "zh", "ar"):
        _look_at_cards(client, locale)
        _look_at_offices(client, locale)
    page = get_page(client, "/en/rounds/2025/units/U32")
    assert "former office, not comparable" in page.text
    assert "no change is claimed" in page.text


def _look_at_cards(client: FlaskClient, locale: str) -> None:
    """The card names the former office, and says in the language of the page that nothing can be compared."""
    page = get_page(client, f"/{locale}/rounds/2025/units/U31")
    newest, former = page.texts(".sc-trend tbody th")
    assert f"U01 name ({locale})" in former
    assert "U01" not in newest
    (said,) = page.texts(".sc-trend > p")
    assert said
    first, second = page.select(".sc-trend tbody th")
    assert len(second.findall("small")) == len(first.findall("small")) + 2
    assert get_page(client, f"/{locale}/rounds/2025/units/U02").texts(".sc-trend > p") == []


def _look_at_offices(client: FlaskClient, locale: str) -> None:
    """The public pages of former and new offices lead to one another."""
    gone = get_page(client, f"/{locale}/units/U01")
    assert {f"/{locale}/units/U31", f"/{locale}/units/U32", f"/{locale}/rounds/2024/units/U01"} <= set(gone.links)
    assert "the law on ports of 2025" in gone.text
    assert f"/{locale}/units/U01" in get_page(client, f"/{locale}/units/U31").links
    assert not get_page(client, f"/{locale}/units/U02").select("#reorganisation")


@pytest.mark.parametrize(
    ("day", "is_broken"),
    [
        (date(2024, 1, 1), False),  # the first round rates the office as it was from its first day on
        (date(2024, 6, 1), True),  # while it ran
        (date(2025, 1, 1), True),
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),  # after the second round: nothing is between the two
    ],
)
def test_a_trend_breaks_where_the_day_lies_between_two_rounds(day: date, is_broken: bool) -> None:
    first, second = (Round(period_start=date(year, 1, 1), period_end=date(year, 12, 31)) for year in (2024, 2025))
    descent = Descent(days={1: (day,)}, formers={}, laters={})
    assert descent.breaks(1, first, second) is is_broken
    assert not descent.breaks(2, first, second)
