"""Severity in a run: the figures of panels and peers, adjusted where the group's scheme asks for it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import Flags
from scoring.raters.panel_rows import Said, read_panels
from scoring.raters.ratings import components, read_ratings
from scoring.raters.severity import Severity, severity
from scoring.samples.levels import level_values
from scoring.scheme import Group, Node, Scheme


@dataclass(frozen=True)
class AdjustedPanels:
    """``means`` as they came, adjusted where asked; ``table`` has a row a group, indicator and rater; and problems.

    ``table``: group, indicator, rater, n (ratings), effect in points of 100 (above 0: lenient, below: severe).
    ``problems``: unit, node, code and detail. Refused rows: unknown_unit, unknown_group, unknown_indicator,
    group_not_asked, code_out_of_scale, panel_not_used (the group is not adjusted), each with their number. Figures that
    stay as they were: severity_without_ratings, severity_too_few, severity_not_connected (the detail names the parts),
    and panel_without_answers where the figure itself is missing. rater_extreme names a rater, and changes nothing.
    """

    means: pd.DataFrame
    table: pd.DataFrame
    problems: pd.DataFrame


def adjust_panels(panels: pd.DataFrame | None, means: pd.DataFrame, scheme: Scheme) -> AdjustedPanels:
    """Means freed from the severity of raters, for every group whose severity is fixed or mixed.

    ``panels`` has unit, group, indicator, rater and value, a code of the scale ("don't know" and "does not apply", the
    two codes above it, and missing ones are passed over). ``means`` are the figures after ``aggregate``. The adjusted
    mean takes the place of ``mean``, whatever the group's estimator, and stays within the values that an answer can
    have; ``mean_plain`` is left as it is. The mixed model has drawn the units to their mean already: it also sets
    ``shrunk`` and ``reliability``, and ``settle`` shrinks such figures no more.

    Raises:
        InputError: the panels lack a column.
    """
    rows, problems = read_panels(panels, list(means["unit"].cat.categories), scheme)
    means, table = means.copy(), []
    for group in scheme.groups:
        if group.severity == "none":
            continue
        for leaf in (leaf for leaf in scheme.leaves() if group.code in dict(leaf.shares)):
            own = rows[(rows["group"] == group.code) & (rows["indicator"] == leaf.code)]
            figures = ((means["group"] == group.code) & (means["indicator"] == leaf.code)).to_numpy()
            refused = _refusal(own, group, leaf)
            if refused:
                problems += refused if figures.any() else []
                continue
            found = severity(own[["unit", "rater"]].assign(value=level_values(leaf)[own["code"] - 1]), group.severity)
            problems += _place(found, means, figures, (group, leaf))
            table.append(_table(found, group, leaf))
    return AdjustedPanels(
        means,
        pd.concat([_EFFECTS, *table], ignore_index=True),
        pd.DataFrame(problems, columns=["unit", "node", "code", "detail"], dtype="str"),
    )


_EFFECTS = pd.DataFrame({"group": [], "indicator": [], "rater": [], "n": [], "effect": []}).astype(
    {"group": "str", "indicator": "str", "rater": "str", "n": "int64", "effect": "float64"}
)


def _refusal(rows: pd.DataFrame, group: Group, leaf: Node) -> list[Said]:
    """Why these ratings cannot be adjusted; nothing when they can."""
    if rows.empty:
        return [("", leaf.code, "severity_without_ratings", group.code)]
    units, raters = rows["unit"].nunique(), rows["rater"].nunique()
    if units < 2 or raters < 2:
        return [("", leaf.code, "severity_too_few", f"{group.code}: {units} units, {raters} raters")]
    parts = components(read_ratings(rows.assign(value=0.0)))
    if len(parts) > 1:
        said = " | ".join(", ".join(names) for names, _ in parts)
        return [("", leaf.code, "severity_not_connected", f"{group.code}: {said}")]
    return []


def _place(found: Severity, means: pd.DataFrame, figures: Flags, asked: tuple[Group, Node]) -> list[Said]:
    """Puts the adjusted means into their rows of ``means``, and names what stays as it was."""
    group, leaf = asked
    values = level_values(leaf)
    at = pd.Index(found.units).get_indexer(pd.Index(means["unit"].astype("str")))
    there = means["mean"].notna().to_numpy()
    own = figures & there & (at >= 0)
    adjusted = np.clip(found.adjusted, values.min(), values.max())
    means.loc[own, "mean"] = adjusted[at[own]]
    if group.severity == "mixed":
        means.loc[own, "shrunk"] = adjusted[at[own]]
        means.loc[own, "reliability"] = found.reliability[at[own]]
    names = means["unit"].astype("str").to_numpy()
    silent = [(unit, leaf.code, "severity_without_ratings", group.code) for unit in names[figures & there & (at < 0)]]
    placed = set(names[own])
    lost = [(unit, leaf.code, "panel_without_answers", group.code) for unit in found.units if unit not in placed]
    raters = np.array(found.raters, dtype=object)[found.extreme]
    return [*silent, *lost, *(("", leaf.code, "rater_extreme", f"{group.code}: {rater}") for rater in raters)]


def _table(found: Severity, group: Group, leaf: Node) -> pd.DataFrame:
    points = 100 / float(leaf.output[1] - leaf.output[0])
    return pd.DataFrame(
        {
            "group": group.code,
            "indicator": leaf.code,
            "rater": pd.Series(found.raters, dtype="str"),
            "n": found.counts.astype(np.int64),
            "effect": found.effects * points,
        }
    )
