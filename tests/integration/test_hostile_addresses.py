"""Addresses and bodies that no page of ours makes: every endpoint refuses them without breaking."""

import re
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.models import Role, RoundState
from tests.factories import make_account, sign_in
from tests.integration import governing
from tests.integration.hostile import FORBIDDEN

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

CODES = ("x" * 300, "a\u202eb\u2066", "%(name)s", "2025")
BODY = {
    **dict.fromkeys(("act", "reason", "note", "code", "number", "version", "plan", "file", "group", "way"), "9" * 5000),
    **dict.fromkeys(
        ("each", "rows", "list_act", "pairs", "draft", "nonce", "puzzle", "pass", "invitation"), "9" * 5000
    ),
    "stray": "\u202e",
}
PART = re.compile(r"<(?:([a-z]+(?:\([^)]*\))?):)?[a-z_]+>")
BEING_DRAWN, GUARDED = 503, 403
LEFT_OUT = ("static", "account.sign_out")
STAFF = (Role.ANALYST, Role.BOARD, Role.HEAD, Role.OPERATOR, Role.SUPERVISOR, Role.EXPERT)


@pytest.mark.parametrize("role", STAFF)
def test_no_address_breaks_a_page(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    world = governing.make_world(session, RoundState.COLLECTING)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    client, broken = app.test_client(), []
    sign_in(client, session, make_account(session, role, unit=world.units[0]))
    closed = set()
    for method, rule, path in addresses(app):
        if (method, rule) in closed:
            continue
        answer = client.open(path, method=method, data=BODY if method == "POST" else None)
        if answer.status_code == GUARDED:  # whatever the address says, the door is shut before it is read
            closed.add((method, rule))
        is_broken = answer.status_code >= 500 and answer.status_code != BEING_DRAWN
        if is_broken or (answer.mimetype == "text/html" and FORBIDDEN.search(answer.text)):
            broken.append((answer.status_code, method, path[:90]))
        answer.close()
    assert not broken, "\n".join(map(str, broken))


def test_the_log_shows_no_sign_that_turns_text_around(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = governing.make_world(session, RoundState.COLLECTING)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client = app.test_client()
    for account in (world.analyst, world.first):
        sign_in(client, session, account)
        for method, _rule, path in addresses(app, CODES[1:2]):
            if method == "POST":
                client.post(path, data=BODY).close()
    assert not FORBIDDEN.search(client.get("/en/oversight/audit").text)


def addresses(app: Flask, codes: tuple[str, ...] = CODES) -> list[tuple[str, str, str]]:
    """Every method, rule and address with each of the codes in all its places; numbers are those of nothing."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in LEFT_OUT:
            paths = {_filled(rule.rule, code) for code in codes}
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            found += [(method, rule.rule, path) for path in sorted(paths) for method in methods]
    return found


def _filled(rule: str, code: str) -> str:
    return PART.sub(lambda part: _value(part[1] or "", code), rule)


def _value(kind: str, code: str) -> str:
    if kind.startswith("any"):
        return "en"
    return "999999" if kind == "int" else quote(code, safe="")
