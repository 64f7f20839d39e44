"""What a card says of the weights of the opening, when others were put in force later."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from evalsys.models import Run
from evalsys.services.run_as_opened import companion_of, units_clear_in_both
from evalsys.services.run_tables import shown_tables
from evalsys.services.scorecards.sheet import PUBLIC, figure, read_sheet
from evalsys.services.weights import scheme_of
from scoring.result import Result


def opened_facts(session: Session, run: Run, units: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """The fields of each unit's card about the weights of the opening; empty where these are still in force."""
    companion = companion_of(session, run)
    if companion is None:
        return {unit: {} for unit in units}
    version = {"opened_version": str(companion.scheme_version.number)}
    former, scheme = scheme_of(companion.scheme_version.body), scheme_of(run.scheme_version.body)
    before, after = Result.from_json(companion.result), Result.from_json(run.result)
    views = shown_tables(before, former, "public"), shown_tables(after, scheme, "public")
    clear, rows = units_clear_in_both(*views, former, scheme), read_sheet(before, former).scores
    return {
        unit: {**version, "opened_score": figure(rows[unit]["score"]), "opened_band": rows[unit]["band"]}
        if unit in clear and rows[unit]["level"] in PUBLIC
        else version
        for unit in units
    }
