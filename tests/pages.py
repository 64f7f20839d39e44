"""How tests fetch a page: `get_page` also checks everything that every page owes its reader."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import cssselect2
import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.tracing import untraced

DIRECTIONS = {"en": "ltr", "zh": "ltr", "ar": "rtl"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Content-Type": "text/html; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# The form that a page is about; the frame has others, such as signing out.
FORM = "main form[method=post]"
BUTTONS = {"submit", "button", "reset", "image"}
PHRASES = {
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "cite",
    "code",
    "em",
    "i",
    "mark",
    "q",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
}
# Attributes that point at other elements of the same page.
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list", "form")


@dataclass(frozen=True)
class Page:
    """A parsed page: `select` takes a CSS selector, `text` is what a reader sees."""

    url: str
    status: int
    root: Element

    @property
    def title(self) -> str:
        return "".join(text_of(found) for found in self.select("head > title"))

    @property
    def text(self) -> str:
        return " ".join(text_of(found) for found in self.select("body"))

    @property
    def links(self) -> list[str]:
        """Where the page's links lead, in reading order."""
        return [found.get("href", "") for found in self.select("a[href]")]

    @cached_property
    def _wrapped(self) -> list[cssselect2.ElementWrapper]:
        """All elements in reading order, as the selectors' library wants them: made once, asked many times."""
        return list(cssselect2.ElementWrapper.from_html_root(self.root).iter_subtree())

    def select(self, selector: str) -> list[Element]:
        tests = _compiled(selector)
        return [one.etree_element for one in self._wrapped if any(test(one) for test in tests)]

    def one(self, selector: str) -> Element:
        found = self.select(selector)
        assert len(found) == 1, f"{selector} fits {len(found)} elements of {self.url}, not one"
        return found[0]

    def texts(self, selector: str) -> list[str]:
        return [text_of(found) for found in self.select(selector)]

    def fields(self, form: str = FORM) -> dict[str, str]:
        """What a browser would send for the first form that fits if nothing was changed."""
        values = {}
        for field in self.select(f"{form} [name]"):
            value = _field_value(field)
            if value is not None:
                values[field.get("name", "")] = value
        return values


@cache
def _compiled(selector: str) -> tuple[Callable[[cssselect2.ElementWrapper], bool], ...]:
    return tuple(
        part.test
        for part in cssselect2.compile_selector_list(selector)
        if not (part.never_matches or part.pseudo_element)
    )


