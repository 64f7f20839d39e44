"""Rows for tests, made by plain functions: `make_unit(session, code="U07")` fills in what a test does not care about.

Every factory commits, as the application does, and names everything by its code in all three languages.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES
from evalsys.models import (
    Account,
    Assignment,
    Category,
    Indicator,
    LoginSession,
    Question,
    Questionnaire,
    Role,
    Round,
    RoundUnit,
    RuleDocument,
    SchemeVersion,
    Service,
    Translation,
    Unit,
)
from evalsys.services.accounts import digest, hash_password
from tests.tracing import untraced

NOW = datetime(2025, 11, 3, 9, 0, tzinfo=UTC)
PASSWORD = "plain words open every door"
_PASSWORD_HASH = hash_password(PASSWORD)
_numbers = count(100)


def number_from(first: int) -> None:
    """Number what is made from now on from `first`, so that a test gives its rows the same codes whenever it runs."""
    globals()["_numbers"] = count(first)


@untraced
def name_it(session: Session, entity: str, key: str, field: str = "name", **texts: str) -> None:
    """Give `entity` `key` its texts: name_it(session, "unit", "U01", en="Police", ar="الشرطة")."""
    for locale in LOCALES:
        text = texts.get(locale, f"{key} {field} ({locale})")
        session.add(Translation(entity=entity, entity_key=key, field=field, locale=locale, text=text))
    session.commit()


def make_category(session: Session, **over: Any) -> Category:
    category = Category(**{"code": f"C{next(_numbers)}", **over})
    session.add(category)
    name_it(session, "category", category.code)
    return category


def make_unit(session: Session, **over: Any) -> Unit:
    """A unit of the first category there is, or of a new one."""
    if "category" not in over:
        over["category"] = session.scalars(select(Category).order_by(Category.id)).first() or make_category(session)
    unit = Unit(**{"code": f"U{next(_numbers)}", **over})
    session.add(unit)
    name_it(session, "unit", unit.code)
    return unit


def make_service(session: Session, units: Sequence[Unit], **over: Any) -> Service:
    service = Service(**{"code": f"S{next(_numbers)}", "units": list(units), **over})
    session.add(service)
    name_it(session, "service", service.code)
    return service


@untraced
def make_account(session: Session, role: Role, **over: Any) -> Account:
    """An account whose password is PASSWORD; peers and heads get a unit when none is given."""
    if role in (Role.PEER, Role.HEAD) and not {"unit", "unit_id"} & over.keys():
        over["unit"] = make_unit(session)
    number = next(_numbers)
    facts = {
        "login": f"{role}{number}@example.org",
        "name": f"{role.title()} {number}",
        "password_hash": _PASSWORD_HASH,
    }
    account = Account(**{**facts, "role": role, "created_at": NOW, **over})
    session.add(account)
    session.commit()
    return account


@untraced
def make_round(session: Session, units: Sequence[Unit] = (), **over: Any) -> Round:
    """A round with the rule document without which none opens."""
    facts = {"code": f"R{next(_numbers)}", "period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}
    new = Round(**{**facts, "created_at": NOW, **over})
    new.units = [RoundUnit(unit=unit, category=unit.category) for unit in units]
    session.add(new)
    name_it(session, "round", new.code)
    give_rules(session, new.code)
    return new


def give_rules(session: Session, of_round: Round | str, **over: Any) -> RuleDocument:
    """The row of a rule document in force; its file lies nowhere."""
    found = (
        session.scalars(select(Round).where(Round.code == of_round)).one() if isinstance(of_round, str) else of_round
    )
    keeper = session.scalars(select(Account).order_by(Account.id)).first()
    if keeper is None:
        keeper = make_account(session, Role.AUDITOR, is_active=False)
    facts = {"title": "Rules", "name": "rules.txt", "kind": "text/plain", "size": 5, "digest": digest("rules")}
    made = RuleDocument(**{"round_id": found.id, "uploaded_by": keeper.id, "uploaded_at": NOW, **facts, **over})
    session.add(made)
    session.commit()
    return made


def make_indicator(session: Session, **over: Any) -> Indicator:
    indicator = Indicator(**{"code": f"indicator{next(_numbers)}", "points": 5, **over})
    session.add(indicator)
    name_it(session, "indicator", indicator.code)
    name_it(session, "indicator", indicator.code, "question")
    return indicator


@untraced
def anchor_it(session: Session, indicator: Indicator) -> None:
    """Say in all languages what the points of the scale mean: each of a short one, the two halves of 0 to 100."""
    starts = (0, 51) if indicator.points == 101 else range(1, indicator.points + 1)
    key = {"entity": "indicator", "entity_key": indicator.code}
    session.add_all(
        Translation(**key, field=f"anchor_{start}", locale=locale, text=f"{indicator.code} {start} ({locale})")
        for start in starts
        for locale in LOCALES
    )
    session.commit()


@untraced
def make_questionnaire(
    session: Session, of_round: Round, group: str, indicators: Sequence[Indicator], unit: Unit | None = None
) -> Questionnaire:
    """The form of one group: its questions in the order of `indicators`."""
    made = Questionnaire(round=of_round, code=f"{group}{next(_numbers)}", group=group, unit=unit)
    made.questions = [Question(position=place, indicator=indicator) for place, indicator in enumerate(indicators)]
    session.add(made)
    session.commit()
    return made


def make_assignment(session: Session, questionnaire: Questionnaire, account: Account, unit: Unit) -> Assignment:
    named = questionnaire.group == "experts"
    made = Assignment(questionnaire=questionnaire, account=account, unit=unit, is_named=named)
    session.add(made)
    session.commit()
    return made


@untraced
def make_scheme_version(session: Session, of_round: Round, proposer: Account, body: str, **over: Any) -> SchemeVersion:
    """A proposal, number 1 unless told otherwise; pass state, approver and decided_at for a decided one."""
    facts = {"number": 1, "digest": digest(body), "reason": "first weights", "proposed_at": NOW}
    made = SchemeVersion(**{**facts, "round": of_round, "body": body, "proposer": proposer, **over})
    session.add(made)
    session.commit()
    return made


@untraced
def sign_in(client: FlaskClient, session: Session, account: Account, *, now: datetime | None = None) -> None:
    """Sign the test's browser in, without the seconds that a password check takes by design."""
    token = secrets.token_urlsafe(32)
    moment = now or datetime.now(UTC)
    session.add(
        LoginSession(
            digest=digest(token), account_id=account.id, epoch=account.epoch, created_at=moment, seen_at=moment
        )
    )
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
