"""News as Atom and RSS, and a list of addresses for search engines, as XML that is valid whatever the texts hold."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, tostring

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One publication: `id` never changes, `url` is the page, `summary` a sentence; a correction says its reason."""

    id: str
    title: str
    url: str
    summary: str
    at: datetime


@dataclass(frozen=True)
class News:
    """A feed in one language, the newest first; `home` is the site's front page."""

    title: str
    home: str
    locale: str
    updated: datetime
    entries: tuple[Entry, ...]


def atom(news: News, url: str) -> bytes:
    """The feed as Atom (RFC 4287); `url` is its own address."""
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": news.locale})
    _say(feed, "id", url)
    _say(feed, "title", news.title)
    _say(feed, "updated", news.updated.isoformat())
    SubElement(feed, "link", {"rel": "self", "href": url, "type": "application/atom+xml"})
    SubElement(feed, "link", {"rel": "alternate", "href": news.home, "type": "text/html"})
    author = SubElement(feed, "author")
    _say(author, "name", news.title)
    for entry in news.entries:
        one = SubElement(feed, "entry")
        for name, text in (("id", entry.id), ("title", entry.title), ("updated", entry.at.isoformat())):
            _say(one, name, text)
        SubElement(one, "link", {"rel": "alternate", "href": entry.url, "type": "text/html"})
        _say(one, "summary", entry.summary)
    return _xml(feed)


def rss(news: News, url: str) -> bytes:
    """The feed as RSS 2.0; `url` is its own address."""
    feed = Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = SubElement(feed, "channel")
    for name, text in (("title", news.title), ("link", news.home), ("description", news.title)):
        SubElement(channel, name).text = _clean(text)
    SubElement(channel, "language").text = news.locale
    SubElement(channel, "lastBuildDate").text = format_datetime(news.updated)
    SubElement(channel, "atom:link", {"rel": "self", "href": url, "type": "application/rss+xml"})
    for entry in news.entries:
        item = SubElement(channel, "item")
        for name, text in (("title", entry.title), ("link", entry.url), ("description", entry.summary)):
            SubElement(item, name).text = _clean(text)
        SubElement(item, "guid", {"isPermaLink": "false"}).text = entry.id
        SubElement(item, "pubDate").text = format_datetime(entry.at)
    return _xml(feed)


def sitemap(base: str, places: Iterable[str], locales: Sequence[str], default: str) -> bytes:
    """Every place in every language, each with its alternates in the others."""
    urls = Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for place in places:
        there = {locale: f"{base}/{locale}{place or '/'}" for locale in locales}
        for address in there.values():
            url = SubElement(urls, "url")
            SubElement(url, "loc").text = address
            for locale, other in (*there.items(), ("x-default", there[default])):
                SubElement(url, "xhtml:link", {"rel": "alternate", "hreflang": locale, "href": other})
    return _xml(urls)


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return NO_XML.sub("", text)


def _xml(root: Element) -> bytes:
    data: bytes = tostring(root, "utf-8", xml_declaration=True)
    return data
