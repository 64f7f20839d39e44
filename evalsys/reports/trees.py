"""The page as a tree of elements with as few boxes as it can do with: every box costs the renderer time.

Templates write well-formed pages, which a compiled parser reads in a tenth of the time that the renderer's own takes.
"""

import re
from functools import cache
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import cssselect2
import weasyprint
from weasyprint.html import UA
from weasyprint.urls import URLFetcher

DOCTYPE = re.compile(r"\s*<!DOCTYPE html>\s*")
LIFTED = {
    "td": frozenset({"span", "bdi", "strong"}),
    "th": frozenset({"bdi"}),
    "strong": frozenset({"span", "bdi"}),
    "small": frozenset({"span", "bdi"}),
    "h1": frozenset({"bdi"}),
}
BOLD = "sc-bold"
NOTES = re.compile(r"^::(footnote|note)-.*$", re.MULTILINE)
MARKERS = re.compile(r"^::marker", re.MULTILINE)


class Page(weasyprint.HTML):
    """A page for the renderer, made from a tree instead of text."""

    def __init__(self, tree: Element, url_fetcher: URLFetcher) -> None:
        self.base_url, self.url_fetcher, self.media_type = None, url_fetcher, "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(tree, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return [_defaults()]


@cache
def _defaults() -> weasyprint.CSS:
    """The renderer's own styles without notes, and with markers of lists alone: six styles less for each element."""
    return weasyprint.CSS(string=MARKERS.sub("li::marker", NOTES.sub("", UA)))


def read_page(html: str, url_fetcher: URLFetcher) -> weasyprint.HTML:
    """The page, read as XML where it is that and declares nothing."""
    text = DOCTYPE.sub("", html, count=1)
    try:
        if "<!" in text:
            return weasyprint.HTML(string=html, url_fetcher=url_fetcher)
        tree = ET.fromstring(text)  # noqa: S314  our own page, in which all that others wrote is escaped
    except ET.ParseError:
        return weasyprint.HTML(string=html, url_fetcher=url_fetcher)
    lift(tree)
    return Page(tree, url_fetcher)


def lift(tree: Element) -> None:
    """What holds one inline element and nothing else takes over its direction and classes: one box instead of two."""
    for element in tree.iter():
        liftable = LIFTED.get(element.tag, frozenset())
        while (only := _only_child(element)) is not None and only.tag in liftable:
            _take_over(element, only)


def _only_child(element: Element) -> Element | None:
    if len(element) != 1 or (element.text or "").strip() or (element[0].tail or "").strip():
        return None
    return element[0]


def _take_over(element: Element, only: Element) -> None:
    classes = [element.get("class"), only.get("class"), BOLD if only.tag == "strong" else None]
    element.attrib.update(only.attrib)
    if any(classes):
        element.set("class", " ".join(filter(None, classes)))
    element.text, element[:] = only.text, list(only)
