"""Supervisors: terms, areas, visits that are stored once and counted apart, conflicts, evidence."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, EvalsysError, Forbidden, Invalid, NotFound
from evalsys.models import (
    Account,
    Assignment,
    AuditEntry,
    Cell,
    Questionnaire,
    RaterGroup,
    Response,
    Role,
    Round,
    RoundState,
    Run,
    SchemeVersion,
    Term,
    Unit,
    Visit,
)
from evalsys.services import rounds, runs, visits
from evalsys.services.access import Actor, actor_of
from evalsys.services.cells import find_wrong_cells, recount
from evalsys.services.visits import FilledVisit, NewTerm
from evalsys.services.weights import read_scheme
from scoring.result import Result
from scoring.scheme import Scheme
from tests.factories import make_account, make_questionnaire, make_scheme_version, make_unit, sign_in
from tests.integration.governing import World as Governed
from tests.integration.governing import add_answers, audit_of, make_world, scheme_mapping
from tests.pages import check_page, get_page, post_form

TODAY = date(2025, 6, 15)
NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
VISITS = "inspections"


@dataclass(frozen=True)
class World:
    governed: Governed
    form: Questionnaire
    supervisor: Account

    @property
    def round(self) -> Round:
        return self.governed.round

    @property
    def units(self) -> tuple[Unit, Unit]:
        return self.governed.units

    @property
    def actor(self) -> Actor:
        return actor_of(self.supervisor)

    @property
    def analyst(self) -> Actor:
        return actor_of(self.governed.analyst)


def scheme_with_visits(strata: dict[str, int]) -> Scheme:
    """The small scheme, where visits judge cooperation together with peers."""
    made = scheme_mapping()
    weighted = [{"code": name, "weight": weight} for name, weight in strata.items()]
    group = {"code": VISITS, "promise": "accountable", "minimum": [1, 1, 1], "strata": weighted}
    made["groups"].append(group)
    made["tree"]["children"][1]["groups"] = {"peers": 50, VISITS: 50}
    return read_scheme(made)


def set_scheme(session: Session, governed: Governed, strata: dict[str, int]) -> None:
    """Put other weights in force; versions are never changed, only replaced."""
    former = session.scalars(select(SchemeVersion).order_by(SchemeVersion.number.desc())).all()
    for version in former:
        version.state = "superseded"
    session.commit()
    scheme = scheme_with_visits(strata)
    decided = {"state": "approved", "approver": governed.first, "decided_at": NOON}
    number, body, digest = former[0].number + 1, scheme.canonical(), scheme.digest
    make_scheme_version(session, governed.round, governed.analyst, body, number=number, digest=digest, **decided)


@pytest.fixture
def world(session: Session) -> World:
    """A round that collects the whole year 2025, a supervisor whose term covers June for both units."""
    governed = make_world(session, RoundState.COLLECTING)
    set_scheme(session, governed, {"supervisors": 60, "all": 40})
    session.add(RaterGroup(round_id=governed.round.id, code=VISITS, mode="visit"))
    asked = [question.indicator for question in governed.forms["peers"].questions]
    form = make_questionnaire(session, governed.round, VISITS, asked)
    supervisor = make_account(session, Role.SUPERVISOR, name="Sara Supervisor", login="sara@example.org")
    made = World(governed, form, supervisor)
    give(made)
    return made


def give(world: World, first: date = date(2025, 6, 1), last: date = date(2025, 6, 30), *units: str) -> None:
    visits.give_term(world.analyst, NewTerm(world.supervisor.login, first, last, units), now=NOON)


def filled(nonce: str = "n" * 20, **over: object) -> FilledVisit:
    facts: dict[str, object] = {"codes": [4], "visited_on": TODAY, "place": "Counter 3", "note": "A clean hall."}
    return FilledVisit(**{**facts, "nonce": nonce, **over})  # type: ignore[arg-type]


def send(world: World, unit: str = "U01", now: datetime = NOON, **over: object) -> None:
    visits.send_visit(world.actor, unit, filled(**over), now=now)  # type: ignore[arg-type]


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_visit_is_a_response_of_its_own_channel_and_stratum_and_named_to_oversight(
    world: World, session: Session
) -> None:
    send(world)
    response, visit = session.scalars(select(Response)).one(), session.scalars(select(Visit)).one()
    assert (response.channel, response.stratum, response.answers, response.day) == ("visit", "supervisors", "4", TODAY)
    assert (visit.account_id, visit.response_id, visit.place) == (world.supervisor.id, response.id, "Counter 3")
    recount()
    cell = session.scalars(select(Cell)).one()
    assert (cell.questionnaire_id, cell.stratum, cell.n) == (world.form.id, "supervisors", 1)
    assert find_wrong_cells() == []


def test_a_visit_moves_the_score_only_through_its_own_share(world: World, session: Session) -> None:
    forms, unit = world.governed.forms, world.units[0]
    add_answers(session, forms["citizens"], unit, [[5, 4]] * 4)
    add_answers(session, forms["peers"], unit, [[5]] * 2)
    add_answers(session, forms["experts"], unit, [[51]])
    send(world, codes=[1])
    recount()
    rounds.close_round(world.analyst, "2025", now=NOON)
    run = session.get_one(Run, runs.score_round(world.analyst, "2025", now=NOON))
    nodes = Result.from_json(run.result).stages["nodes"]
    # Peers say 5 of 5 (100 points), the visit 1 of 5 (0 points); each counts half of the indicator.
    (score,) = nodes[(nodes["unit"] == "U01") & (nodes["node"] == "cooperation")]["score"]
    assert score == pytest.approx(50.0)


def test_without_a_stratum_of_their_own_visits_count_in_the_common_one_and_nowhere_else(
    world: World, session: Session
) -> None:
    set_scheme(session, world.governed, {"all": 100})
    send(world)
    assert session.scalars(select(Response.stratum)).all() == ["all"]
    set_scheme(session, world.governed, {"users": 100})
    with pytest.raises(Conflict, match="no place for visits"):
        send(world, nonce="m" * 20)


def test_the_same_form_sent_twice_is_one_visit(world: World, client: FlaskClient, session: Session) -> None:
    send(world)
    send(world)
    assert (count(session, Visit), count(session, Response)) == (1, 1)
    sign_in(client, session, world.supervisor)
    answer = client.post(
        "/en/visits/units/U01",
        data={"csrf_token": get_page(client, "/en/account/password").fields()["csrf_token"], "nonce": "n" * 20},
    )
    assert answer.status_code == 302, "a retry after the term is over still says that the visit is stored"
    assert count(session, Visit) == 1
    send(world, nonce="m" * 20)
    assert count(session, Visit) == 2


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (datetime(2025, 5, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2025, 6, 1, 0, 0, 0, tzinfo=UTC), True),
        (datetime(2025, 6, 30, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2025, 7, 1, 0, 0, 0, tzinfo=UTC), False),
    ],
)
def test_a_term_begins_and_ends_with_its_days(world: World, session: Session, now: datetime, is_open: bool) -> None:
    area = visits.area_of(world.actor, "en", now.date())
    assert [unit.code for unit in area.units] == (["U01", "U02"] if is_open else [])
    if is_open:
        send(world, now=now, visited_on=now.date())
        assert count(session, Visit) == 1
    else:
        with pytest.raises(Conflict):
            visits.read_visit(world.actor, "U01", "en", now=now)
        with pytest.raises(Conflict):
            send(world, now=now, visited_on=now.date())
        assert count(session, Visit) == 0
        assert audit_of(session, "visit.send") == [("visit.send", "refused")]


def test_a_unit_outside_the_area_or_the_round_is_refused(world: World, session: Session) -> None:
    session.query(Term).delete()
    session.commit()
    give(world, date(2025, 6, 1), date(2025, 6, 30), "U02")
    make_unit(session, code="U03")
    assert [unit.code for unit in visits.area_of(world.actor, "en", TODAY).units] == ["U02"]
    for unit in ("U01", "U03"):
        with pytest.raises(Conflict):
            send(world, unit)
    with pytest.raises(NotFound):
        send(world, "U99")
    send(world, "U02")
    assert count(session, Visit) == 1


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (TODAY + DAY, "lies in the future"),
        (date(2025, 5, 31), "must lie in your term"),
        (date(2024, 12, 31), "must lie in your term"),
    ],
)
def test_the_day_of_a_visit_lies_in_term_and_round_and_not_in_the_future(
    world: World, session: Session, day: date, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        send(world, visited_on=day)
    assert count(session, Response) == 0


def test_a_visit_before_the_first_day_of_the_round_is_refused_also_within_the_term(
    world: World, session: Session
) -> None:
    world.round.period_start = date(2025, 6, 10)
    session.commit()
    with pytest.raises(Invalid):
        send(world, visited_on=date(2025, 6, 9))
    send(world, visited_on=date(2025, 6, 10))


@pytest.mark.parametrize("state", [state for state in RoundState if state != RoundState.COLLECTING])
def test_visits_are_taken_only_while_the_round_collects(world: World, session: Session, state: RoundState) -> None:
    world.round.state = state
    session.commit()
    with pytest.raises(Conflict):
        send(world)


def test_a_visit_needs_at_least_one_level(world: World, session: Session) -> None:
    with pytest.raises(Invalid):
        send(world, codes=[6])
    assert count(session, Response) == 0


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SUPERVISOR])
def test_nobody_but_a_supervisor_sends_visits(world: World, session: Session, role: Role) -> None:
    person = actor_of(make_account(session, role))
    for act in (
        lambda: visits.area_of(person, "en", TODAY),
        lambda: visits.send_visit(person, "U01", filled(), now=NOON),
        lambda: visits.read_visit(person, "U01", "en", now=NOON),
    ):
        with pytest.raises(Forbidden):
            act()
    assert count(session, Visit) == 0


def test_a_declared_conflict_is_kept_and_takes_the_unit_out_of_her_area(world: World, session: Session) -> None:
    with pytest.raises(Invalid):
        visits.declare_conflict(world.actor, "U01", " ", now=NOON)
    visits.declare_conflict(world.actor, "U01", "My brother works there.", now=NOON)
    kept = session.scalars(select(Assignment)).one()
    assert (kept.state, kept.conflict_reason, kept.account_id) == (
        "conflict",
        "My brother works there.",
        world.supervisor.id,
    )
    area = visits.area_of(world.actor, "en", TODAY)
    assert [unit.code for unit in area.units] == ["U02"]
    assert [str(name) for name in area.conflicts] == ["U01 name (en)"]
    with pytest.raises(Conflict):
        send(world)
    other = actor_of(make_account(session, Role.SUPERVISOR))
    visits.give_term(world.analyst, NewTerm(other.login, TODAY, TODAY), now=NOON)
    visits.send_visit(other, "U01", filled(), now=NOON)


def test_a_round_made_from_this_one_copies_no_conflict_as_a_task(world: World, session: Session) -> None:
    visits.declare_conflict(world.actor, "U01", "A link.", now=NOON)
    new = rounds.NewRound("2026", "round:2025", date(2026, 1, 1), date(2026, 12, 31), {"en": "Next"})
    rounds.create_round(world.analyst, new, now=NOON)
    assert count(session, Assignment) == 1


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
