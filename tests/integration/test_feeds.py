"""News of publications and corrections, the list of pages, and what robots are told."""

from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import RoundState
from evalsys.services.publication.correcting import republish_round
from tests.integration.governing import add_answers
from tests.integration.test_decisions import AFTER, publish, rescore, shared, vote_for
from tests.pages import get_page
from tests.published import make_published_round

pytestmark = pytest.mark.database("sqlite")  # reads as the public pages do; test_access calls each on PostgreSQL

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
BASE = "http://127.0.0.1:8000"
REASON = "six <answers> & more \x0bwere found"


def test_a_publication_and_its_correction_are_news_with_names_that_stay(client: FlaskClient, session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    assert _entries(client, "en") == []
    publish(world)
    first = _entries(client, "en")
    assert [_said(one, "id") for one in first] == [f"{BASE}/data/2025/runs/1"]
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, REASON)
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)
    newer, older = _entries(client, "en")
    assert ET.tostring(older) == ET.tostring(first[0])
    assert _said(newer, "id") == f"{BASE}/data/2025/runs/2"
    assert "six <answers> & more were found" in _said(newer, "summary")
    assert _said(newer, "updated") > _said(older, "updated")
    for locale in ("zh", "ar"):
        assert [_said(one, "id") for one in _entries(client, locale)] == [_said(newer, "id"), _said(older, "id")]


def _parsed(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314  # our own text


def _entries(client: FlaskClient, locale: str) -> list[ET.Element]:
    answer = client.get(f"/feeds/{locale}.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    feed = _parsed(answer.data)
    assert (feed.tag, feed.get(LANGUAGE)) == (f"{ATOM}feed", locale)
    assert [_said(feed, name) != "" for name in ("id", "title", "updated")] == [True] * 3
    return feed.findall(f"{ATOM}entry")


def _said(element: ET.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}", "")


def test_rss_tells_the_same(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    answer = client.get("/feeds/ar.rss")
    channel = _parsed(answer.data).find("channel")
    assert channel is not None
    assert channel.findtext("language") == "ar"
    (item,) = channel.findall("item")
    assert item.findtext("guid") == f"{BASE}/data/2025/runs/1"
    assert item.findtext("link") == f"{BASE}/ar/rounds/2025"
    assert parsedate_to_datetime(item.findtext("pubDate", "")).year == 2025
    again = client.get("/feeds/ar.rss", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/feeds/fr.rss").status_code == 404


def test_every_page_that_search_engines_are_told_of_exists_in_every_language(
    client: FlaskClient, session: Session
) -> None:
    make_published_round(session)
    urls = _parsed(client.get("/sitemap.xml").data).findall(f"{MAP}url")
    places = {url.findtext(f"{MAP}loc", ""): url.findall(LINK) for url in urls}
    assert {f"{BASE}/zh/rounds/2025/units/U01", f"{BASE}/ar/units/U21", f"{BASE}/en/", f"{BASE}/en/api"} <= set(places)
    assert len(places) == len(urls)
    for links in places.values():
        assert {link.get("hreflang") for link in links} == {"en", "zh", "ar", "x-default"}
        assert {link.get("href") for link in links} <= set(places)
    for address in places:
        if address.startswith(f"{BASE}/en"):
            assert client.get(address.removeprefix(BASE)).status_code == 200, address


def test_robots_are_kept_from_the_work_and_led_to_the_list(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert "Disallow: /zh/oversight" in text
    assert f"Sitemap: {BASE}/sitemap.xml" in text
    assert "Disallow: /en/rounds" not in text


def test_every_page_leads_feed_readers_to_its_language(client: FlaskClient, session: Session) -> None:
    for locale in ("en", "zh", "ar"):
        (link,) = get_page(client, f"/{locale}/units").select('link[type="application/atom+xml"]')
        assert link.get("href") == f"/feeds/{locale}.atom"
