"""Hostile text through everything that people type into sheets, comments and polls: no crash, and nothing passed on."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.models import ConsultationComment
from evalsys.services import rounds
from evalsys.services.consultations import acts, sending
from tests.conftest import SECRET
from tests.factories import sign_in
from tests.integration.acts_asking import add_consultation, add_question
from tests.integration.governing import make_world
from tests.integration.hostile import FEW, Field, problems_of, send

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

PUBLIC = "/en/consultations/2025"
ROUND = "/en/oversight/rounds/2025"
POLL = {
    **{f"i-n-{part}": "5" for part in ("experience", "cooperation", "leadership")},
    **{f"i-g-{group}": "7" for group in ("citizens", "peers", "experts")},
}
SHEET = {"p-experience": "50", "p-cooperation": "20", "p-leadership": "30"}
FIELDS = (
    Field("guest", f"{PUBLIC}/comment", "text"),
    Field("guest", f"{PUBLIC}/comment", "topic", {"text": "words"}),
    Field("guest", f"{PUBLIC}/comment", "puzzle", {"text": "words"}),
    Field("guest", f"{PUBLIC}/comment", "nonce", {"text": "words"}),
    Field("guest", f"{PUBLIC}/comment", "topic", is_query=True),
    Field("guest", f"{PUBLIC}/poll", "i-n-experience", POLL),
    Field("analyst", f"{ROUND}/consultation/comments/{{comment}}", "answer", form="#form"),
    Field("analyst", f"{ROUND}/consultation/comments/{{comment}}", "decision", form="#judge"),
    Field("analyst", "/en/oversight/rounds/2026/consultation", "ends_on", form="#form"),
    Field("board", f"{ROUND}/elicitations", "family", {"method": "budget"}),
    Field("board", f"{ROUND}/elicitations", "method", {"family": "n-score"}),
    Field("board", f"{ROUND}/elicitations/{{budget}}/answer", "p-experience", SHEET),
    Field("board", f"{ROUND}/elicitations/{{budget}}/answer", "p-experience", is_query=True),
    Field("board", f"{ROUND}/elicitations/{{ahp}}/answer", "c-experience-leadership"),
    Field("board", f"{ROUND}/weights", "w-n-score-experience", is_query=True),
    Field("board", f"{ROUND}/weights", "reason", is_query=True),
)


def test_no_text_of_anybody_breaks_a_page(app: Flask, session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, utc_now().date())
    nonce = sending.new_form_number(number, SECRET, utc_now())
    posted = sending.Posted(number, nonce, lambda _session: None)
    sending.send_comment(posted, sending.Comment("", "words"), secret=SECRET, now=utc_now())
    (comment,) = session.scalars(select(ConsultationComment.id))
    acts.judge_comment(world.actor(world.analyst), "2025", acts.Verdict(comment), now=utc_now())
    period = world.round.period_start, world.round.period_end
    next_round = rounds.NewRound("2026", "round:2025", *period, {"en": "Next"})
    rounds.create_round(world.actor(world.analyst), next_round, now=utc_now())
    asked = {name: add_question(session, world, name) for name in ("budget", "ahp")}
    clients = {name: app.test_client() for name in ("guest", "analyst", "board")}
    for name, account in (("analyst", world.analyst), ("board", world.first)):
        sign_in(clients[name], session, account)
    found = []
    for field in FIELDS:
        path = field.path.format(comment=comment, **asked)
        where = Field(field.person, path, field.name, field.others, field.form, field.is_query)
        found += broken(clients[field.person], where)
    assert not found, "\n".join(found)


def broken(client: FlaskClient, where: Field) -> list[str]:
    """What is wrong with the answers, and with the pages to which they lead."""
    found = []
    for name, text in FEW.items():
        answer = send(client, where, text)
        found += [f"{where.path} {where.name} {name}: {one}" for one in problems_of(answer)]
        if answer.location and answer.location.startswith("/"):
            after = client.get(answer.location)
            found += [f"{where.path} {where.name} {name}, then: {one}" for one in problems_of(after)]
        answer.close()
    return found
