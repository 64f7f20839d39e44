"""Hostile text through every text field that people fill in: refused with a message or cleaned, never passed on.

A new text field is one more line of FIELDS; `person` is who is signed in (tests/integration/hostile.py).
"""

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Assignment, Comment, Response, RoundState
from evalsys.reports import fonts, pdf
from evalsys.services import mixing, printing
from evalsys.services.transfers import exporting
from evalsys.services.transfers.cells import safe_cell
from forms.validators import UnreadableText, clean_name
from tests.factories import NOW, make_service, sign_in
from tests.integration import collecting, governing
from tests.integration.hostile import FEW, FORBIDDEN, REFUSED, TEXTS, Field, problems_of, send, unbalanced
from tests.integration.transferring import rows_in, work_off
from tests.pages import get_page
from tests.pdf.making import text_of
from tests.pdf.samples import normal

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

TASKS = "/en/assignments"
ROUND = {"source": "round:2025", "opens_on": "2026-01-01", "closes_on": "2026-02-01"}
TITLES = {"title_en": "Next", "title_zh": "下一轮", "title_ar": "التالية"}
UPLOAD = "form[enctype]"
DRAFT, THRESHOLDS = "/en/oversight/rounds/2025", "form[action$=thresholds]"
DAY_OFF = {"day": "2026-05-01", "name_en": "May Day", "name_zh": "劳动节", "name_ar": "عيد العمال"}

COLLECTING = (
    Field("guest", "/en/units/U01/rating", "comment", collecting.ANSWERS),
    Field("guest", "/en/units/U01/rating", "nonce", collecting.ANSWERS),
    Field("guest", "/en/units/U01/rating", "q_trust", collecting.ANSWERS),
    Field("guest", "/en/units", "q", is_query=True),
    Field("guest", "/en/units/U01/rating", "via", is_query=True),
    Field("guest", "/en/account/sign-in", "login", {"password": "x"}),
    Field("guest", "/en/account/sign-in", "password", {"login": "nobody@example.org"}),
    Field("peer", f"{TASKS}/{{peer_task}}", "comment", {"act": "save"}),
    Field("peer", f"{TASKS}/{{peer_task}}", "q_cooperation", {"act": "save"}),
    Field("expert", f"{TASKS}/{{expert_task}}", "reason_leadership", {"act": "save", "q_leadership": "5"}),
    Field("expert", f"{TASKS}/{{expert_task}}", "q_leadership", {"act": "save"}),
    Field("expert", f"{TASKS}/{{expert_task}}", "statement", form="form[action$=conflict]"),
    Field("peer", "/en/account/password", "old", {"new": "x" * 20, "repeat": "x" * 20}),
    Field("peer", "/en/account/password", "new", {"old": "x", "repeat": "y"}),
)
GOVERNING = (
    Field("analyst", "/en/oversight/rounds/new", "code", {**ROUND, **TITLES}),
    *(Field("analyst", "/en/oversight/rounds/new", name, {**ROUND, **TITLES, "code": "n"}) for name in TITLES),
    Field("analyst", "/en/oversight/rounds/2025/weights", "reason"),
    Field("board", "/en/oversight/rounds/2025/weights/bounds", "reason"),
    Field("board", "/en/oversight/rounds/2025/weights/bounds", "low-n-score-experience", {"reason": "why"}),
    Field("analyst", "/en/oversight/rounds/2025/weights/fragility", "first", is_query=True),
    Field("analyst", "/en/oversight/rounds/2025/weights/fragility", "version", is_query=True),
    Field("analyst", "/en/oversight/rounds/2025/weights", "w-n-score-experience", {"reason": "why"}),
    *(Field("analyst", f"{DRAFT}/design", name) for name in ("title_ar", "reply_days", "opens_on")),
    *(Field("board", f"{DRAFT}/design", name, form="form[action$=board]") for name in ("quorum", "majority")),
    Field("analyst", f"{DRAFT}/design", "unit-U01", form="form[action$=units]"),
    Field("analyst", f"{DRAFT}/design", "category-U01", form="form[action$=units]"),
    Field("analyst", f"{DRAFT}/design", "reason", {"hidden-peers": "2", "overseer-peers": "9"}, THRESHOLDS),
    Field("analyst", f"{DRAFT}/design", "hidden-peers", {"reason": "why"}, THRESHOLDS),
    Field("analyst", f"{DRAFT}/calendar", "due-closing"),
    Field("analyst", f"{DRAFT}/rules", "title"),
    Field("analyst", "/en/oversight/calendar", "name_ar", DAY_OFF, "form#form"),
    Field("analyst", "/en/oversight/calendar", "day", DAY_OFF, "form#form"),
    Field("analyst", "/en/oversight/rounds/2025/transfers", "respondent", {"form": "-"}, UPLOAD),
    Field("analyst", "/en/oversight/rounds/2025/transfers", "group", {}, "form[action$=exports]"),
    Field("board", "/en/oversight/rounds/2025/proposals/1", "reason", {"decision": "decline"}, "#form"),
    Field("board", "/en/oversight/rounds/2025/proposals/1", "vote_reason", {"vote": "abstain"}, "#vote-form"),
    Field("board", "/en/oversight/rounds/2025/proposals/1", "remark", {}, "#remark-form"),
    Field("board", "/en/oversight/audit", "before", is_query=True),
)


