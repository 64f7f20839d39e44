"""Who rates whom: lists, draws, withdrawals, and who may look at it."""

from collections import Counter
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Account, Assignment, RaterGroup, Role, RoundState
from evalsys.services import pairs
from evalsys.services.access import actor_of
from evalsys.services.pairs import DrawOrder, Withdrawal
from tests.factories import NOW, make_account, make_assignment, make_questionnaire, sign_in
from tests.integration.governing import World, audit_of, make_world
from tests.integration.pairing import URL, draw, last_entry, make_raters, stored
from tests.pages import check_page, get_page, post_form


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session, RoundState.COLLECTING)


@pytest.fixture
def raters(world: World, session: Session) -> list[Account]:
    return make_raters(session, world)


def test_a_list_stores_what_fits_and_names_every_row_that_does_not(
    world: World, raters: list[Account], client: FlaskClient, session: Session
) -> None:
    rows = [
        "rater,unit",
        "a1@example.org,U02",  # 2: fits
        "U03,U01",  # 3: the office's only rater
        "U01,U02",  # 4: two raters
        "nobody@example.org,U02",  # 5
        "a1@example.org,U01",  # 6: her own
        "a2@example.org,U99",  # 7: no such office
        "A1@EXAMPLE.ORG,U02",  # 8: again
        "a2@example.org",  # 9: a cell is missing
        "a2@example.org,U03",  # 10: not of this round
    ]
    sign_in(client, session, world.analyst)
    data = {"rows": "\n".join(rows), "list_act": "preview"}
    page = check_page(client.post(f"{URL}/peers/list", data={**get_page(client, URL).fields("#form"), **data}))
    assert stored(session) == set()
    lines = page.texts("#problems tbody th")
    assert lines == ["4", "5", "6", "7", "8", "9", "10"]
    assert "This office has 2 raters. Name one of them by user name." in page.text
    assert "Nobody rates her own office." in page.text
    assert len(page.select("#fresh tbody tr")) == 2
    sent = {**page.fields("#form"), "list_act": "save"}
    assert sent["rows"].splitlines() == rows
    answer = client.post(f"{URL}/peers/list", data=sent)
    assert answer.status_code == 302
    assert "Stored: 2 new pairs. There already: 0. Rows left out: 7." in get_page(client, URL).text
    assert stored(session) == {("a1", "U02", "upload"), ("c1", "U01", "upload")}
    assert last_entry(session, "assignment.draw").detail["rejected"] == 7


