"""Whether a run still rests on what is in force: weights, answers, exclusions, figures and findings."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from evalsys.i18n import _l
from evalsys.models import Dirty, Questionnaire, Round, Run
from evalsys.services.publication.problems import Problem
from evalsys.services.run_input import freeze_input
from evalsys.services.versions import approved_version
from evalsys.services.weights import scheme_of


def stale_problems(session: Session, round_: Round, run: Run) -> list[Problem]:
    """Why the round must be scored again before anybody decides on this run; nothing when it is fresh."""
    found: list[Problem] = []
    version = approved_version(session, round_.id)
    if version is None or version.digest != run.scheme_version.digest:
        found.append((_l("The weights have changed since run %(number)s. Score again first."), {"number": run.number}))
    if _has_uncounted(session, round_.id):
        found.append((_l("Some answers are still to be counted. Wait a little, then score again."), {}))
    elif freeze_input(session, round_, scheme_of(run.scheme_version.body)).to_bytes() != run.input:
        changed = _l("Answers, figures or findings have changed since run %(number)s. Score again first.")
        found.append((changed, {"number": run.number}))
    return found


def _has_uncounted(session: Session, round_id: int) -> bool:
    forms = select(Questionnaire.id).where(Questionnaire.round_id == round_id)
    return bool(session.scalar(select(exists().where(Dirty.questionnaire_id.in_(forms)))))
