"""The scheme in a file."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from scoring.frames import InputError
from scoring.scheme import Scheme, parse_scheme

READERS: dict[str, Callable[[str], object]] = {".toml": tomllib.loads, ".json": json.loads}


def read_scheme(path: Path) -> Scheme:
    """The scheme in a TOML or JSON file; the file of a preset keeps it in its table ``scheme``.

    Raises:
        InputError: when the file is neither.
        SchemeError: with everything wrong in the scheme.
        OSError: when the file cannot be read.
    """
    if path.suffix not in READERS:
        raise InputError(f"{path}: a scheme is a .toml or a .json file")
    try:
        mapping = READERS[path.suffix](path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {error}") from error
    if isinstance(mapping, Mapping):
        mapping = mapping.get("scheme", mapping)
    if not isinstance(mapping, Mapping):
        raise InputError(f"{path}: a scheme is a mapping of names to values")
    scheme = parse_scheme(mapping)
    try:
        scheme.canonical().encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{path}: a code holds half a character: {error}") from error
    return scheme
