"""Administration of accounts: invited, changed, moved, switched off, and two administrators for what is critical."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Account, AccountInvite, AccountRequest, Role
from evalsys.services import accounts
from evalsys.services.access import Actor, actor_of
from evalsys.services.staff import changing, links
from evalsys.services.staff.changing import Decision, Person
from tests.factories import NOW, PASSWORD, make_account, make_unit, sign_in

LOGIN = "new@city.example"
ANALYST = Person("Ana Lyst", "analyst")
MEMBER = Person("Bo Ard", "board")
PAGE = "/en/oversight/accounts"


@pytest.fixture
def first(session: Session) -> Actor:
    return actor_of(make_account(session, Role.ADMINISTRATOR))


@pytest.fixture
def second(session: Session) -> Actor:
    return actor_of(make_account(session, Role.ADMINISTRATOR))


def token_of(invited: links.Invited | None) -> str:
    assert invited is not None
    return invited.link.rpartition("/")[2]


def stored(session: Session, login: str = LOGIN) -> Account | None:
    session.rollback()
    return session.scalars(select(Account).where(Account.login == login)).one_or_none()


def test_an_invited_person_sets_a_password_once_and_signs_in(session: Session, first: Actor) -> None:
    token = token_of(changing.invite_person(first, LOGIN, ANALYST, "", now=NOW))
    with pytest.raises(Invalid):
        accounts.sign_in(LOGIN, "", "192.0.2.1", now=NOW)
    assert links.read_invitation(token, now=NOW) == links.Invitation("Ana Lyst", LOGIN)
    with pytest.raises(Invalid):
        links.accept_invitation(token, "short", now=NOW)
    links.accept_invitation(token, PASSWORD, now=NOW)
    with pytest.raises(NotFound):
        links.accept_invitation(token, "another password of mine", now=NOW)
    assert accounts.sign_in(LOGIN, PASSWORD, "192.0.2.1", now=NOW)[1].role == Role.ANALYST
    assert token not in str(session.execute(select(AccountInvite.digest, AccountInvite.used_at)).all())


def test_a_link_dies_after_seven_days_with_a_newer_one_and_with_its_account(session: Session, first: Actor) -> None:
    old = token_of(changing.invite_person(first, LOGIN, ANALYST, "", now=NOW))
    account = stored(session)
    assert account is not None
    with pytest.raises(NotFound):
        links.read_invitation(old, now=NOW + timedelta(days=7))
    new = token_of(changing.renew_link(first, account.id, "the first went astray", now=NOW))
    with pytest.raises(NotFound):
        links.accept_invitation(old, PASSWORD, now=NOW)
    changing.change_person(first, account.id, Person("Ana Lyst", "analyst", is_active=False), "left", now=NOW)
    with pytest.raises(NotFound):
        links.read_invitation(new, now=NOW)


@pytest.mark.parametrize(
    ("login", "person", "error"),
    [
        ("no address", ANALYST, Invalid),
        (LOGIN, Person(" ", "analyst"), Invalid),
        (LOGIN, Person("x" * 201, "analyst"), Invalid),
        (LOGIN, Person("Ana", "king"), Invalid),
        (LOGIN, Person("Ana", "analyst", locale="fr"), Invalid),
        (LOGIN, Person("Ana", "peer"), Invalid),
        (LOGIN, Person("Ana", "analyst", unit="U01"), Invalid),
        (LOGIN, Person("Ana", "peer", unit="U99"), NotFound),
    ],
)
def test_what_no_account_may_be_is_refused(
    session: Session, first: Actor, login: str, person: Person, error: type[Exception]
) -> None:
    make_unit(session, code="U01")
    with pytest.raises(error):
        changing.invite_person(first, login, person, "", now=NOW)
    assert stored(session) is None


def test_a_login_is_given_once(session: Session, first: Actor) -> None:
    changing.invite_person(first, LOGIN, ANALYST, "", now=NOW)
    with pytest.raises(Conflict):
        changing.invite_person(first, LOGIN.upper(), ANALYST, "", now=NOW)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("change", ["off", "role", "unit"])
def test_whoever_is_changed_is_out_at_the_next_click(
    client: FlaskClient, session: Session, first: Actor, change: str
) -> None:
    unit, other = make_unit(session, code="U01"), make_unit(session, code="U02")
    head = make_account(session, Role.HEAD, unit=unit)
    sign_in(client, session, head)
    assert client.get("/en/head").status_code == 200
    new = {
        "off": Person(head.name, "head", unit.code, is_active=False),
        "role": Person(head.name, "peer", unit.code),
        "unit": Person(head.name, "head", other.code),
    }[change]
    assert changing.change_person(first, head.id, new, "moved on", now=NOW)
    assert client.get("/en/head").status_code == 302


def test_a_new_name_signs_nobody_out(session: Session, first: Actor) -> None:
    head = make_account(session, Role.ANALYST)
    before = head.epoch
    changing.change_person(first, head.id, Person("New Name", "analyst", locale="ar"), "", now=NOW)
    session.expire_all()
    assert (head.name, head.locale, head.epoch) == ("New Name", "ar", before)


def test_a_member_of_the_board_is_made_by_two_administrators(session: Session, first: Actor, second: Actor) -> None:
    with pytest.raises(Invalid):
        changing.invite_person(first, LOGIN, MEMBER, " ", now=NOW)
    assert changing.invite_person(first, LOGIN, MEMBER, "elected in May", now=NOW) is None
    assert stored(session) is None
    with pytest.raises(Conflict):
        changing.invite_person(second, LOGIN, MEMBER, "elected in May", now=NOW)
    number = session.scalars(select(AccountRequest.id)).one()
    with pytest.raises(Conflict, match="Somebody else decides"):
        changing.decide_request(first, Decision(number, is_confirmed=True, reason=""), now=NOW)
    invited = changing.decide_request(second, Decision(number, is_confirmed=True, reason=""), now=NOW)
    links.accept_invitation(token_of(invited), PASSWORD, now=NOW)
    found = stored(session)
    assert found is not None
    assert found.role == Role.BOARD
    with pytest.raises(Conflict, match="decided this already"):
        changing.decide_request(second, Decision(number, is_confirmed=True, reason=""), now=NOW)


@pytest.mark.parametrize(
    "person", [Person("X", "board", is_active=False), Person("X", "analyst"), Person("X", "administrator")]
)
def test_a_member_of_the_board_is_changed_by_two_administrators(
    session: Session, first: Actor, second: Actor, person: Person
) -> None:
    member = make_account(session, Role.BOARD)
    assert not changing.change_person(first, member.id, person, "the court says so", now=NOW)
    number = session.scalars(select(AccountRequest.id)).one()
    session.refresh(member)
    assert (member.role, member.is_active) == (Role.BOARD, True)
    changing.decide_request(second, Decision(number, is_confirmed=True, reason=""), now=NOW)
    session.refresh(member)
    assert (member.role, member.is_active) == (person.role, person.is_active)


def test_an_analyst_becomes_a_member_of_the_board_only_by_two(session: Session, first: Actor, second: Actor) -> None:
    analyst = make_account(session, Role.ANALYST)
    assert not changing.change_person(first, analyst.id, MEMBER, "elected", now=NOW)
    number = session.scalars(select(AccountRequest.id)).one()
    with pytest.raises(Invalid):
        changing.decide_request(second, Decision(number, is_confirmed=False, reason=""), now=NOW)
    changing.decide_request(second, Decision(number, is_confirmed=False, reason="was not elected"), now=NOW)
    session.refresh(analyst)
    assert analyst.role == Role.ANALYST
    assert changing.renew_link(first, make_account(session, Role.BOARD).id, "lost it", now=NOW) is None


def test_what_one_administrator_handed_out_does_not_survive_into_a_critical_role(
    session: Session, first: Actor, second: Actor
) -> None:
    old = token_of(changing.invite_person(first, LOGIN, ANALYST, "", now=NOW))
    account = stored(session)
    assert account is not None
    assert not changing.change_person(first, account.id, MEMBER, "elected", now=NOW)
    links.accept_invitation(old, PASSWORD, now=NOW)
    late = token_of(changing.renew_link(first, account.id, "lost it", now=NOW))
    links.accept_invitation(late, PASSWORD, now=NOW)
    pending = token_of(changing.renew_link(second, account.id, "lost it again", now=NOW))
    number = session.scalars(select(AccountRequest.id)).one()
    new = changing.decide_request(second, Decision(number, is_confirmed=True, reason=""), now=NOW)
    found = stored(session)
    assert found is not None
    assert (found.role, found.password_hash) == (Role.BOARD, "")
    with pytest.raises(Invalid):
        accounts.sign_in(LOGIN, PASSWORD, "192.0.2.1", now=NOW)
    with pytest.raises(NotFound):
        links.accept_invitation(pending, PASSWORD, now=NOW)
    links.accept_invitation(token_of(new), PASSWORD, now=NOW)
    assert accounts.sign_in(LOGIN, PASSWORD, "192.0.2.1", now=NOW)[1].role == Role.BOARD


def test_somebody_who_is_switched_off_becomes_a_member_without_a_link(
    session: Session, first: Actor, second: Actor
) -> None:
    analyst = make_account(session, Role.ANALYST)
    assert not changing.change_person(first, analyst.id, Person("X", "board", is_active=False), "later", now=NOW)
    number = session.scalars(select(AccountRequest.id)).one()
    assert changing.decide_request(second, Decision(number, is_confirmed=True, reason=""), now=NOW) is None
    session.refresh(analyst)
    assert (analyst.role, analyst.password_hash) == (Role.BOARD, "")


def test_a_request_is_refused_when_the_account_has_changed_since(session: Session, first: Actor, second: Actor) -> None:
    analyst, member = make_account(session, Role.ANALYST), make_account(session, Role.BOARD)
    assert not changing.change_person(first, analyst.id, MEMBER, "elected", now=NOW)
    promoted = session.scalars(select(AccountRequest.id)).one()
    assert changing.renew_link(first, member.id, "lost it", now=NOW) is None
    renewed = session.scalars(select(AccountRequest.id).where(AccountRequest.id != promoted)).one()
    session.rollback()
    changing.change_person(first, analyst.id, Person("X", "auditor"), "moved on", now=NOW)
    session.execute(update(Account).where(Account.id == member.id).values(is_active=False))
    session.commit()
    for number in (promoted, renewed):
        with pytest.raises(Conflict, match="changed after"):
            changing.decide_request(second, Decision(number, is_confirmed=True, reason=""), now=NOW)
        changing.decide_request(second, Decision(number, is_confirmed=False, reason="outdated"), now=NOW)
    session.refresh(analyst)
    assert analyst.role == Role.AUDITOR


def test_of_two_who_invite_the_same_person_at_once_one_is_told_so(
    session: Session, first: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing.invite_person(first, LOGIN, ANALYST, "", now=NOW)
    monkeypatch.setattr(changing, "_is_taken", lambda _session, _login: False)
    with pytest.raises(Conflict, match="already"):
        changing.invite_person(first, LOGIN, ANALYST, "", now=NOW)


def test_the_only_administrator_may_invite_the_second_and_nothing_more(session: Session, first: Actor) -> None:
    assert changing.invite_person(first, LOGIN, MEMBER, "elected", now=NOW) is None
    invited = changing.invite_person(first, "second@city.example", Person("Sec", "administrator"), "", now=NOW)
    assert invited is not None
    assert changing.invite_person(first, "third@city.example", Person("Thi", "administrator"), "", now=NOW) is not None
    links.accept_invitation(token_of(invited), PASSWORD, now=NOW)
    assert changing.invite_person(first, "fourth@city.example", Person("Fo", "administrator"), "why", now=NOW) is None


def test_the_last_administrator_stays_and_nobody_changes_her_own_standing(session: Session, first: Actor) -> None:
    other = make_account(session, Role.ADMINISTRATOR)
    with pytest.raises(Conflict, match="own account"):
        changing.change_person(first, first.account_id, Person("Me", "analyst"), "tired", now=NOW)
    with pytest.raises(Conflict):
        changing.renew_link(first, first.account_id, "mine", now=NOW)
    session.execute(update(Account).where(Account.id == first.account_id).values(is_active=False))
    session.commit()
    with pytest.raises(Conflict, match="last administrator"):
        changing.change_person(first, other.id, Person("X", "administrator", is_active=False), "gone", now=NOW)


def test_no_other_role_manages_accounts(session: Session) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(Forbidden):
            changing.invite_person(actor_of(make_account(session, role)), LOGIN, ANALYST, "", now=NOW)


@pytest.mark.database("postgresql")
def test_of_two_administrators_who_decide_at_once_one_wins(app: Flask, session: Session, first: Actor) -> None:
    deciders = [actor_of(make_account(session, Role.ADMINISTRATOR)) for _ in range(2)]
    changing.invite_person(first, LOGIN, MEMBER, "elected", now=NOW)
    number = session.scalars(select(AccountRequest.id)).one()
    session.rollback()
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def decide(actor: Actor, is_confirmed: bool) -> None:
        with app.app_context():
            gate.wait()
            try:
                changing.decide_request(
                    actor, Decision(number, is_confirmed, "no" if not is_confirmed else ""), now=NOW
                )
                outcomes.append("won")
            except Conflict:
                outcomes.append("lost")

    threads = [threading.Thread(target=decide, args=(who, who is deciders[0])) for who in deciders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost", "won"]
