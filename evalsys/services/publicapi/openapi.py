"""The description of the interface in OpenAPI 3.1, made from the table of calls and the shapes of their answers."""

import re
from typing import Any

import flask_babel
from flask import current_app

from evalsys import __version__
from evalsys.i18n import DEFAULT_LOCALE, LOCALES
from evalsys.services.content import body_name
from evalsys.services.opendata.columns import DAY, FLAG, NUMBER, TEXT, WHOLE, Column
from evalsys.services.publicapi.answers import ROOT
from evalsys.services.publicapi.operations import LONGEST_QUERY, MOST_PER_PAGE, OPERATIONS, PER_PAGE, Operation
from evalsys.services.publicapi.shapes import TEXTS, Shape

Json = dict[str, Any]
TYPES: dict[str, Json] = {
    TEXT: {"type": "string"},
    WHOLE: {"type": ["integer", "null"]},
    NUMBER: {"type": ["number", "null"]},
    FLAG: {"type": ["boolean", "null"]},
    DAY: {"type": ["string", "null"], "format": "date"},
    TEXTS: {"type": "array", "items": {"type": "string"}},
}
PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "language": {"type": "string", "enum": list(LOCALES)},
        "problems": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["type", "title", "status", "language"],
    "additionalProperties": False,
}
LANGUAGE: Json = {
    "name": "lang",
    "in": "query",
    "description": "Language of names and messages",
    "schema": {"type": "string", "enum": list(LOCALES), "default": DEFAULT_LOCALE},
}
PAGING: tuple[Json, ...] = (
    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}},
    {
        "name": "per_page",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
    },
)
WORDS: Json = {
    "name": "q",
    "in": "query",
    "required": True,
    "description": "Words in any of the languages",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY},
}


def openapi() -> Json:
    """The whole document, in English."""
    config = current_app.config["EVALSYS"]
    with flask_babel.force_locale(DEFAULT_LOCALE):
        return {
            "openapi": "3.1.0",
            "info": {
                "title": f"{body_name(DEFAULT_LOCALE, config.body_name)}: published results",
                "version": __version__,
                "description": "Read-only. Everything comes from published scorecards; what is withheld is null.",
                "license": {"name": "Licence of the data", "url": config.data_licence},
            },
            "servers": [{"url": f"{config.public_url}{ROOT}"}],
            "paths": {**{one.path: {"get": _call(one)} for one in OPERATIONS}, "/openapi.json": {"get": _own_call()}},
            "components": {"schemas": {**_schemas(), "Problem": PROBLEM}},
        }


def answer_schema(operation: Operation) -> Json:
    """The schema of what a call answers."""
    one = {"$ref": f"#/components/schemas/{operation.shape.name}"}
    if not operation.is_list:
        return one
    numbers: Json = {name: {"type": "integer"} for name in ("page", "per_page", "pages", "total")}
    own: Json = {"items": {"type": "array", "items": one}, **numbers, "next": {"type": ["string", "null"]}}
    return {"type": "object", "properties": own, "required": list(own), "additionalProperties": False}


def _call(operation: Operation) -> Json:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    parameters = [*in_path, LANGUAGE, *(PAGING if operation.is_list else ()), *([WORDS] if operation.is_search else [])]
    refused = [("404", "Not found, or not published")] if in_path else []
    refused += [("410", "It was published, and withdrawn")] if operation.may_be_gone else []
    return {
        "operationId": operation.name,
        "summary": str(flask_babel.gettext(operation.summary)),
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer", "content": {"application/json": {"schema": answer_schema(operation)}}},
            **{status: _problem(said) for status, said in [*refused, ("422", "The question cannot be understood")]},
        },
    }


def _own_call() -> Json:
    document = {"description": "This document", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": "openapi", "summary": "This document", "responses": {"200": document}}


def _problem(said: str) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": said, "content": {"application/problem+json": {"schema": schema}}}


def _schemas() -> dict[str, Json]:
    found: dict[str, Json] = {}
    for operation in OPERATIONS:
        _add(operation.shape, found)
    return found


def _add(shape: Shape, found: dict[str, Json]) -> None:
    own: Json = {column.name: _value(column) for column in shape.columns}
    for name, part in shape.parts:
        _add(part, found)
        own[name] = {"type": "array", "items": {"$ref": f"#/components/schemas/{part.name}"}}
    found[shape.name] = {"type": "object", "properties": own, "required": list(own), "additionalProperties": False}


def _value(column: Column) -> Json:
    meaning = str(flask_babel.gettext(column.meaning))
    described = f"{meaning} ({column.measure})" if column.measure else meaning
    limits = {"enum": list(column.allowed)} if column.kind == TEXT and column.allowed else {}
    return {**TYPES[column.kind], **limits, "description": described}
