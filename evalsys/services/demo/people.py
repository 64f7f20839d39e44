"""The city's staff accounts. They share one known password, so they are made in development alone."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Role
from evalsys.services.access import Actor, actor_of
from evalsys.services.accounts import NewAccount, add_account, hash_password
from evalsys.services.demo.city import read, unit_codes, unit_ids

PASSWORD = "rivergate-demo-2025"  # noqa: S105  known on purpose: printed by `make run`, refused outside development
DOMAIN = "rivergate.example"
LIAISONS_PER_UNIT = 2
EXPERTS = 12


def login(name: str) -> str:
    """The login of a demo account.

    >>> login("peer.u01.1")
    'peer.u01.1@rivergate.example'
    """
    return f"{name}@{DOMAIN}"


def add_staff(session: Session, now: datetime) -> None:
    """Add the oversight staff that is not there yet."""
    _add(session, _staff("oversight"), now)


def add_people(session: Session, now: datetime) -> None:
    """Add oversight and field staff, a head and two liaisons for each unit, and the experts; who is there stays."""
    people = (*_staff("oversight"), *_staff("field"), *_units(unit_ids(session)), *_experts())
    _add(session, people, now)


def find_actor(session: Session, name: str) -> Actor:
    """The demo account of this name, as somebody who acts."""
    return actor_of(session.scalars(select(Account).where(Account.login == login(name))).one())


def _add(session: Session, people: Iterable[NewAccount], now: datetime) -> None:
    known, password_hash = set(session.scalars(select(Account.login))), hash_password(PASSWORD)
    for new in people:
        if new.login not in known:
            add_account(session, new, password_hash, now)


def _staff(part: str) -> Iterator[NewAccount]:
    for name, facts in read("people")[part].items():
        yield NewAccount(login(name), facts["name"], Role(facts["role"]), locale=facts.get("locale", "en"))


def _units(ids: dict[str, int]) -> Iterator[NewAccount]:
    people = read("people")
    for place, code in enumerate(unit_codes()):
        unit, locale = ids[code], people["locales"].get(code, "en")
        yield NewAccount(login(f"head.{code.lower()}"), people["heads"][place], Role.HEAD, unit, locale)
        for number in range(1, LIAISONS_PER_UNIT + 1):
            name = people["liaisons"][place * LIAISONS_PER_UNIT + number - 1]
            yield NewAccount(login(f"peer.{code.lower()}.{number}"), name, Role.PEER, unit, locale)


def _experts() -> Iterator[NewAccount]:
    for number, name in enumerate(read("people")["experts"], start=1):
        yield NewAccount(login(f"e{number:02}"), name, Role.EXPERT)