def named(where: Field) -> str:
    return f"{where.path}-{where.name}"


@pytest.mark.parametrize("where", COLLECTING, ids=named)
def test_no_text_of_a_rater_breaks_a_page(app: Flask, session: Session, where: Field) -> None:
    world = collecting.make_world(session)
    people = {"peer": world.peer, "expert": world.expert}
    path = where.path.format(peer_task=world.peer_task.id, expert_task=world.expert_task.id)
    assert broken(app, session, replace(where, path=path), people) == []


@pytest.mark.parametrize("where", GOVERNING, ids=named)
def test_no_text_of_an_overseer_breaks_a_page(app: Flask, session: Session, where: Field) -> None:
    world = governing.make_world(session, RoundState.DRAFT)
    people = {"analyst": world.analyst, "board": world.first}
    assert broken(app, session, where, people) == []


def broken(app: Flask, session: Session, where: Field, people: dict[str, Account]) -> list[str]:
    found: list[str] = []
    opened: dict[str, str] = {}
    client = app.test_client()
    if where.person in people:
        sign_in(client, session, people[where.person])
    for name, text in FEW.items():
        for task in session.scalars(select(Assignment)):
            task.state, task.conflict_reason = "open", ""
        answer = send(client, where, text, opened)
        found += [f"{name}: {problem}" for problem in problems_of(answer)]
        if answer.location and answer.location.startswith("/"):
            found += [f"{name}, then: {problem}" for problem in problems_of(client.get(answer.location))]
        answer.close()
    return found


def test_unreadable_text_is_refused_with_a_message_and_the_rest_is_cleaned(app: Flask, session: Session) -> None:
    collecting.make_world(session)
    where, refused = COLLECTING[0], set()
    for name, text in TEXTS.items():
        client = app.test_client()
        answer = send(client, where, text)
        if answer.status_code == 422:
            refused.add(name)
            assert "There is a problem" in answer.text
        assert problems_of(answer) == [], name
    assert refused == REFUSED


def test_nothing_hostile_leaves_in_a_file(app: Flask, session: Session, tmp_path: Path) -> None:
    world = collecting_closed(app, session)
    actor = world.actor(world.analyst)
    comments = 0
    for kind in exporting.FORMATS:
        number = exporting.request_export(actor, "2025", exporting.Wish(format=kind, comments=True), now=NOW)
        work_off(f"transfer-{number}")
        path = exporting.take_export(actor, "2025", number, now=NOW)[0]
        for name, text in cells_of(path, tmp_path):
            assert not FORBIDDEN.search(text), (kind, name, text)
            assert not unbalanced(text), (kind, name, text)
            assert text == safe_cell(text), (kind, name, text)
        comments += len(rows_in(path, "comments.csv"))
    assert comments > 30


