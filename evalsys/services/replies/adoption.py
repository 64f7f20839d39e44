"""The board adopts the results of a round."""

from datetime import datetime

from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.runs import require_present_weights


def adopt_results(actor: Actor, code: str, *, now: datetime) -> None:
    """Make the newest run final, so that it can be published. Raises Forbidden, NotFound, Conflict."""
    with audited(Act(actor, "round.adopt", subject_of(code), now)) as session:
        round_ = take_round(session, code, "adopt")
        require_present_weights(session, round_)
        round_.adopted_at = now
