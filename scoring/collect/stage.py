"""Tallied cells of all forms as frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.collect.forms import Form
from scoring.frames import Block, Integers, need

CELL_COLUMNS = ("unit", "form", "stratum", "n", "counts", "moments")
ANSWER_COLUMNS = (
    "unit", "group", "stratum", "indicator", "points", "valid", "level_sum", "level_squares", "top", "bottom",
    "dont_know", "not_applicable", "blank",
)  # fmt: skip


@dataclass(frozen=True)
class Collected:
    """All cells of a round as frames.

    ``people``: responses a cell. ``answers``: one row a cell and question, with the sums of its levels. ``levels``:
    how often each level was chosen, ``row`` pointing into ``answers``. ``blocks``: cross-moments a form.
    ``problems``: what was refused.
    """

    people: pd.DataFrame
    answers: pd.DataFrame
    levels: pd.DataFrame
    blocks: tuple[Block, ...]
    problems: pd.DataFrame


def collect(cells: pd.DataFrame, forms: Mapping[str, Form]) -> Collected:
    """Read the stored cells of all forms; their order does not matter.

    ``cells`` has the columns unit, form, stratum, n, counts, moments. A cell of an unknown form, or one whose blobs
    have not the size its form asks for, becomes a row in ``problems``. ``answers`` has no rows for the questions that a
    form marks as unscored; its index has a gap there.
    """
    need(cells, "cells", CELL_COLUMNS)
    cells = cells.sort_values(["form", "unit", "stratum", "n", "counts", "moments"]).reset_index(drop=True)
    known = cells["form"].isin(list(forms))
    sized = known & _fits(cells, forms)
    problems = pd.concat([_refused(cells[~known], "unknown_form"), _refused(cells[known & ~sized], "cell_malformed")])
    stacks = [(forms[str(code)], part) for code, part in cells[sized].groupby("form", sort=True)]
    people = [_people(form, part) for form, part in stacks]
    counts = [_counts(form, part) for form, part in stacks]
    answers = [_answers(form, part, table) for (form, part), table in zip(stacks, counts, strict=True)]
    return Collected(
        people=_joined(people, ("unit", "group", "stratum", "n")),
        answers=_scored(stacks, _joined(answers, ANSWER_COLUMNS)),
        levels=_levels([form for form, _ in stacks], counts),
        blocks=tuple(_block(form, part) for form, part in stacks),
        problems=problems,
    )


def _fits(cells: pd.DataFrame, forms: Mapping[str, Form]) -> "pd.Series[bool]":
    sizes = {code: (len(form.points) * form.width * 4, 3 * len(form.points) ** 2 * 8) for code, form in forms.items()}
    counts, moments = (cells["form"].map({code: size[part] for code, size in sizes.items()}) for part in (0, 1))
    return (cells["counts"].map(len) == counts) & (cells["moments"].map(len) == moments)


def _refused(cells: pd.DataFrame, code: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"unit": cells["unit"], "node": cells["form"], "code": code, "detail": cells["n"].astype("int64").astype("str")}
    )


def _people(form: Form, part: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"unit": part["unit"], "group": form.group, "stratum": part["stratum"], "n": part["n"].astype("int64")}
    )


def _counts(form: Form, part: pd.DataFrame) -> Integers:
    blob = b"".join(part["counts"])
    return np.frombuffer(blob, "<u4").reshape(len(part), len(form.points), form.width).astype(np.int64)


def _answers(form: Form, part: pd.DataFrame, counts: Integers) -> pd.DataFrame:
    size = len(form.points)
    code, points = np.arange(form.width), np.array(form.points)[:, None]
    level = np.where((code >= 1) & (code <= points), code, 0)
    top = (level > 0) & (4 * (level - 1) >= 3 * (points - 1))
    bottom = (level > 0) & (4 * (level - 1) <= points - 1)

    def total(weight: npt.NDArray[np.int64]) -> Integers:
        return np.asarray(np.einsum("cqw,qw->cq", counts, weight), dtype=np.int64).ravel()

    columns = {
        "unit": np.repeat(part["unit"].to_numpy(dtype=object), size),
        "group": form.group,
        "stratum": np.repeat(part["stratum"].to_numpy(dtype=object), size),
        "indicator": np.tile(np.array(form.indicators, dtype=object), len(part)),
        "points": np.tile(points[:, 0], len(part)),
        "valid": total((level > 0).astype(np.int64)),
        "level_sum": total(level),
        "level_squares": total(level * level),
        "top": total(top.astype(np.int64)),
        "bottom": total(bottom.astype(np.int64)),
        "dont_know": total((code == points + 1).astype(np.int64)),
        "not_applicable": total((code == points + 2).astype(np.int64)),
        "blank": counts[:, :, 0].ravel(),
    }
    return pd.DataFrame(columns)


def _scored(stacks: Sequence[tuple[Form, pd.DataFrame]], answers: pd.DataFrame) -> pd.DataFrame:
    marks = [np.tile([code not in form.unscored for code in form.indicators], len(part)) for form, part in stacks]
    return answers[np.concatenate(marks)] if any(form.unscored for form, _ in stacks) else answers


def _levels(forms: Sequence[Form], counts: Sequence[Integers]) -> pd.DataFrame:
    rows, codes, numbers, start = [], [], [], 0
    for form, table in zip(forms, counts, strict=True):
        level = np.arange(form.width)
        chosen = table * ((level >= 1) & (level <= np.array(form.points)[:, None]))
        cell, question, code = np.nonzero(chosen)
        rows.append(start + cell * len(form.points) + question)
        codes.append(code)
        numbers.append(chosen[cell, question, code])
        start += len(table) * len(form.points)
    empty = [np.zeros(0, dtype=np.int64)]
    return pd.DataFrame(
        {
            "row": np.concatenate(rows or empty),
            "code": np.concatenate(codes or empty),
            "count": np.concatenate(numbers or empty),
        }
    )


def _block(form: Form, part: pd.DataFrame) -> Block:
    size = len(form.points)
    moments = np.frombuffer(b"".join(part["moments"]), "<i8").reshape(len(part), 3, size, size)
    units, strata = part["unit"].to_numpy(dtype=object), part["stratum"].to_numpy(dtype=object)
    points = np.array(form.points)
    return Block(form.group, form.indicators, points, units, strata, moments.astype(np.int64, copy=False))


def _joined(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({column: [] for column in columns})
    return pd.concat(parts, ignore_index=True)[list(columns)]
