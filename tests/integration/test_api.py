"""The interface for programs: it answers what it documents, and refuses what it does not understand."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from evalsys.models import Unit
from evalsys.services.publicapi import answers
from evalsys.services.publicapi.operations import OPERATIONS
from tests.factories import make_service
from tests.pages import get_page
from tests.published import make_published_round

pytestmark = pytest.mark.database("sqlite")  # reads as the public pages do; test_access calls each on PostgreSQL

ROOT = "/api/v1"
PLACES = {"round": "2025", "unit": "U01"}
NOTHING: dict[str, Any] = {}
TYPES: dict[str, Any] = {
    "null": type(None), "string": str, "integer": int, "number": (int, float), "array": list, "object": dict,
}  # fmt: skip
HOSTILE = (
    "lang=xx", "lang=", "lang=en&lang=zh", "page=0", "page=-1", "page=１", "page=1e3", "page=99999999999999999999",
    "per_page=501", "per_page=%00", "page=٣", "q=" + "a" * 101, "q=%00", "q=%ff%fe", "q=%F0%9F%9A%8C", "q='--",
    "q=%27%3B+DROP+TABLE+unit", "page[]=1", "page", "&&&=%", "lang=en%0d%0aX-Evil:1", "q=<script>", "page=1&page=x",
)  # fmt: skip


def problems_with(value: object, schema: dict[str, Any], known: dict[str, Any], place: str = "$") -> list[str]:
    """What of JSON Schema the document uses: references, types, enumerations, objects and lists."""
    if "$ref" in schema:
        return problems_with(value, known[schema["$ref"].rpartition("/")[2]], known, place)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(value, kind) for kind in kinds):
        return [f"{place}: {value!r} is no {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place}: {value!r} is none of {schema['enum']}"]
    if isinstance(value, list):
        inner = schema["items"]
        return [one for at, item in enumerate(value) for one in problems_with(item, inner, known, f"{place}[{at}]")]
    if isinstance(value, dict) and "properties" in schema:
        own = schema["properties"]
        wrong = [f"{place}: {name} is not there" for name in schema["required"] if name not in value]
        wrong += [f"{place}: {name} is not described" for name in value if name not in own]
        known_names = [name for name in value if name in own]
        return wrong + [
            one for name in known_names for one in problems_with(value[name], own[name], known, f"{place}.{name}")
        ]
    return []


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES.get(kind, ()))


def described(client: FlaskClient) -> dict[str, Any]:
    document: dict[str, Any] | None = client.get(f"{ROOT}/openapi.json").json
    assert document is not None
    return document


def test_every_route_is_described_and_every_description_has_a_route(app: Flask, client: FlaskClient) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    routes = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in rules if rule.endpoint != "api.nothing"}
    document = described(client)
    assert document["openapi"] == "3.1.0"
    assert {ROOT + path for path in document["paths"]} == routes
    ids = [call["get"]["operationId"] for call in document["paths"].values()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_every_answer_is_as_it_is_described(client: FlaskClient, session: Session, locale: str) -> None:
    make_published_round(session)
    document = described(client)
    known = document["components"]["schemas"]
    for operation in OPERATIONS:
        path = operation.path.format(**PLACES)
        answer = client.get(f"{ROOT}{path}", query_string={"lang": locale, "q": "U01"})
        assert answer.status_code == 200, path
        assert (answer.content_type, answer.headers["Content-Language"]) == ("application/json", locale)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        said = document["paths"][operation.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert problems_with(answer.json, said, known) == []
        again = client.get(f"{ROOT}{path}?lang={locale}&q=U01", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_the_check_of_answers_finds_what_is_wrong() -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}, "required": ["a"]}
    assert problems_with({"a": None}, schema, NOTHING) == []
    several: tuple[object, ...] = ({}, {"a": "1"}, {"a": True}, {"a": 1, "b": 2}, [])
    for wrong in several:
        assert problems_with(wrong, schema, NOTHING)
    assert problems_with(["x"], {"type": "array", "items": {"type": "string", "enum": ["y"]}}, NOTHING)


def test_an_answer_holds_what_the_card_holds_in_the_language_asked_for(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    card: Any = client.get(f"{ROOT}/rounds/2025/units/U01?lang=ar").json
    assert (card["name"], card["score"], card["band"], card["rank"]) == ("U01 name (ar)", 75.69, "B", 1)
    assert {line["name"] for line in card["indicators"] if line["indicator"] == "trust"} == {"الثقة"}
    hidden: Any = client.get(f"{ROOT}/rounds/2025/units/U21").json
    assert hidden["score"] is None
    citizens = [line for line in hidden["indicators"] if line["group"] == "citizens"]
    assert {(line["score"], line["fine"], line["n"], line["withheld"]) for line in citizens} == {
        (None, None, None, "primary")
    }


def test_offices_are_found_by_their_service(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    make_service(session, session.query(Unit).filter_by(code="U02").all())
    name = str(client.get(f"{ROOT}/units/U02").json["services"][0])  # type: ignore[index]
    found: Any = client.get(f"{ROOT}/services", query_string={"q": name}).json
    assert [one["unit"] for one in found["items"]] == ["U02"]


def test_long_lists_come_in_pages_that_lead_to_one_another(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    seen, address = [], f"{ROOT}/rounds/2025/units?per_page=3&lang=zh"
    while address:
        page: Any = client.get(address).json
        assert (page["total"], page["pages"], page["per_page"]) == (7, 3, 3)
        seen += [one["unit"] for one in page["items"]]
        address = (page["next"] or "").removeprefix("http://127.0.0.1:8000")
    assert seen == sorted(set(seen))
    assert len(seen) == 7
    assert client.get(f"{ROOT}/units?page=9").json["items"] == []  # type: ignore[index]


@pytest.mark.parametrize("query", HOSTILE)
def test_no_question_makes_it_fail(client: FlaskClient, session: Session, query: str) -> None:
    for operation in OPERATIONS:
        answer = client.get(f"{ROOT}{operation.path.format(**PLACES)}?{query}")
        assert answer.status_code in (200, 404, 422), query
        assert "X-Evil" not in answer.headers
        if answer.status_code != 200:
            assert answer.content_type == "application/problem+json"
            assert answer.json["status"] == answer.status_code  # type: ignore[index]


def test_a_refusal_says_everything_that_is_wrong_in_the_language_asked_for(client: FlaskClient) -> None:
    answer = client.get(f"{ROOT}/services?lang=ar&page=x&per_page=0")
    assert (answer.status_code, answer.headers["Content-Language"]) == (422, "ar")
    found: Any = answer.json
    assert problems_with(found, described(client)["components"]["schemas"]["Problem"], NOTHING) == []
    assert (found["language"], len(found["problems"])) == ("ar", 3)
    assert found["title"] == "Unprocessable Entity"
    missing: Any = client.get(f"{ROOT}/rounds/1999").json
    assert missing["detail"] == "There are no published results of this round."


@pytest.mark.parametrize("path", ["/rounds", "/units/U01", "/openapi.json"])
def test_it_only_reads(client: FlaskClient, session: Session, path: str) -> None:
    make_published_round(session)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refused = client.open(f"{ROOT}{path}", method=method, data="{}")
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert refused.content_type == "application/problem+json"
    asked = client.options(f"{ROOT}{path}")
    assert (asked.status_code, asked.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    whole, head = client.get(f"{ROOT}{path}"), client.head(f"{ROOT}{path}")
    assert (head.data, head.headers["ETag"]) == (b"", whole.headers["ETag"])
    assert "Set-Cookie" not in whole.headers
    assert client.get(f"{ROOT}/nothing/here").status_code == client.post(f"{ROOT}/nothing").status_code == 404


def test_without_a_database_it_asks_to_come_back(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    monkeypatch.setattr(answers, "newest_editions", refuse)
    answer = client.get(f"{ROOT}/rounds")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert "the server closed" not in answer.text


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_page_for_people_names_every_call(client: FlaskClient, session: Session, locale: str) -> None:
    page = get_page(client, f"/{locale}/api")
    assert all(f"GET {ROOT}{operation.path}" in page.text for operation in OPERATIONS)
    assert f"{ROOT}/openapi.json" in page.links
