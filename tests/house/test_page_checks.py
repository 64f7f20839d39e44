"""The checks of tests/pages.py find what they are there to find."""

import pytest
from flask import Flask, Response

from tests.pages import HEADERS, check_page, get_page

SOUND = """<!doctype html>
<html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>عنوان</title></head><body>
<main id="main"><h1>One</h1><h2>Two</h2><a href="#main">up</a>
<form method="post"><input type="hidden" name="csrf_token" value="t">
<fieldset><legend>How was it?</legend><label><input type="radio" name="q" value="1"> bad</label>
<label><input type="radio" name="q" value="2" checked> good</label></fieldset>
<label for="note">Note</label><textarea id="note" name="note">so</textarea><button>Send</button></form>
<p><bdi>4</bdi>/<bdi>8</bdi></p><table><tr><td>a</td><td>b</td></tr></table></main></body></html>"""
FAULTS = {
    "unclosed element": ("</h1>", ""),
    "stray end tag": ("</main>", "</div></main>"),
    "second h1": ("<h2>Two</h2>", "<h1>Two</h1>"),
    "no title": ("<title>عنوان</title>", "<title></title>"),
    "wrong language": ('lang="ar"', 'lang="en"'),
    "wrong direction": ('dir="rtl"', 'dir="ltr"'),
    "double id": ('id="note"', 'id="main"'),
    "no label": ('<label for="note">Note</label>', ""),
    "label of nothing": ('for="note"', 'for="notes"'),
    "no legend": ("<legend>How was it?</legend>", ""),
    "no token": ('name="csrf_token"', 'name="other"'),
    "skipped heading": ("<h2>Two</h2>", "<h3>Two</h3>"),
    "dead link": ('href="#main"', 'href="#top"'),
    "empty link": (">up</a>", "></a>"),
    "inline style": ("<h2>", '<h2 style="color: red">'),
    "inline event": ("<h2>", '<h2 onclick="go()">'),
    "inline script": ("<h2>", "<script>go()</script><h2>"),
    "picture without words": ("<h2>", '<img src="x.png"><h2>'),
    "no main": ('<main id="main">', '<div id="main">'),
}


def _app(html: str, **headers: str) -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/ar/page", view_func=lambda: Response(html, headers={**HEADERS, **headers}), endpoint="page")
    return app


def test_a_sound_page_passes_and_can_be_read() -> None:
    page = get_page(_app(SOUND).test_client(), "/ar/page")
    assert page.title == "عنوان"
    assert page.links == ["#main"]
    assert page.fields() == {"csrf_token": "t", "q": "2", "note": "so"}
    assert page.text.endswith("Send 4/8 a b")
    assert page.texts("td + td") == ["b"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str) -> None:
    sound, broken = FAULTS[fault]
    assert sound in SOUND
    response = _app(SOUND.replace(sound, broken)).test_client().get("/ar/page")
    with pytest.raises(AssertionError):
        check_page(response)


def test_a_weaker_content_policy_is_found() -> None:
    policy = HEADERS["Content-Security-Policy"] + "; font-src *"
    response = _app(SOUND, **{"Content-Security-Policy": policy}).test_client().get("/ar/page")
    with pytest.raises(AssertionError):
        check_page(response)


def test_another_status_is_found() -> None:
    response = _app(SOUND).test_client().get("/ar/page")
    with pytest.raises(AssertionError):
        check_page(response, 404)