def text_of(element: Element) -> str:
    """What a reader sees of the element, each run of white space as one space; blocks stand apart, phrases do not."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterator[str]:
    edge = "" if element.tag in PHRASES else " "
    yield edge + (element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            yield from _pieces(child)
        yield child.tail or ""
    yield edge


def get_page(client: FlaskClient, url: str, status: int = 200) -> Page:
    """Fetch `url`, expect `status`, check the page and return it parsed."""
    return check_page(client.get(url), status)


def post_form(client: FlaskClient, url: str, data: dict[str, Any], form: str = FORM) -> TestResponse:
    """Open the page at `url` and send its form back with `data` filled in, token included."""
    page = get_page(client, url)
    target = page.select(form)[0].get("action") or url
    return client.post(target, data={**page.fields(form), **data})


@untraced  # a tracer would only watch the checks themselves
def check_page(response: TestResponse, status: int = 200) -> Page:
    """Check status, headers and HTML of a response that is a page."""
    url = response.request.path
    assert response.status_code == status, f"{url} answers {response.status}: {response.text[:500]}"
    for name, value in HEADERS.items():
        assert response.headers.getlist(name) == [value], f"{url}: header {name} is {response.headers.getlist(name)}"
    page = Page(url, response.status_code, _parse(url, response.text))
    problems = [*_frame(page), *_identifiers(page), *_labels(page), *_inline_code(page), *_structure(page)]
    assert not problems, f"{url}: " + "; ".join(problems)
    return page


def _parse(url: str, html: str) -> Element:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root: Element = parser.parse(html)
    lines = html.splitlines()
    errors = [f"{code} {facts} at {lines[line - 1].strip()[:160]!r}" for (line, _), code, facts in parser.errors]
    assert not errors, f"{url} is not valid HTML: " + "; ".join(errors)
    return root


def _field_value(field: Element) -> str | None:
    kind = field.get("type", "text")
    if field.tag == "textarea":
        return "".join(field.itertext())
    if field.tag == "select":
        options = list(field.iter("option"))
        chosen = [option for option in options if "selected" in option.attrib] or options[:1]
        return chosen[0].get("value", text_of(chosen[0])) if chosen else None
    if field.tag != "input" or kind in BUTTONS:
        return None
    if kind in ("radio", "checkbox") and "checked" not in field.attrib:
        return None
    return field.get("value", "on" if kind == "checkbox" else "")


def _frame(page: Page) -> Iterator[str]:
    first = urlsplit(page.url).path.split("/")[1]
    language = page.root.get("lang", "")
    if language not in DIRECTIONS or (first in DIRECTIONS and language != first):
        yield f"html lang is {language!r}"
    elif page.root.get("dir") != DIRECTIONS[language]:
        yield f"html dir is {page.root.get('dir')!r} for {language}"
    if len(page.select("h1")) != 1 or not page.texts("h1")[0]:
        yield f"h1: {page.texts('h1')}"
    if not page.title:
        yield "title is missing or empty"
    if len(page.select("main")) != 1:
        yield "main is missing or doubled"


def _identifiers(page: Page) -> Iterator[str]:
    counts = Counter(found.get("id") for found in page.select("[id]"))
    yield from (f"id {name} appears {count} times" for name, count in counts.items() if count > 1)
    for attribute in REFERENCES:
        for found in page.select(f"[{attribute}]"):
            missing = [name for name in found.get(attribute, "").split() if name not in counts]
            yield from (f"{found.tag} {attribute} points at {name}, which is nowhere" for name in missing)
    yield from (f"link #{link[1:]} leads nowhere" for link in page.links if link[:1] == "#" and link[1:] not in counts)


def _labels(page: Page) -> Iterator[str]:
    labelled = {label.get("for") for label in page.select("label[for]") if text_of(label)}
    inside = {id(field) for label in page.select("label") if text_of(label) for field in label.iter()}
    for field in page.select("input, select, textarea"):
        if field.get("type") == "hidden":
            continue
        named = field.get("value") if field.get("type") in BUTTONS else field.get("id") in labelled
        if not (named or id(field) in inside or field.get("aria-label") or field.get("aria-labelledby")):
            yield f"{field.tag} {field.get('name')} has no label"
    for found in page.select("button, a[href]"):
        pictured = any(image.get("alt") or image.get("aria-label") for image in found.iter() if image is not found)
        if not (text_of(found) or found.get("aria-label") or found.get("aria-labelledby") or pictured):
            yield f"{found.tag} {found.get('href', found.get('name'))} has no text"
    yield from (f"image {found.get('src')} has no alt" for found in page.select("img:not([alt])"))


def _inline_code(page: Page) -> Iterator[str]:
    for found in page.root.iter():
        if not isinstance(found.tag, str):
            continue
        events = [name for name in found.attrib if name == "style" or name.startswith("on")]
        yield from (f"{found.tag} has an inline {name}" for name in events)
        is_data = found.get("type") == "application/ld+json"  # no browser runs it, so no policy asks for it
        if found.tag == "style" or (found.tag == "script" and not is_data and (text_of(found) or not found.get("src"))):
            yield f"inline {found.tag}"
        if any(value.strip().lower().startswith("javascript:") for value in found.attrib.values()):
            yield f"{found.tag} runs script from an attribute"


def _structure(page: Page) -> Iterator[str]:
    for group in page.select("fieldset"):
        if not len(group) or group[0].tag != "legend" or not text_of(group[0]):
            yield "a fieldset does not begin with its legend"
    levels = [int(found.tag[1]) for found in page.select("h1, h2, h3, h4, h5, h6")]
    jumps = [(above, below) for above, below in pairwise(levels) if below > above + 1]
    yield from (f"h{above} is followed by h{below}" for above, below in jumps)
    for form in page.select("form"):
        token = any(field.get("name") == "csrf_token" for field in form.iter("input"))
        if form.get("method", "get").lower() == "post" and not token:
            yield f"form to {form.get('action')} has no CSRF token"
