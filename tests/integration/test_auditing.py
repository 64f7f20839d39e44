"""What auditors check: raw answers by lot, runs done again, and who looked."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid
from evalsys.i18n import LOCALES
from evalsys.models import Account, AuditEntry, Response, Role, RoundState
from evalsys.services import rounds
from evalsys.services.access import actor_of
from evalsys.services.auditing.sampling import Sample, Wish, draw_sample
from tests.factories import NOW, make_account, sign_in
from tests.integration.governing import World, add_answers, make_world
from tests.pages import check_page, get_page, post_form


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session, RoundState.QUALITY_CONTROL)
    add_answers(session, made.forms["citizens"], made.units[0], [[5, 4], [1, 0], [3, 6]] * 5)
    add_answers(session, made.forms["peers"], made.units[1], [[2], [3]])
    return made


def auditor(session: Session) -> Account:
    return make_account(session, Role.AUDITOR)


def draw(session: Session, size: int = 10, seed: int = 7) -> Sample:
    return draw_sample(actor_of(auditor(session)), "2025", Wish(size, seed), "en", now=NOW)


def test_the_same_number_draws_the_same_answers_and_another_number_others(session: Session, world: World) -> None:
    first, again, other = draw(session), draw(session), draw(session, seed=8)
    assert first == again
    assert first.digest != other.digest
    assert (first.total, len(first.rows)) == (17, 10)


def test_a_whole_sample_holds_every_answer_as_it_is_stored(session: Session, world: World) -> None:
    found = [
        (str(row.unit), str(row.group), row.stratum.text, [answer for _name, answer in row.answers])
        for row in draw(session, size=100).rows
    ]
    assert len(found) == session.scalar(select(func.count()).select_from(Response))
    assert found.count(("U01 name (en)", "Citizens", "users", ["5", "4"])) == 5
    assert found.count(("U01 name (en)", "Citizens", "users", ["1", "not_answered"])) == 5
    assert found.count(("U01 name (en)", "Citizens", "users", ["3", "no_basis"])) == 5
    assert found.count(("U02 name (en)", "Peers", "all", ["2"])) == 1


def test_a_draw_is_on_record_with_its_number_and_no_answer(session: Session, world: World) -> None:
    drawn = draw(session)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "sample.draw")).one()
    assert entry.detail == {"size": 10, "seed": 7, "of": 17, "digest": drawn.digest}


@pytest.mark.parametrize("wish", [Wish(0, 1), Wish(101, 1), Wish(5, -1), Wish(5, 10**9)])
def test_a_draw_that_cannot_be_is_refused(session: Session, world: World, wish: Wish) -> None:
    with pytest.raises(Invalid):
        draw_sample(actor_of(auditor(session)), "2025", wish, "en", now=NOW)


def test_nobody_but_an_auditor_draws_and_nobody_while_the_round_collects(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    add_answers(session, world.forms["citizens"], world.units[0], [[5, 4]] * 3)
    with pytest.raises(Conflict):
        draw(session)
    rounds.close_round(world.actor(world.analyst), "2025", now=NOW)
    assert draw(session).total == 3
    with pytest.raises(Forbidden):
        draw_sample(world.actor(world.analyst), "2025", Wish(1, 1), "en", now=NOW)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("locale", LOCALES)
def test_an_auditor_goes_from_the_desk_to_a_sample(
    client: FlaskClient, session: Session, world: World, locale: str
) -> None:
    sign_in(client, session, auditor(session))
    assert "2025" in get_page(client, f"/{locale}/oversight/auditing").text
    address = f"/{locale}/oversight/auditing/2025/sample"
    assert get_page(client, address).fields("#form")["size"] == "20"
    assert check_page(post_form(client, address, {"size": "500", "seed": ""}, "#form"), 422).select(".error-summary")
    page = check_page(post_form(client, address, {"size": "3", "seed": "٧"}, "#form"))
    assert len(page.select("#sample tbody tr")) == 3
    assert page.fields("#form")["seed"] == "٧"


@pytest.mark.database("sqlite")
def test_the_log_is_filtered_by_kind_person_and_subject(client: FlaskClient, session: Session, world: World) -> None:
    drawn = draw(session)
    with pytest.raises(Forbidden):
        rounds.close_round(world.actor(world.first), "2025", now=NOW)
    sign_in(client, session, auditor(session))
    everything = get_page(client, "/en/oversight/audit")
    assert len(everything.select("#audit tbody tr")) == 2
    access = get_page(client, "/en/oversight/audit?kind=access")
    assert drawn.digest[:12] in access.text
    assert len(access.select("#audit tbody tr")) == 1
    refused = get_page(client, f"/en/oversight/audit?kind=refused&actor={world.first.login}&subject=round:2025")
    assert len(refused.select("#audit tbody tr")) == 1
    assert not get_page(client, "/en/oversight/audit?actor=nobody").select("#audit")
    assert len(get_page(client, "/en/oversight/audit?kind=nonsense").select("#audit tbody tr")) == 2
