"""How strict each named rater of a run is, where its weights take strictness out."""

from dataclasses import dataclass
from decimal import Decimal

from evalsys.services.content import Text
from evalsys.services.run_influence import rounded
from evalsys.services.run_tables import Tables, rows_of
from evalsys.services.weights import Labels


@dataclass(frozen=True)
class SeverityLine:
    """How much milder (above 0) or stricter than the others a rater judges, in points of 100; known by a pseudonym."""

    group: Text
    indicator: Text
    rater: str
    n: int | None
    effect: Decimal | None


def severity_lines(tables: Tables, labels: Labels) -> tuple[SeverityLine, ...]:
    """A line a group, indicator and rater that may be shown; none for runs of an engine that did not measure it."""
    if "severity" not in tables:
        return ()
    return tuple(
        SeverityLine(
            group=labels.of("group", row["group"]),
            indicator=labels.node(row["indicator"]),
            rater=row["rater"],
            n=row["n"],
            effect=rounded(row["effect"]),
        )
        for row in rows_of(tables["severity"])
        if not row["withheld"]
    )
