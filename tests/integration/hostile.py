"""Texts that break things, the text fields that people fill in, and what no output may hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.pages import FORM, check_page, get_page

LONG = 2000
TARGET = "no field of a form: where it goes"
TEXTS = {
    "NUL": "a\x00b",
    "bell and escape": "a\x07\x1b[31mb",
    "delete": "a\x7fb",
    "lone high surrogate": "a\ud800b",
    "lone low surrogate": "\udfffb",
    "override": "a\u202etxt.exe\u202cb",
    "embeddings": "\u202aa\u202b\u202d",
    "open isolates": "\u2066\u2067\u2068a",
    "closing isolates": "a\u2069\u2069",
    "line separators": "a\u2028b\u2029c",
    "C1 control": "a\x85b\x9bc",
    "noncharacters": "a\uffff\ufffeb",
    "zalgo": "z" + "\u0300\u0351\u0489" * 200,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇺🇳" * 20,
    "long": "x" * LONG,
    "too long": "ع" * (LONG + 1),
    "quotes": "\"'`´«»„”",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "end of a text area": "</textarea></title><script>alert(1)</script>",
    "template": "{{7*7}}${7*7}<%= 7*7 %>",
    "placeholder": "%(name)s %s %n %",
    "formula": "=cmd|'/C calc'!A0",
    "formula behind spaces": " \t ＝1+1",
    "full-width formula": "＠SUM(A1)",
    "reversed name": "\u200f+1",
    "newlines": "a\r\nb\rc\nd",
    "SQL": "'); DROP TABLE response;--",
    "nothing but marks": "\u200b\u200e\u200f\ufeff",
}
REFUSED = {"NUL", "bell and escape", "delete", "C1 control", "noncharacters", "too long"}
# What to send where cleaning is the same as elsewhere: each kind of refusal, a short text, and all that is let through.
FEW = {
    **{name: TEXTS[name] for name in ("NUL", "C1 control", "lone high surrogate", "too long", "nothing but marks")},
    "short": "\u202e%s{{7*7}}\u2066<b>",
    "all that is allowed": " ".join(TEXTS[name] for name in TEXTS if name not in REFUSED | {"long"}),
}
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]")
EVALUATED = "49$49"


@dataclass(frozen=True)
class Field:
    """One text field of one form: whose it is, where it is, and what else must be filled in to get past it."""

    person: str
    path: str
    name: str
    others: Mapping[str, str] = field(default_factory=dict)
    form: str = FORM
    is_query: bool = False


def send(client: FlaskClient, where: Field, text: str, opened: dict[str, str] | None = None) -> TestResponse:
    """Send the form with the text in its field, as bytes that a browser would never send, too.

    A form without a number of its own is opened once: `opened` keeps where it goes and what it holds.
    """
    if where.is_query:
        return client.get(f"{where.path}?{_encoded({where.name: text})}")
    fields = dict(opened or ())
    if "nonce" in fields or not fields:
        page = get_page(client, where.path)
        fields = {TARGET: page.select(where.form)[0].get("action") or where.path, **page.fields(where.form)}
    if opened is not None:
        opened.update(fields)
    body = _encoded({**fields, **where.others, where.name: text})
    return client.post(fields[TARGET], data=body.encode(), content_type="application/x-www-form-urlencoded")


def problems_of(answer: TestResponse) -> list[str]:
    """What is wrong with an answer to hostile text: it crashed, or hands on what no page may hold."""
    if answer.status_code >= 500:
        return [f"status {answer.status_code}"]
    if not answer.content_type.startswith("text/html"):
        return [f"type {answer.content_type}"]
    found = [f"holds {sign!r}" for sign in set(FORBIDDEN.findall(answer.text))]
    if EVALUATED in answer.text:
        found.append("evaluates a template")
    if not answer.location:
        check_page(answer, answer.status_code)
    return found + unbalanced(answer.text)


def unbalanced(text: str) -> list[str]:
    """Isolates of direction that are never closed, or close nothing."""
    depth = 0
    for sign in re.findall("[\u2066-\u2069]", text):
        depth += -1 if sign == "\u2069" else 1
        if depth < 0:
            return ["closes an isolate that is not open"]
    return [f"leaves {depth} isolates open"] if depth else []


def _encoded(values: Mapping[str, str]) -> str:
    return urlencode(values, errors="surrogatepass")
