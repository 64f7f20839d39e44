"""Records as canonical JSON and back: sorted keys, no blanks, every number as fixed-point text.

A field that was added after records had been stored is written only where it differs from its default, so that what
was stored before still reads, and keeps its bytes and its digest.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache

T = typing.TypeVar("T")
Json = None | str | list["Json"] | dict[str, "Json"]
ADDED = {"is_added": True}
"""The metadata of a field that older records do not have."""


def canonical_text(value: object) -> str:
    """The one JSON text of a record."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_record(kind: type[T], data: bytes | str) -> T:
    """The record that `canonical_text` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    return _record(kind, json.loads(data))


def _plain(value: object) -> Json:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in _written(value)}
    return str(value)


def _written(record: object) -> list["dataclasses.Field[object]"]:
    fields = dataclasses.fields(typing.cast(typing.Any, record))
    return [field for field in fields if not field.metadata or getattr(record, field.name) != field.default]


def _record(kind: type[T], row: Mapping[str, Json]) -> T:
    hints = _hints(typing.cast(typing.Hashable, kind))
    return kind(**{name: _value(hints[name], item) for name, item in row.items()})


@cache
def _hints(kind: typing.Hashable) -> Mapping[str, typing.Any]:
    """The types of a record's fields; looking them up is most of the cost of reading a card."""
    return typing.get_type_hints(typing.cast(type, kind))


def _value(kind: typing.Any, item: Json) -> object:
    if item is None:
        return None
    if isinstance(kind, types.UnionType):
        return _value(next(part for part in kind.__args__ if part is not type(None)), item)
    if typing.get_origin(kind) is tuple:
        return tuple(_value(kind.__args__[0], part) for part in item)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and isinstance(item, dict):
        return _record(kind, item)
    return _READERS[kind](item)


_READERS: Mapping[object, typing.Callable[[typing.Any], object]] = {
    str: str,
    int: int,
    Decimal: Decimal,
    date: date.fromisoformat,
    bool: lambda text: text == "yes",
}
