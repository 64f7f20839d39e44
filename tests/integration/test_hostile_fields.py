"""Hostile text through every field of every form on the pages of collecting: no crash, and nothing passed on."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.models import Role
from evalsys.services import visits
from evalsys.services.visits import NewTerm
from tests.factories import NOW, make_account, make_service, sign_in
from tests.integration.hostile import FEW, problems_of
from tests.integration.inspecting import make_visited_world
from tests.pages import get_page

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

ROUND = "/en/oversight/rounds/2025"
PAGES = {
    "analyst": (
        "/en/oversight/places/new",
        "/en/oversight/terms",
        f"{ROUND}/list",
        f"{ROUND}/list/new",
        f"{ROUND}/quality/rules",
        f"{ROUND}/quality/exclusions/new",
        f"{ROUND}/field-work",
        f"{ROUND}/findings/new",
        f"{ROUND}/assignments/peers",
        f"{ROUND}/panels",
        f"{ROUND}/panels/cases",
        f"{ROUND}/transfers",
    ),
    "supervisor": ("/en/visits/units/U01",),
    "operator": ("/en/entry/units/U01/assisted", "/en/entry/units/U01/paper"),
    "guest": ("/en/drafts", "/en/invitations", "/en/units/U01/rating"),
}
HIDDEN = ("nonce", "list_act")  # what is wrong about them has no place on the page to lead to
SOME = ("NUL", "lone high surrogate", "short", "all that is allowed")


@pytest.mark.parametrize("person", PAGES)
def test_no_field_breaks_a_page(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, person: str) -> None:
    world = make_visited_world(session)
    make_service(session, world.governed.units)
    term = NewTerm(world.supervisor.login, date(2025, 1, 1), date(2199, 1, 1))
    visits.give_term(world.analyst, term, now=NOW)
    people = {"analyst": world.governed.analyst, "supervisor": world.supervisor}
    people["operator"] = make_account(session, Role.OPERATOR)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client, found = app.test_client(), []
    if person in people:
        sign_in(client, session, people[person])
    for path in PAGES[person]:
        answer = client.get(path, follow_redirects=True)
        if answer.status_code != 200:
            found.append(f"{path} is {answer.status_code}")
            continue
        for number, form in enumerate(get_page(client, answer.request.path).select("main form[method=post]")):
            fields = {str(one.get("name")): one.get("value") or "" for one in form.iter() if one.get("name")}
            for name in sorted(fields):
                for sort in SOME:
                    sent = {**fields, name: FEW[sort].encode("utf-8", "surrogatepass")}
                    answer = client.post(form.get("action") or path, data=sent)
                    if answer.status_code >= 500 or (answer.mimetype == "text/html" and name not in HIDDEN):
                        found += [f"{path} {number} {name} {sort}: {one}" for one in problems_of(answer)]
                    answer.close()
        found += [f"{path}, then: {one}" for one in problems_of(client.get(path, follow_redirects=True))]
    assert not found, "\n".join(found)
