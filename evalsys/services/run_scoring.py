"""The two steps that every scoring takes: count what came in, and put what was counted through the engine."""

from sqlalchemy.orm import Session

from evalsys.db import try_lock
from evalsys.errors import Conflict
from evalsys.services.cells import recount_in
from evalsys.services.mixing import mix_in
from evalsys.services.run_input import RunInput
from scoring import pipeline
from scoring.frames import InputError
from scoring.result import Result
from scoring.scheme import Scheme


def count_answers(session: Session) -> None:
    """Empty the box and rebuild what is dirty within this transaction, so that a run never misses an answer.

    Raises Conflict while another process counts.
    """
    if not (try_lock(session, "mixer") and try_lock(session, "cells")):
        raise Conflict("Some answers are being counted at this moment. Wait a little and try again.")
    session.flush()
    mix_in(session)
    recount_in(session)


def score_input(frozen: RunInput, scheme: Scheme) -> Result:
    """The result of these answers under this scheme; nothing is stored. Raises Conflict when they do not fit."""
    try:
        return pipeline.run(frozen.cells, frozen.forms, frozen.units, scheme, frozen.supplement)
    except InputError as error:
        raise Conflict("The answers do not fit the weights: %(detail)s", {"detail": str(error)}) from error
