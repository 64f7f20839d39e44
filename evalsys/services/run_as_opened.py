"""What the weights of the opening would have given: the companion that stands beside a run after a late change.

Only units of which nothing is hidden with either weights are set side by side: from two scores hidden figures could be
worked out.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from evalsys.models import Run
from evalsys.services.run_influence import HIDING_TABLES, clear_units
from evalsys.services.run_tables import Tables
from scoring.scheme import Scheme

BEHIND_SCORES = (*HIDING_TABLES, "strata")
"""Where nothing may be hidden when groups are weighed otherwise: that would tell the mean of too small a stratum."""


def companion_of(session: Session, run: Run) -> Run | None:
    """The run with the weights of the opening that was made together with `run`, if any."""
    if run.is_as_opened:
        return None
    before = select(Run).where(Run.round_id == run.round_id, Run.number == run.number - 1, Run.is_as_opened.is_(True))
    return session.scalar(before.options(joinedload(Run.scheme_version)))


def units_clear_in_both(before: Tables, after: Tables, former: Scheme, scheme: Scheme) -> frozenset[str]:
    """The units of which nothing is hidden with either scheme."""
    behind = HIDING_TABLES if scheme.groups == former.groups else BEHIND_SCORES
    return clear_units(before, behind) & clear_units(after, behind)
