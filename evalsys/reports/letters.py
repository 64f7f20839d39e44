"""Letters and posters as plain values, and their pages as HTML for the PDF engine."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment

from evalsys.reports.qr import qr_svg


@dataclass(frozen=True)
class Letter:
    """One page to one person; `recipient` are the lines in the window. A reminder has no link and no code."""

    locale: str
    direction: str
    sender: str
    recipient: tuple[str, ...]
    title: str
    paragraphs: tuple[str, ...]
    how: str
    address: str = ""
    code_label: str = ""
    code: str = ""
    link: str = ""
    picture_words: str = ""
    closing: str = ""


@dataclass(frozen=True)
class Panel:
    """What a poster says in one language."""

    locale: str
    direction: str
    name: str
    detail: str
    question: str
    facts: str


@dataclass(frozen=True)
class Poster:
    """One page for a wall: all languages, one code."""

    body_name: str
    link: str
    address: str
    panels: tuple[Panel, ...]
    picture_words: str


def picture(link: str) -> str:
    """A QR code as an address that the closed fetcher answers."""
    return "data:image/svg+xml;base64," + base64.b64encode(qr_svg(link)).decode()


def letters_html(letters: Sequence[Letter], title: str, author: str, environment: Environment) -> str:
    """The letters as one document, a page each."""
    template = environment.get_template("pdf/letters.html")
    return template.render(letters=letters, title=title, author=author, picture=picture)


def posters_html(posters: Sequence[Poster], title: str, author: str, environment: Environment) -> str:
    """The posters as one document, a page each."""
    template = environment.get_template("pdf/posters.html")
    return template.render(posters=posters, title=title, author=author, picture=picture)
