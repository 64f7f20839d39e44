"""The same act twice at the same moment: one of them is done, the other one is refused in words, and nothing breaks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import EvalsysError
from evalsys.i18n import LOCALES
from evalsys.models import Assignment, AuditEntry, Place, Role, Term
from evalsys.services import places, visits
from evalsys.services.access import Actor, actor_of
from evalsys.services.visits import NewTerm
from tests.factories import NOW, make_account
from tests.integration.inspecting import NOON, make_visited_world

TIMES = 8


def at_once(app: Flask, act: Callable[[], object]) -> tuple[int, int]:
    """How often it was done and how often it was refused, of several times at once."""

    def run(_number: int) -> bool:
        with app.app_context():
            try:
                act()
            except EvalsysError:
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(TIMES) as pool:
        done = sum(pool.map(run, range(TIMES)))
    return done, TIMES - done


def of(session: Session, table: type) -> int:
    session.rollback()
    return int(session.scalar(select(func.count()).select_from(table)) or 0)


def analyst(session: Session) -> Actor:
    return actor_of(make_account(session, Role.ANALYST))


def test_a_service_point_is_added_once(app: Flask, session: Session) -> None:
    make_visited_world(session)
    actor, facts = analyst(session), places.PlaceFacts("P-1", "U01", "", dict.fromkeys(LOCALES, "Counter"))
    before = of(session, AuditEntry)
    assert at_once(app, lambda: places.add_place(actor, facts, now=NOW)) == (1, TIMES - 1)
    assert (of(session, Place), of(session, AuditEntry)) == (1, before + TIMES)


def test_a_list_of_service_points_is_added_once(app: Flask, session: Session) -> None:
    make_visited_world(session)
    actor, text = analyst(session), b"code,unit,service,name_en,name_zh,name_ar\nP-1,U01,,a,b,c\nP-2,U01,,a,b,c\n"
    before = of(session, AuditEntry)
    assert at_once(app, lambda: places.import_places(actor, text, now=NOW)) == (1, TIMES - 1)
    assert (of(session, Place), of(session, AuditEntry)) == (2, before + TIMES)


def test_a_term_is_given_once(app: Flask, session: Session) -> None:
    make_visited_world(session)
    actor, login = analyst(session), make_account(session, Role.SUPERVISOR).login
    before = of(session, Term)
    new = NewTerm(login, NOW.date(), NOW.date())
    assert at_once(app, lambda: visits.give_term(actor, new, now=NOW)) == (1, TIMES - 1)
    assert of(session, Term) == before + 1


def test_a_conflict_of_a_supervisor_is_declared_once(app: Flask, session: Session) -> None:
    world = make_visited_world(session)
    actor, before = world.actor, of(session, Assignment)
    assert at_once(app, lambda: visits.declare_conflict(actor, "U01", "family", now=NOON)) == (1, TIMES - 1)
    assert of(session, Assignment) == before + 1
