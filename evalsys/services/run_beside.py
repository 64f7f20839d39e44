"""A run beside its companion with the weights of the opening: what the oversight body reads of both."""

from dataclasses import dataclass

from evalsys.db import db
from evalsys.services.access import Actor, require
from evalsys.services.run_as_opened import companion_of, units_clear_in_both
from evalsys.services.run_tables import overseen_tables
from evalsys.services.runs import find_run
from evalsys.services.trial import TrialLine, compare_lines
from evalsys.services.weights import scheme_of


@dataclass(frozen=True)
class Beside:
    """The companion, and every unit with the weights of the opening (`before`) and with those in force (`after`).

    `hidden` counts the units that have something that may not be shown.
    """

    run_id: int
    run_number: int
    version: int
    lines: tuple[TrialLine, ...]
    hidden: int


def read_beside(actor: Actor, run_id: int, locale: str) -> Beside | None:
    """What the weights of the opening would have given; None where they are in force. Raises Forbidden, NotFound."""
    require(actor, "run.read")
    run = find_run(run_id)
    companion = companion_of(db.session(), run)
    if companion is None:
        return None
    before, after = overseen_tables(companion), overseen_tables(run)
    former, scheme = scheme_of(companion.scheme_version.body), scheme_of(run.scheme_version.body)
    clear = units_clear_in_both(before, after, former, scheme)
    return Beside(
        run_id=companion.id,
        run_number=companion.number,
        version=companion.scheme_version.number,
        lines=tuple(compare_lines(before, after, clear, locale)),
        hidden=len(after["scores"]) - len(clear),
    )
