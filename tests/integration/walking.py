"""Everything that anybody may fetch, address by address, and what is said there, unpacked."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pyarrow.parquet as pq
from flask import Flask

PUBLIC = ("public", "root", "feeds", "data", "api", "verification", "verification_root", "consultations")
"""The blueprints that are for everybody; what needs an account, a kiosk or an invitation is not among them."""

KNOWN: Mapping[str, Sequence[str]] = {
    "locale": ("en",),
    "code": ("U01", "U02"),
    "unit": ("U01", "U02"),
    "round_code": ("2025",),
    "round": ("2025",),
    "number": ("1", "2"),
    "kind": ("svg",),
    "chart_code": ("result", "indicators"),
    "name": ("scores.csv", "indicators.json", "nodes.parquet", "README.txt"),
    "rest": ("nothing",),
    "reference": ("RCC-2025-U01",),
    "digits": ("0123456789abcdef",),
    "digest": ("00",),
    "token": ("none",),
    "receipt": ("none",),
    "secret": ("none",),
}
CHANGING = re.compile(rb'nonce-[\w+/=-]+|nonce="[^"]*"|name="csrf_token"[^>]*>|name="puzzle[^>]*>')
"""What differs each time that a page is fetched."""


@dataclass(frozen=True)
class Answer:
    """What came back from one address; `text` is unpacked, without what changes each time."""

    endpoint: str
    status: int
    text: str


def walk(app: Flask, **more: Sequence[str]) -> dict[str, Answer]:
    """Every public address with its answer; `more` are values of parts of addresses, instead of the usual ones."""
    client, found = app.test_client(), {}
    for endpoint, address in _addresses(app, {**KNOWN, **more}):
        answer = client.get(address)
        found[address] = Answer(endpoint, answer.status_code, _text(answer.data))
    return found


def _addresses(app: Flask, known: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    adapter = app.url_map.bind("127.0.0.1:8000")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint.split(".")[0] in PUBLIC:
            names = sorted(rule.arguments - set(rule.defaults or ()))
            for values in product(*(known[name] for name in names)):
                yield rule.endpoint, adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))


def _text(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "\n".join(_text(packed.read(name)) for name in packed.namelist())
    if data.startswith(b"PAR1"):
        return str(pq.read_table(io.BytesIO(data)).to_pylist())
    return CHANGING.sub(b"", data).decode(errors="replace")
