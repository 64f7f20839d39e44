"""The field-work board: counts against targets, never a figure of an answer."""

import re
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, EvalsysError, Invalid, NotFound
from evalsys.models import Inbox, PaperEntry, Questionnaire, Role, RoundState, Target
from evalsys.services import sealing
from evalsys.services.collection import put_into_box
from evalsys.services.fieldwork import board, targets
from evalsys.services.fieldwork.targets import Aim
from evalsys.services.sealing import Content
from tests.factories import NOW, make_account, make_assignment, make_indicator, make_questionnaire, sign_in
from tests.integration.checking import add_responses
from tests.integration.governing import World, make_world
from tests.pages import get_page, post_form

PAGE = "/en/oversight/rounds/2025/field-work"


def with_districts(session: Session, world: World) -> Questionnaire:
    """A second form of the citizens that also asks for one of four districts."""
    district = make_indicator(session, code="district", points=4)
    asked = [question.indicator for question in world.forms["citizens"].questions]
    return make_questionnaire(session, world.round, "citizens", [*asked, district])


def aim(session: Session, world: World, number: int | None = 10, **over: str) -> None:
    facts = {"group": "citizens", "stratum": "", "unit": "", "option": "", **over}
    targets.set_target(world.actor(world.analyst), "2025", Aim(**facts, number=number), now=NOW)


