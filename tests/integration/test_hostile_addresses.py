"""Addresses and bodies that no page of ours makes: every endpoint refuses them without breaking."""

import re
from collections.abc import Sequence
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Role, RoundState
from tests.factories import make_account, sign_in
from tests.integration import governing
from tests.integration.hostile import FORBIDDEN

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

CODES = ("2025", "a\u202eb\u2066%(name)s", "x" * 300)
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


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_address_breaks_a_page(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    world = governing.make_world(session, RoundState.COLLECTING)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    clients = [app.test_client() for _role in STAFF]
    for client, role in zip(clients, STAFF, strict=True):
        sign_in(client, session, make_account(session, role, unit=world.units[0]))
    broken = [line for paths in addresses(app, method) for line in _broken(clients, method, paths)]
    assert not broken, "\n".join(broken)


def _broken(clients: Sequence[FlaskClient], method: str, paths: Sequence[str]) -> list[str]:
    """What is wrong with the answers to the first who is let in: behind a shut door no address is read."""
    found = []
    for client in clients:
        for path in paths:
            answer = client.open(path, method=method, data=BODY if method == "POST" else None)
            is_broken = answer.status_code >= 500 and answer.status_code != BEING_DRAWN
            if is_broken or (answer.mimetype == "text/html" and FORBIDDEN.search(answer.text)):
                found.append(f"{answer.status_code} {method} {path[:90]}")
            answer.close()
            if answer.status_code == GUARDED:
                break
        else:
            break
    return found


def test_the_log_shows_no_sign_that_turns_text_around(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = governing.make_world(session, RoundState.COLLECTING)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client = app.test_client()
    for account in (world.analyst, world.first):
        sign_in(client, session, account)
        for paths in addresses(app, "POST", CODES[1:2]):
            client.post(paths[0], data=BODY).close()
    assert not FORBIDDEN.search(client.get("/en/oversight/audit").text)


def addresses(app: Flask, method: str, codes: tuple[str, ...] = CODES) -> list[list[str]]:
    """The addresses of every rule with each of the codes in all its places; numbers are those of nothing."""
    rules = [one for one in app.url_map.iter_rules() if one.endpoint not in LEFT_OUT and method in (one.methods or ())]
    return [sorted({_filled(one.rule, code) for code in codes}) for one in rules]


def _filled(rule: str, code: str) -> str:
    return PART.sub(lambda part: _value(part[1] or "", code), rule)


def _value(kind: str, code: str) -> str:
    if kind.startswith("any"):
        return "en"
    return "999999" if kind == "int" else quote(code, safe="")
