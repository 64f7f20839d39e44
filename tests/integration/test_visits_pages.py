"""Terms and lists of terms, the pages of a supervisor, and visits as evidence."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import EvalsysError, NotFound
from evalsys.models import (
    AuditEntry,
    Role,
    RoundState,
    Term,
)
from evalsys.services import visits
from evalsys.services.access import actor_of
from evalsys.services.visits import NewTerm
from tests.factories import make_account, sign_in
from tests.integration.inspecting import DAY, NOON, TODAY, World, count, give, make_visited_world, send
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL


@pytest.fixture
def world(session: Session) -> World:
    return make_visited_world(session)


def test_the_pages_of_a_supervisor_from_start_to_evidence(world: World, client: FlaskClient, session: Session) -> None:
    today = datetime.now(UTC).date()
    world.round.period_start, world.round.period_end = today - 30 * DAY, today + 30 * DAY
    session.commit()
    give(world, today - 5 * DAY, today)
    sign_in(client, session, world.supervisor)
    assert "/en/visits/units/U01" in get_page(client, "/en/visits").links
    url = "/en/visits/units/U01"
    fields = get_page(client, url).fields("#form")
    wrong = {**fields, "visited_on": (today + DAY).isoformat(), "place": "Hall", "note": "stays"}
    page = check_page(client.post(url, data=wrong), 422)
    assert [link.get("href") for link in page.select(".error-summary a")] == ["#q_cooperation-1"]
    assert page.fields("#form")["note"] == "stays"
    wrong["q_cooperation"] = "2"
    page = check_page(client.post(url, data=wrong), 422)
    assert "The visit lies in the future." in page.text
    right = {**wrong, "visited_on": today.isoformat()}
    assert client.post(url, data=right).status_code == 302
    assert client.post(url, data=right).status_code == 302
    home = get_page(client, "/en/visits")
    assert "Your visit is stored." in home.text
    assert len(home.select("#visits tbody tr")) == 1
    for locale in ("zh", "ar"):
        get_page(client, f"/{locale}/visits")
        get_page(client, f"/{locale}/visits/units/U02")
    sign_in(client, session, world.governed.analyst)
    evidence = get_page(client, "/en/oversight/rounds/2025/visits")
    assert "Sara Supervisor" in evidence.text
    assert "stays" in evidence.text
    assert not evidence.texts("main dd"), "nobody sees answers while the round runs"
    world.governed.round.state = RoundState.CLOSED
    session.commit()
    evidence = get_page(client, "/en/oversight/rounds/2025/visits")
    assert any(text.startswith("2") for text in evidence.texts("main dd"))


def test_a_conflict_is_declared_on_the_form(world: World, client: FlaskClient, session: Session) -> None:
    today = datetime.now(UTC).date()
    world.round.period_end = today + DAY
    session.commit()
    give(world, today - DAY, today + DAY)
    sign_in(client, session, world.supervisor)
    url = "/en/visits/units/U01"
    form = f"form[action='{url}/conflict']"
    page = check_page(post_form(client, url, {"statement": ""}, form), 422)
    assert page.select(".error-summary a")[0].get("href") == "#statement"
    assert post_form(client, url, {"statement": "A cousin"}, form).status_code == 302
    assert url not in get_page(client, "/en/visits").links


def test_the_visited_unit_reads_notes_after_publication_without_names_or_answers(
    world: World, client: FlaskClient, session: Session
) -> None:
    send(world)
    head = make_account(session, Role.HEAD, unit=world.units[0])
    other = make_account(session, Role.HEAD, unit=world.units[1])
    sign_in(client, session, head)
    get_page(client, "/en/head/rounds/2025/visits", 404)
    assert not visits.has_visits(actor_of(head), "2025")
    world.round.state = RoundState.PUBLISHED
    session.commit()
    page = get_page(client, "/en/head/rounds/2025/visits")
    assert "A clean hall." in page.text
    assert "Sara" not in page.text
    assert not page.select("main dd")
    assert visits.has_visits(actor_of(head), "2025")
    (line,) = visits.own_evidence(actor_of(head), "2025", "en").lines
    assert (line.supervisor, line.sent_at, line.answers) == ("", None, ())
    assert visits.own_evidence(actor_of(other), "2025", "en").lines == ()
    stranger = make_account(session, Role.HEAD)
    with pytest.raises(NotFound):
        visits.own_evidence(actor_of(stranger), "2025", "en")


def test_terms_are_given_once_and_wrong_ones_are_explained(world: World, client: FlaskClient, session: Session) -> None:
    url = "/en/oversight/terms"
    sign_in(client, session, world.governed.analyst)
    wrong = {"supervisor": "sara@example.org", "starts_on": "2025-07-10", "ends_on": "2025-07-01", "area": "some"}
    page = check_page(post_form(client, url, wrong), 422)
    assert [link.get("href") for link in page.select(".error-summary a")] == ["#ends_on", "#area-all"]
    right = {**wrong, "ends_on": "2025-07-31", "unit": "U02"}
    assert post_form(client, url, right).status_code == 302
    check_page(post_form(client, url, right), 422)
    assert count(session, Term) == 2
    newest = session.scalars(select(Term).order_by(Term.id.desc())).first()
    assert newest is not None
    assert [part.unit.code for part in newest.units] == ["U02"]


def test_a_list_of_terms_is_checked_row_by_row_and_stored_once(
    world: World, client: FlaskClient, session: Session
) -> None:
    rows = [
        "supervisor,from,to,units",
        "sara@example.org,2025-07-01,2025-07-31,U02 U01",  # 2: fits
        "sara@example.org,2025-06-01,2025-06-30,all",  # 3: there already
        "nobody@example.org,2025-07-01,2025-07-31,",  # 4
        "sara@example.org,1.7.2025,2025-07-31,",  # 5
        "sara@example.org,2025-08-01,2025-07-31,",  # 6
        "sara@example.org,2025-08-01,2025-08-31,U01 U99",  # 7
        "sara@example.org,2025-07-01,2025-07-31,U01 U02",  # 8: stands above
    ]
    sign_in(client, session, world.governed.analyst)
    url = "/en/oversight/terms"
    data = {**get_page(client, url).fields("#form"), "rows": "\n".join(rows), "list_act": "preview"}
    page = check_page(client.post(f"{url}/list", data=data))
    assert page.texts("#problems tbody th") == ["4", "5", "6", "7", "8"]
    assert len(page.select("#fresh tbody tr")) == 1
    assert count(session, Term) == 1
    assert client.post(f"{url}/list", data={**data, "list_act": "save"}).status_code == 302
    again = visits.import_terms(world.analyst, "\n".join(rows), now=NOON)
    assert (again.fresh, again.there) == ((), 2)
    assert count(session, Term) == 2


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ANALYST])
def test_nobody_but_an_analyst_gives_terms(world: World, session: Session, role: Role) -> None:
    person = actor_of(make_account(session, role))
    with pytest.raises(EvalsysError):
        visits.give_term(person, NewTerm("sara@example.org", TODAY, TODAY), now=NOON)
    assert count(session, Term) == 1
    assert session.scalars(select(AuditEntry.outcome).where(AuditEntry.act == "term.manage")).all()[-1] == "refused"
