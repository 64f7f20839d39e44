"""Two results side by side: what changed, and whether figures, weights or gaps changed it."""

from typing import Final

import pandas as pd

from scoring.change import Period, split_change
from scoring.files.report import WITHHELD, columns, figure
from scoring.files.stored import Stored, values_of

CAUSES: Final = ("data", "weights", "coverage", "adjustments")


def compare(before: Stored, after: Stored) -> pd.DataFrame:
    """One row a unit of both results: unit, before, after, change, the four causes, ranks, and whether it is shown.

    Scores are those that count, after bonus and deductions; ``adjustments`` is what those two changed. The other
    three causes are those of ``scoring.change.split_change``. A score that was too small to publish in one of the two
    is not ``shown``.
    """
    pair = [Period(found.units, values_of(found), found.scheme) for found in (before, after)]
    split = split_change(*pair).set_index("unit")
    old, new = (found.result.stages["scores"].set_index("unit").loc[split.index] for found in (before, after))
    moved = [found["bonus"] - found["deduction"] for found in (old, new)]
    table = pd.DataFrame(
        {
            "before": old["score"],
            "after": new["score"],
            "change": new["score"] - old["score"],
            **{cause: split[cause] for cause in CAUSES[:3]},
            "adjustments": moved[1] - moved[0],
            "rank_before": old["rank"],
            "rank_after": new["rank"],
            "shown": ~(old["level"].isin(WITHHELD) | new["level"].isin(WITHHELD)),
        }
    )
    return table.rename_axis("unit").reset_index()


def describe_change(before: Stored, after: Stored) -> str:
    """The comparison as people read it, units of both results first, then those of one."""
    lines = [f"From {before.name} to {after.name}", ""]
    if before.scheme.digest != after.scheme.digest:
        lines += ["The schemes differ: what that changed stands under weights.", ""]
    numbers = ("before", "after", "change", *CAUSES)
    rows = [["unit", *numbers, "rank"]]
    for row in compare(before, after).to_dict("records"):
        shown = [figure(row[name], 2) if row["shown"] else "-" for name in numbers]
        ranks = [figure(row[name], 0) if row["shown"] else "-" for name in ("rank_before", "rank_after")]
        rows.append([row["unit"], *shown, " > ".join(ranks)])
    lines += columns(rows)
    for one, other in ((before, after), (after, before)):
        alone = [unit for unit in one.units if unit not in set(other.units)]
        if alone:
            lines += ["", f"Only in {one.name}: {', '.join(alone)}"]
    return "\n".join(lines) + "\n"
