"""Hostile cells, headings and names of the files that staff hand in: refused with a message or cleaned."""

import csv
import io
import json
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import RoundState
from tests.factories import sign_in
from tests.integration import governing
from tests.integration.hostile import FORBIDDEN, TEXTS, problems_of
from tests.integration.inviting import drain, make_list_world
from tests.pages import get_page

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

ROUND = "/en/oversight/rounds/2025"
LISTS = {
    "/en/oversight/places": ("code", "unit", "service", "name_en", "name_zh", "name_ar"),
    f"{ROUND}/figures": ("unit", "indicator", "period", "value", "measure", "source"),
}
SOME = (
    "NUL",
    "lone high surrogate",
    "override",
    "closing isolates",
    "C1 control",
    "noncharacters",
    "placeholder",
    "script",
)
SIGNS = {name: TEXTS[name] for name in SOME}
NAME = "=cmd|\u202e<script>\x07.csv"


def files_of(header: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Each text in each cell, and in the place of each heading."""
    good = {"unit": "U01", "code": "P1", "service": "", "value": "1"}
    for name, text in SIGNS.items():
        for place, column in enumerate(header):
            row, top = [good.get(one, "words") for one in header], list(header)
            row[place] = text
            yield f"{name} in {column}", _written([header, row])
            top[place] = text
            yield f"{name} over {column}", _written([top, [good.get(one, "words") for one in header]])
        yield f"{name} as a further column", _written([[*header, text], [*(good.get(one, "w") for one in header), "1"]])


@pytest.mark.parametrize("path", LISTS)
def test_no_cell_and_no_heading_breaks_a_page(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    world = governing.make_world(session, RoundState.APPROVED)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client = app.test_client()
    sign_in(client, session, world.analyst)
    assert _broken(client, path, files_of(LISTS[path])) == []


def test_no_questionnaire_breaks_a_page(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    world = governing.make_world(session, RoundState.DRAFT)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client = app.test_client()
    sign_in(client, session, world.analyst)
    place = f"{ROUND}/questionnaires/{world.forms['citizens'].code}"
    stored = json.loads(client.get(f"{place}/file.json").text)
    found = []
    for name, text in SIGNS.items():
        for made in (
            {**stored, text: 1},
            {**stored, "sections": text},
            {**stored, "sections": [{text: text}]},
            {
                **stored,
                "sections": [{**one, "title": {"en": text, "zh": text, "ar": text}} for one in stored["sections"]],
            },
            {**stored, "group": text, "promise": text},
        ):
            for content in (json.dumps(made), json.dumps(made, ensure_ascii=False)):
                sent = {"content": content.encode("utf-8", "replace"), "version": "1"}
                answer = client.post(f"{place}/import", data=sent)
                found += [(name, one) for one in problems_of(answer)]
    found += [("page", one) for one in problems_of(client.get(place))]
    assert found == []


def test_no_list_of_people_breaks_a_page(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_list_world(session)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client = app.test_client()
    sign_in(client, session, world.analyst)
    header = ("identifier", "stratum", "language", "name", "address_1")
    rows = [[text if one == place else "x" for one in range(5)] for text in SIGNS.values() for place in range(5)]
    contents = [_written([header, *rows]), *(_written([[*header, text], ["x"] * 6]) for text in SIGNS.values())]
    for content in contents:
        sent = {"group": "citizens", "channel": "letter", "file": (io.BytesIO(content), NAME)}
        answer = client.post(f"{ROUND}/list/new", data=sent)
        assert answer.status_code == 302, answer.text
        drain()
        assert problems_of(client.get(answer.location)) == []
        rejected = client.get(f"{answer.location}/rejected.csv")
        if rejected.status_code == 200:
            assert not FORBIDDEN.search(rejected.text)
        rejected.close()
    assert problems_of(client.get("/en/oversight/audit")) == []


def _broken(client: FlaskClient, path: str, files: Iterator[tuple[str, bytes]]) -> list[str]:
    found = []
    for name, content in files:
        answer = client.post(path, data={"file": (io.BytesIO(content), NAME)})
        found += [f"{name}: {one}" for one in problems_of(answer)]
        if answer.location:
            found += [f"{name}, then: {one}" for one in problems_of(client.get(answer.location))]
    return found


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


@pytest.mark.parametrize("digits", [20, 5000])
def test_a_version_of_many_digits_is_refused(app: Flask, session: Session, digits: int) -> None:
    world = governing.make_world(session, RoundState.DRAFT)
    client = app.test_client()
    sign_in(client, session, world.analyst)
    place = f"{ROUND}/questionnaires/{world.forms['citizens'].code}/sections/0"
    fields = get_page(client, place).fields()
    assert "version" in fields
    assert client.post(place, data={**fields, "version": "9" * digits}).status_code < 500