def test_counts_stand_against_targets_and_no_answer_is_never_a_zero(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    add_responses(session, world.forms["citizens"], world.units[0], [[4, 4]] * 30)
    aim(session, world, 40)
    aim(session, world, 20, stratum="users")
    aim(session, world, 60, unit="U01")
    page = board.board_page(world.actor(world.first), "2025", "en")
    lines = {str(one.line.group): (one.line.number, one.line.target, one.line.percent) for one in page.groups}
    assert lines == {"Citizens": (30, 40, 75), "Peers": (None, None, None), "Experts": (None, None, None)}
    assert next((str(line.part), line.number, line.target) for line in page.strata) == ("users", 30, 20)
    units = {(str(line.part), str(line.group)): (line.number, line.target) for line in page.units}
    assert units["U01 name (en)", "Citizens"] == (30, 60)
    assert units["U02 name (en)", "Citizens"] == (None, None)
    assert sum(day.number for day in page.days) == 30
    assert page.days[-1].height == 100


def test_the_box_is_counted_as_a_number_a_group(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    key = sealing.key_of(world.round.id)
    content = Content(unit_id=world.units[0].id, channel="web", day=date(2025, 6, 1), answers="44")
    for _ in range(3):
        put_into_box(session, world.forms["citizens"].id, "users", content, key)
    session.commit()
    page = board.board_page(world.actor(world.first), "2025", "en")
    assert [one.waiting for one in page.groups] == [3, 0, 0]
    assert len(session.scalars(select(Inbox.ballot)).all()) == 3


def test_a_district_below_its_share_is_flagged_while_the_round_collects(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    form = with_districts(session, world)
    add_responses(session, form, world.units[0], [[4, 4, 1]] * 40 + [[4, 4, 2]] * 30 + [[4, 4, 3]] * 3)
    for level, number in ((1, 100), (2, 100), (3, 50), (4, 50)):
        aim(session, world, number, option=f"district:{level}")
    page = board.board_page(world.actor(world.first), "2025", "en")
    found = [(line.number, line.is_few, line.is_behind) for line in page.options]
    assert found == [(40, False, False), (30, False, False), (3, True, True), (None, False, True)]
    assert page.options[2].percent is None


def test_no_target_may_count_the_levels_of_a_scored_question(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    with_districts(session, world)
    with pytest.raises(Invalid) as refused:
        aim(session, world, option="satisfaction:5")
    assert "counts in the score" in refused.value.problems[0][0]
    for wrong in ("district:5", "district:0", "district", "weather:1", "district:x"):
        with pytest.raises(Invalid):
            aim(session, world, option=wrong)
    for over in ({"group": "dogs"}, {"stratum": "ghosts"}, {"unit": "U99"}):
        with pytest.raises(Invalid):
            aim(session, world, 10, **over)
    assert session.scalars(select(Target.number)).all() == []


def test_a_target_is_changed_taken_away_and_locked_with_the_round(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    aim(session, world, 10)
    aim(session, world, 12)
    assert session.scalars(select(Target.number)).all() == [12]
    session.rollback()
    aim(session, world, None)
    assert session.scalars(select(Target.number)).all() == []
    session.rollback()
    with pytest.raises(NotFound):
        aim(session, world, None)
    world.round.state = RoundState.CLOSED
    session.commit()
    with pytest.raises(Conflict):
        aim(session, world, 5)


def test_a_file_of_targets_is_stored_whole_or_not_at_all(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    analyst = world.actor(world.analyst)
    head = "group,stratum,unit,option,number\n"
    assert targets.load_targets(analyst, "2025", f"\ufeff{head}citizens,,,,50\ncitizens,users,U01,,0\n", now=NOW) == 2
    assert sorted(session.scalars(select(Target.number))) == [0, 50]
    session.rollback()
    wrong = f"{head}citizens,,,,60\ncitizens,,U99,,5\n"
    with pytest.raises(Invalid) as refused:
        targets.load_targets(analyst, "2025", wrong, now=NOW)
    assert refused.value.problems[0][1] == {"line": 3, "column": "unit", "value": "U99"}
    with pytest.raises(Invalid) as refused:
        targets.load_targets(analyst, "2025", f"{head}citizens,,,,60\nx,,,,five\ncitizens,,,,61\nx,,,,1\n", now=NOW)
    said = [(params["line"], params["column"], params["value"]) for _, params in refused.value.problems]
    assert said == [(3, "number", "five"), (4, "", "citizens"), (5, "", "x"), (5, "group", "x")]
    for text in (
        "",
        "group,number\ncitizens,5\n",
        f"{head}citizens,,,,five\n",
        f"{head}citizens,,,,{'9' * 5000}\n",
        head,
    ):
        with pytest.raises(Invalid):
            targets.load_targets(analyst, "2025", text, now=NOW)
    assert sorted(session.scalars(select(Target.number))) == [0, 50]


def test_the_page_takes_targets_one_by_one_and_from_a_file(app: Flask, session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    client = app.test_client()
    sign_in(client, session, world.analyst)
    sent = post_form(client, f"{PAGE}/targets", {"group": "citizens", "number": "٢٥"})
    assert sent.status_code == 302
    wrong = post_form(client, f"{PAGE}/targets", {"group": "citizens", "number": "many"})
    assert wrong.status_code == 422
    assert "many" in wrong.text
    page = get_page(client, f"{PAGE}/targets")
    assert "25" in page.texts("#targets tbody td")
    token = page.fields()["csrf_token"]
    for content, status in ((b"", 422), (b"\xff\xfe", 422), (b"x" * 61_000, 422), (b"group\n", 422)):
        answer = client.post(f"{PAGE}/targets/file", data={"csrf_token": token, "file": (BytesIO(content), "t.csv")})
        assert answer.status_code == status
    good = b"group,stratum,unit,option,number\nexperts,,,,12\n"
    answer = client.post(f"{PAGE}/targets/file", data={"csrf_token": token, "file": (BytesIO(good), "t.csv")})
    assert answer.status_code == 302
    session.rollback()
    assert sorted(session.scalars(select(Target.number))) == [12, 25]


def test_no_page_or_file_of_a_collecting_round_tells_a_score_or_a_distribution(app: Flask, session: Session) -> None:
    """Answers are planted whose mean, score and counts of levels are numbers that occur nowhere else."""
    world = make_world(session, RoundState.COLLECTING)
    form = with_districts(session, world)
    answers = [[5, 4, 1]] * 83 + [[2, 4, 1]] * 71 + [[1, 1, 2]] * 59
    add_responses(session, form, world.units[0], answers, stratum="open", network=9, pace=1)
    aim(session, world, 300, option="district:2")
    secrets = ["83", "71", *_figures([row[0] for row in answers]), *_figures([row[1] for row in answers])]
    client = app.test_client()
    sign_in(client, session, world.analyst)
    quality = "/en/oversight/rounds/2025/quality"
    urls = [PAGE, f"{PAGE}/targets", quality, f"{quality}/flags", f"{quality}/rules", f"{quality}/raters"]
    texts = {url: get_page(client, url).text for url in urls}
    texts["csv"] = client.get(f"{PAGE}/counts.csv").text
    for url, text in texts.items():
        found = [secret for secret in secrets if re.search(rf"(?<![\d.:]){re.escape(secret)}(?![\d.:])", text)]
        assert not found, f"{url} tells {found}"
    assert "213" in texts[PAGE]
    assert "responses" in texts["csv"]


def _figures(levels: list[int]) -> list[str]:
    mean = sum(levels) / len(levels)
    return [f"{mean:.1f}", f"{mean:.2f}", f"{25 * (mean - 1):.1f}", f"{25 * (mean - 1):.2f}"]


def test_tasks_paper_and_reminders_are_counts_and_raters_with_open_tasks(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    expert = make_account(session, Role.EXPERT, name="Open Expert")
    make_assignment(session, world.forms["experts"], expert, world.units[0])
    done = make_assignment(session, world.forms["experts"], make_account(session, Role.EXPERT), world.units[0])
    done.state = "submitted"
    operator = make_account(session, Role.OPERATOR)
    form, unit = world.forms["citizens"].id, world.units[0].id
    paper = {"round_id": world.round.id, "questionnaire_id": form, "unit_id": unit, "first_by": operator.id}
    session.add(PaperEntry(**paper, number="1", created_at=NOW))
    session.commit()
    page = board.board_page(world.actor(world.analyst), "2025", "en")
    (line,) = page.tasks
    assert (line.total, line.open, line.submitted) == (2, 1, 1)
    assert page.paper == {"once": 1}
    assert page.reminders is not None
    assert page.reminders.raters == (("Open Expert", 1),)
    assert board.board_page(world.actor(world.first), "2025", "en").reminders is None


@pytest.mark.parametrize("role", [Role.HEAD, Role.PEER, Role.EXPERT, Role.OPERATOR, Role.SUPERVISOR])
def test_heads_and_raters_have_no_board(session: Session, role: Role) -> None:
    world = make_world(session, RoundState.COLLECTING)
    actor = world.actor(make_account(session, role))
    for look in (lambda: board.board_page(actor, "2025", "en"), lambda: board.board_csv(actor, "2025")):
        with pytest.raises(EvalsysError):
            look()
