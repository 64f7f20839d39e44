"""The page as a tree of elements with as few boxes as it can do with: every box costs the renderer time.

Templates write well-formed pages, which a compiled parser reads in a tenth of the time that the renderer's own takes.
"""

import re
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import cssselect2
import weasyprint
from weasyprint.urls import URLFetcher

DOCTYPE = re.compile(r"\s*<!DOCTYPE html>\s*", re.IGNORECASE)
LIFTED = frozenset({"span", "bdi", "strong"})
BOLD = "sc-bold"


class Page(weasyprint.HTML):  # type: ignore[misc]
    """A page for the renderer, made from a tree instead of text."""

    def __init__(self, tree: Element, url_fetcher: URLFetcher) -> None:
        self.base_url, self.url_fetcher, self.media_type = None, url_fetcher, "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(tree, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


def read_page(html: str, url_fetcher: URLFetcher) -> weasyprint.HTML:
    """The page, read as XML where it is that."""
    try:
        tree = ElementTree.fromstring(DOCTYPE.sub("", html, count=1))
    except ElementTree.ParseError:
        return weasyprint.HTML(string=html, url_fetcher=url_fetcher)
    lift(tree)
    return Page(tree, url_fetcher)


def lift(tree: Element) -> None:
    """Cells that hold one inline element and nothing else take its direction and classes: one box instead of two."""
    for cell in tree.iter("td"):
        while (only := _only_child(cell)) is not None:
            _take_over(cell, only)
    for cell in tree.iter("th"):
        while (only := _only_child(cell)) is not None and only.tag == "bdi" and not only.attrib:
            _take_over(cell, only)


def _only_child(cell: Element) -> Element | None:
    if len(cell) != 1 or cell[0].tag not in LIFTED or (cell.text or "").strip() or (cell[0].tail or "").strip():
        return None
    return cell[0]


def _take_over(cell: Element, only: Element) -> None:
    classes = [cell.get("class", ""), only.get("class", ""), BOLD if only.tag == "strong" else ""]
    rest: dict[str, Any] = {**cell.attrib, **only.attrib, "class": " ".join(filter(None, classes))}
    cell.text, cell[:] = only.text, list(only)
    cell.attrib.clear()
    cell.attrib.update(rest)
