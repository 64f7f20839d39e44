"""What a run reads besides the answers, and what it leaves behind: every stage's table and where it comes from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from scoring.frames import COLUMNS

READ: Final[Mapping[str, tuple[str, ...]]] = {
    "figures": ("unit", "indicator", "period", "value"),
    "panels": ("unit", "group", "indicator", "rater", "value"),
    "adjustments": ("unit", "kind", "code", "points", "source", "reason"),
}
"""The columns that a run reads of each frame beside the answers; a figure may be without a period."""
NUMBERS: Final = ("value", "points")


@dataclass(frozen=True)
class Supplement:
    """What is read besides the tallied answers, each a frame or None.

    ``figures``: administrative indicators (unit, indicator, value, optionally period). ``panels``: ratings with their
    raters (unit, group, indicator, rater, value in codes), for groups whose severity is adjusted. ``adjustments``:
    findings (unit, kind, code, points, source, reason).
    """

    figures: pd.DataFrame | None = None
    panels: pd.DataFrame | None = None
    adjustments: pd.DataFrame | None = None

    def given(self) -> pd.DataFrame:
        """The administrative figures; without them a frame that has the columns and no row."""
        columns = {"unit": "str", "indicator": "str", "value": "float64"}
        return pd.DataFrame(columns=list(columns)).astype(columns) if self.figures is None else self.figures

    def texts(self) -> dict[str, list[list[str]]]:
        """Every row that a run reads as text, in an order that does not depend on theirs; frames without rows are out.

        Missing is "", and a number has one text, whether it came as 5 or as 5.0.

        >>> rows = {"unit": ["U2", "U1"], "indicator": "waste", "value": [5, 7], "note": "not read"}
        >>> Supplement(figures=pd.DataFrame(rows), panels=pd.DataFrame()).texts()
        {'figures': [['U1', 'waste', '', '7.0'], ['U2', 'waste', '', '5.0']]}
        """
        frames = {name: getattr(self, name) for name in READ}
        return {name: sorted(_texts(frame, READ[name])) for name, frame in frames.items() if not _is_empty(frame)}


@dataclass(frozen=True)
class Result:
    """A finished run: who made it from what, and the table of every stage."""

    scheme_digest: str
    input_digest: str
    engine_version: str
    seed: int
    stages: Mapping[str, pd.DataFrame]

    def to_json(self) -> bytes:
        """Canonical JSON: the same bytes for the same input, in whatever order its rows came."""
        stages = {name: {column: _plain(table[column]) for column in table} for name, table in self.stages.items()}
        content = {
            "scheme_digest": self.scheme_digest,
            "input_digest": self.input_digest,
            "engine_version": self.engine_version,
            "seed": self.seed,
            "stages": stages,
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON, hexadecimal."""
        return hashlib.sha256(self.to_json()).hexdigest()

    @classmethod
    def from_json(cls, content: bytes) -> "Result":
        """The result that was stored; one of an older engine has the tables and columns of its time."""
        stored = json.loads(content)
        stages = {name: _table(name, columns) for name, columns in stored["stages"].items()}
        kept = {name: stored[name] for name in ("scheme_digest", "input_digest", "engine_version", "seed")}
        return cls(stages=stages, **kept)


def _is_empty(frame: pd.DataFrame | None) -> bool:
    return frame is None or frame.empty


def _texts(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[list[str]]:
    texts = [_text(frame[name], name in NUMBERS) if name in frame else [""] * len(frame) for name in columns]
    return [list(row) for row in zip(*texts, strict=True)]


def _text(column: pd.Series, is_number: bool) -> list[str]:
    shown = pd.to_numeric(column, errors="coerce").astype("float64") if is_number else column
    shown = shown.astype(object).where(shown.notna(), column)
    return ["" if pd.isna(value) else str(value) for value in shown]


def _plain(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]


def _table(name: str, columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    kinds = {column: kind for column, kind in COLUMNS[name].items() if column in columns}
    return pd.DataFrame({column: pd.Series(columns[column], dtype=kind) for column, kind in kinds.items()})
