import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from evalsys.reports import pdf

VECTORS = {
    "image": '<img src="{http}" alt="a">',
    "style sheet": '<link rel="stylesheet" href="{http}">',
    "import": '<style>@import "{http}";</style>',
    "background": '<style>p {{ background: url("{http}") }}</style>',
    "font": '<style>@font-face {{ font-family: x; src: url("{http}") }} p {{ font-family: x }}</style>',
    "picture in SVG": '<svg width="9" height="9"><title>t</title><image href="{http}" width="9" height="9"/></svg>',
    "object": '<object data="{http}"></object>',
    "embed": '<embed src="{http}">',
    "list mark": '<style>li {{ list-style: url("{http}") }}</style><ul><li>a</li></ul>',
    "base": '<base href="{http}"><img src="a.png" alt="a">',
    "content": '<style>p::before {{ content: url("{http}") }}</style>',
    "attached address": '<link rel="attachment" href="{http}">',
    "attached file": '<link rel="attachment" href="{file}">',
    "link to an attached file": '<p><a rel="attachment" href="{file}">a</a></p>',
}


@dataclass
class Listener:
    """A web server that notes who asked for what."""

    address: str
    hits: list[str] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Listener(f"http://127.0.0.1:{server.server_port}/x")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", VECTORS)
def test_nothing_outside_is_fetched_by(name: str, listener: Listener, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the words of a local file")
    part = VECTORS[name].format(http=listener.address, file=secret.as_uri())
    with suppress(pdf.RenderError):
        assert b"EmbeddedFile" not in pdf.render(f"<html lang=en><title>t</title><p>x</p>{part}</html>")
    assert listener.hits == []


def test_an_image_inside_the_page_is_drawn() -> None:
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    assert b"/Image" in pdf.render(f'<html lang=en><title>t</title><img src="{dot}" alt="a dot"></html>')