def test_the_same_list_twice_adds_nothing(world: World, raters: list[Account], session: Session) -> None:
    text = "\ufeffunit;rater\nU02;a1@example.org\n\nU01;b1@example.org\n"
    first = pairs.upload_pairs(actor_of(world.analyst), "2025", "peers", text, now=NOW)
    again = pairs.upload_pairs(actor_of(world.analyst), "2025", "peers", text, now=NOW)
    assert (first.added, first.there) == (2, 0)
    assert (again.added, again.there, again.rejected) == (0, 2, 0)
    assert len(stored(session)) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rater,office\na,b", "must name these columns"),
        ("", "must name these columns"),
        ('rater,unit\n"open', "cannot be read as CSV"),
        ("rater,unit\n" + "x,y\n" * 20_001, "1 to 20000 rows"),
        ("rater,unit\n", "1 to 20000 rows"),
    ],
)
def test_what_is_no_list_is_refused_whole(
    world: World, raters: list[Account], session: Session, text: str, message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        pairs.upload_pairs(actor_of(world.analyst), "2025", "peers", text, now=NOW)
    assert stored(session) == set()


def test_a_file_is_read_and_one_that_is_no_text_is_explained(
    world: World, raters: list[Account], client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.analyst)
    fields = get_page(client, URL).fields("#form")
    fields.pop("file", None)
    file = (BytesIO("rater,unit\na1@example.org,U02\n".encode("utf-8-sig")), "pairs.csv")
    page = check_page(client.post(f"{URL}/peers/list", data={**fields, "file": file, "list_act": "preview"}))
    assert page.fields("#form")["rows"] == "rater,unit\na1@example.org,U02"
    broken = (BytesIO(b"rater,unit\n\xff\xfe"), "pairs.csv")
    page = check_page(client.post(f"{URL}/peers/list", data={**fields, "rows": "kept", "file": broken}), 422)
    assert page.select(".error-summary a")[0].get("href") == "#file"
    assert page.fields("#form")["rows"] == "kept"
    check_page(client.post(f"{URL}/peers/list", data={**fields, "rows": ""}), 422)


def test_a_draw_fills_up_what_a_list_began_and_its_seed_repeats_it(
    world: World, raters: list[Account], session: Session
) -> None:
    pairs.upload_pairs(actor_of(world.analyst), "2025", "peers", "rater,unit\na1@example.org,U02", now=NOW)
    done = draw(world, 2)
    first = stored(session)
    assert done.added == 3
    assert Counter(unit for _, unit, _ in first) == {"U01": 2, "U02": 2}
    assert ("a1", "U02", "upload") in first
    loads = Counter(rater for rater, _, _ in first)
    assert max(loads.values()) == 1
    assert last_entry(session, "assignment.draw").detail == {
        "group": "peers",
        "by": "draw",
        "each": 2,
        "seed": "s1",
        "added": 3,
    }
    drawn = session.scalars(select(Assignment.id).where(Assignment.origin == "draw")).all()
    pairs.withdraw_assignments(actor_of(world.analyst), Withdrawal("2025", "peers", drawn, "again"), now=NOW)
    assert len(stored(session)) == 1
    draw(world, 2)
    assert stored(session) == first


def test_an_impossible_wish_is_refused_with_its_numbers(
    world: World, raters: list[Account], client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.analyst)
    page = check_page(post_form(client, f"{URL}/peers", {"each": "4"}, form=f"form[action='{URL}/peers/draw']"), 422)
    assert "2 offices cannot have 4. Office U01 could have 3 at most" in page.text
    assert "Office U02: 3 at most." in page.text
    assert page.fields(f"form[action='{URL}/peers/draw']")["each"] == "4"
    assert stored(session) == set()
    assert audit_of(session, "assignment.draw") == [("assignment.draw", "refused")]


def test_a_declared_conflict_is_neither_counted_nor_drawn_again(
    world: World, raters: list[Account], session: Session
) -> None:
    task = make_assignment(session, world.forms["peers"], raters[2], world.units[0])
    task.state, task.conflict_reason = "conflict", "a link"
    session.commit()
    draw(world, 2)
    of_first = {rater for rater, unit, origin in stored(session) if unit == "U01" and origin == "draw"}
    assert of_first == {"b2", "c1"}


def test_an_open_task_of_somebody_who_left_does_not_count(
    world: World, raters: list[Account], session: Session
) -> None:
    make_assignment(session, world.forms["peers"], raters[2], world.units[0])
    raters[2].is_active = False
    session.commit()
    draw(world, 2)
    assert {rater for rater, unit, _ in stored(session) if unit == "U01"} == {"b1", "b2", "c1"}


def test_only_what_nobody_began_is_taken_back_and_only_with_a_reason(
    world: World, raters: list[Account], client: FlaskClient, session: Session
) -> None:
    draw(world, 1)
    tasks = session.scalars(select(Assignment).order_by(Assignment.id)).all()
    tasks[0].draft = {"q_cooperation": "3"}
    session.commit()
    ids = [task.id for task in tasks]
    analyst = actor_of(world.analyst)
    with pytest.raises(Conflict):
        pairs.withdraw_assignments(analyst, Withdrawal("2025", "peers", ids, "why"), now=NOW)
    with pytest.raises(Invalid):
        pairs.withdraw_assignments(analyst, Withdrawal("2025", "peers", ids[1:], " "), now=NOW)
    with pytest.raises(Invalid):
        pairs.withdraw_assignments(analyst, Withdrawal("2025", "peers", [], "why"), now=NOW)
    assert len(stored(session)) == 2
    sign_in(client, session, world.analyst)
    form = f"form[action='{URL}/peers/withdrawals']"
    page = check_page(post_form(client, f"{URL}/peers", {"pair": str(ids[1])}, form=form), 422)
    assert page.one(f"#pair-{ids[1]}").get("checked") is not None
    assert not page.select(f"#pair-{ids[0]}")
    post_form(client, f"{URL}/peers", {"pair": str(ids[1]), "reason": "no longer works there"}, form=form)
    assert len(stored(session)) == 1
    entry = last_entry(session, "assignment.draw")
    assert (entry.reason, len(entry.detail["pairs"])) == ("no longer works there", 1)


@pytest.mark.parametrize("state", [RoundState.CLOSED, RoundState.DRAFT_RESULTS])
def test_a_round_that_is_over_keeps_its_assignments(
    world: World, raters: list[Account], client: FlaskClient, session: Session, state: RoundState
) -> None:
    world.round.state = state
    session.commit()
    with pytest.raises(Conflict):
        draw(world, 1)
    sign_in(client, session, world.analyst)
    assert not get_page(client, URL).select("main form")


def test_groups_without_assignments_are_not_found(world: World, session: Session) -> None:
    for group in ("citizens", "experts", "nobody"):
        with pytest.raises(NotFound):
            pairs.draw_pairs(actor_of(world.analyst), DrawOrder("2025", group, 1), now=NOW)


def test_any_group_becomes_assigned_by_its_mode_and_a_named_one_asks_experts(world: World, session: Session) -> None:
    expert = make_account(session, Role.EXPERT)
    session.add(RaterGroup(round_id=world.round.id, code="experts", mode="assigned"))
    session.commit()
    pairs.draw_pairs(actor_of(world.analyst), DrawOrder("2025", "experts", 1), now=NOW)
    tasks = session.scalars(select(Assignment)).all()
    assert {(task.account_id, task.is_named) for task in tasks} == {(expert.id, True)}
    assert len(tasks) == 2


def test_a_units_own_form_comes_before_the_general_one(world: World, raters: list[Account], session: Session) -> None:
    asked = [question.indicator for question in world.forms["peers"].questions]
    own = make_questionnaire(session, world.round, "peers", asked, unit=world.units[0])
    draw(world, 1)
    forms = dict(session.execute(select(Assignment.unit_id, Assignment.questionnaire_id)).all())
    assert forms == {world.units[0].id: own.id, world.units[1].id: world.forms["peers"].id}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ANALYST])
def test_nobody_but_an_analyst_changes_assignments(world: World, session: Session, role: Role) -> None:
    person = actor_of(make_account(session, role))
    with pytest.raises(Forbidden):
        pairs.draw_pairs(person, DrawOrder("2025", "peers", 1), now=NOW)
    with pytest.raises(Forbidden):
        pairs.remind_raters(person, "2025", "peers", now=NOW)
    assert audit_of(session, "assignment.draw") == [("assignment.draw", "refused")]
