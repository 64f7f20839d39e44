"""Pages of accounts, lists of people, and links that go by mail."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES
from evalsys.models import Account, AccountRequest, AuditEntry, Role
from evalsys.services import mail
from evalsys.services.access import Actor, actor_of
from evalsys.services.staff import changing, links, lists
from evalsys.services.staff.changing import Person
from tests.factories import NOW, PASSWORD, make_account, make_unit, sign_in
from tests.pages import check_page, get_page, post_form

LOGIN = "new@city.example"
PAGE = "/en/oversight/accounts"


@pytest.fixture
def first(session: Session) -> Actor:
    return actor_of(make_account(session, Role.ADMINISTRATOR))


def stored(session: Session, login: str = LOGIN) -> Account | None:
    session.rollback()
    return session.scalars(select(Account).where(Account.login == login)).one_or_none()


def test_a_list_invites_who_fits_and_names_the_others(session: Session, first: Actor) -> None:
    make_unit(session, code="U17")
    there = make_account(session, Role.EXPERT)
    text = (
        "login;name;role;unit;locale\n"
        "ana@city.example;Ana;analyst;;\n"
        "li@city.example;李强;peer;U17;zh\n"
        "bo@city.example;Bo;board;;en\n"
        "LI@city.example;Li again;peer;U17;zh\n"
        "no mail;X;analyst;;\n"
        "h@city.example;Head;head;;\n"
        f"{there.login};There;expert;;\n"
    )
    found = lists.preview_people(first, text)
    assert [login for login, _person in found.fresh] == ["ana@city.example", "li@city.example"]
    assert found.there == 1
    assert [(one.line, one.column) for one in found.problems] == [(4, "role"), (5, "login"), (6, ""), (7, "")]
    made = lists.invite_people(first, text, now=NOW)
    assert [one.login for one in made] == ["ana@city.example", "li@city.example"]
    li = stored(session, "li@city.example")
    assert li is not None
    assert (li.role, li.locale, li.password_hash) == (Role.PEER, "zh", "")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == "accounts")).one()
    assert entry.detail == {"act": "list", "invited": 2, "there": 1, "refused": 4}


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("locale", LOCALES)
def test_the_pages_take_somebody_from_an_invitation_to_the_end(
    client: FlaskClient, app: Flask, session: Session, locale: str
) -> None:
    page = PAGE.replace("/en/", f"/{locale}/")
    admins = [make_account(session, Role.ADMINISTRATOR) for _ in range(2)]
    make_unit(session, code="U01")
    sign_in(client, session, admins[0])
    get_page(client, page)
    wrong = {"login": "x", "name": "Ana", "role": "head", "unit": "", "locale": "ar"}
    refused = check_page(post_form(client, f"{page}/new", wrong, "#form"), 422)
    assert refused.fields("#form")["login"] == "x"
    right = {**wrong, "login": LOGIN, "unit": "U01"}
    shown = check_page(post_form(client, f"{page}/new", right, "#form"))
    link = shown.texts(".link-once")[0]
    guest = app.test_client()
    path = "/" + link.split("/", 3)[3]
    assert check_page(post_form(guest, path, {"new": "short", "repeat": "x"}, "#form"), 422).select(".error-summary")
    assert post_form(guest, path, {"new": PASSWORD, "repeat": PASSWORD}, "#form").status_code == 302
    account = stored(session)
    assert account is not None
    one = f"{page}/{account.id}"
    assert get_page(client, one).fields("#form")["role"] == "head"
    assert check_page(post_form(client, one, {"role": "analyst"}, "#form"), 422).select(".error-summary")
    assert post_form(client, one, {"role": "board", "unit": "", "reason": "elected"}, "#form").status_code == 302
    assert check_page(post_form(client, one, {"reason": ""}, "#link"), 422).select(".error-summary")
    assert check_page(post_form(client, one, {"reason": "lost"}, "#link")).select(".link-once")
    sign_in(client, session, admins[1])
    waiting = get_page(client, page)
    form = f"form[action$='requests/{session.scalars(select(AccountRequest.id)).one()}']"
    assert waiting.select(form)
    assert check_page(post_form(client, page, {"decision": "confirm"}, form)).select(".link-once")
    assert not get_page(client, page).select("form[action*=requests]")
    rows = "login,name,role,unit,locale\nmo@city.example,Mo,auditor,,\nxx,Bad,auditor,,"
    preview = check_page(post_form(client, f"{page}/list", {"rows": rows, "list_act": "preview"}, "#form"))
    assert preview.select("#fresh tbody tr")
    assert preview.select("#problems tbody tr")
    made = check_page(post_form(client, f"{page}/list", {"rows": rows, "list_act": "save"}, "#form"))
    assert made.select(".link-once")


@pytest.mark.database("sqlite")
def test_a_mail_server_gets_the_link_and_the_administrator_does_not(
    session: Session, first: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(mail, "is_configured", lambda: True)
    monkeypatch.setattr(mail, "send", lambda message: sent.append(message.text))
    invited = changing.invite_person(first, LOGIN, Person("سلمى", "analyst", locale="ar"), "", now=NOW)
    assert invited == links.Invited("سلمى", LOGIN, "")
    assert "/ar/account/invitations/" in sent[0]