def collecting_closed(app: Flask, session: Session) -> governing.World:
    """A closed round with a comment of every text that the citizens' form let through."""
    world = governing.make_world(session, RoundState.COLLECTING)
    make_service(session, world.units)
    answers = {"q_satisfaction": "4", "q_trust": "na"}
    for text in TEXTS.values():
        send(app.test_client(), Field("guest", "/en/units/U01/rating", "comment", answers), text).close()
    mixing.mix("2025")
    session.expire_all()
    world.round.state = RoundState.CLOSED
    # What came in before texts were cleaned, or by another way than a form.
    response = session.scalars(select(Response.id)).first()
    for number, text in enumerate(TEXTS.values()):
        storable = text.replace("\x00", "").encode("utf-8", "ignore").decode()
        session.add(Comment(id=f"{number:032x}", response_id=response, text=storable, state="received"))
    session.commit()
    return world


def cells_of(path: Path, folder: Path) -> list[tuple[str, str]]:
    """Every text of every file of an export, with the name of the file."""
    found: list[tuple[str, str]] = []
    rows: list[list[Any]]
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            made = Path(archive.extract(name, folder))
            if name.endswith(".csv"):
                rows = list(csv.reader(io.StringIO(made.read_text("utf-8-sig"), newline="")))
            elif name.endswith(".xlsx"):
                book = openpyxl.load_workbook(made)
                rows = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
                assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
            else:
                rows = [list(row.values()) for row in pq.read_table(made).to_pylist()]
            found += [(name, "" if cell is None else str(cell)) for row in rows for cell in row]
    return found


def test_hostile_cells_of_an_import_are_named_safely(client: FlaskClient, session: Session) -> None:
    world = governing.make_world(session, RoundState.COLLECTING)
    sign_in(client, session, world.analyst)
    place = "/en/oversight/rounds/2025/transfers"
    page = get_page(client, place)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["respondent", "unit", "stratum", "channel", "satisfaction", "trust"])
    for text in TEXTS.values():
        for column in range(6):
            row = ["p1", "U01", "users", "web", "1", "1"]
            row[column] = text
            writer.writerow(row)
    content = out.getvalue().encode("utf-8", "replace")
    form = {**page.fields(UPLOAD), "form": world.forms["citizens"].code, "channel": "-"}
    name = "=cmd|\u202e<script>.csv"
    sent = client.post(f"{place}/imports", data={**form, "answers": (io.BytesIO(content), name)})
    number = sent.location.rsplit("/", 1)[1]
    assert problems_of(client.get(sent.location)) == []
    client.post(f"{sent.location}/acts", data={"csrf_token": form["csrf_token"], "act": "start"})
    work_off(f"transfer-{number}")
    for path in (sent.location, place, "/en/oversight/rounds/2025"):
        assert problems_of(client.get(path)) == []
    answer = client.get(f"{sent.location}/rejected.csv")
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    answer.close()
    assert len(rows) > 100
    assert [cell for row in rows for cell in row if FORBIDDEN.search(cell) or cell != safe_cell(cell)] == []


def test_hostile_names_do_no_harm_in_a_pdf(app: Flask, session: Session) -> None:
    names = []
    for text in TEXTS.values():
        try:
            names.append(clean_name(text)[:120])
        except UnreadableText:
            continue
    card = replace(normal("en"), unit_name=" ".join(names)[:600], round_title=names[-1])
    with pytest.raises(pdf.MissingGlyph, match="RAINBOW"):
        printing.render(card)
    drawn = replace(card, unit_name=fonts.within(card.unit_name), round_title=fonts.within(card.round_title))
    shown = text_of(printing.render(drawn))
    assert not FORBIDDEN.search(shown.replace("\f", ""))
    assert "<script>alert(1)</script>" in shown.replace("\n", "")
