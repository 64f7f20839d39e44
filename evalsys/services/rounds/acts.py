"""Opening and closing a round. Scoring is in services.runs, approving weights in services.schemes."""

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.db import try_lock
from evalsys.errors import Conflict
from evalsys.models import Assignment, PaperEntry, Questionnaire, Round
from evalsys.services import sealing
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.imports.guard import refuse_while_importing
from evalsys.services.indicators.freezing import freeze_indicators
from evalsys.services.mixing import mix_in
from evalsys.services.questionnaires.storing import write_out_plain
from evalsys.services.rounds.completeness import missing, require_complete
from evalsys.services.rounds.freezing import frozen_rules, rules_digest
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.versions import current_version

SALT_BYTES = 16


def open_round(actor: Actor, code: str, *, now: datetime) -> None:
    """Let answers in, and lock the weights, the forms and all other rules; one digest of them goes into the log.

    Every indicator that counts is fixed in its present version. Raises Forbidden, NotFound; Conflict in the wrong
    state, and while something is missing: it names all of it.
    """
    act = Act(actor, "round.open", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "open")
        with session.no_autoflush:
            lacks = missing(session, round_)
        act.detail = {"missing": [lack.step for lack in lacks]} if lacks else {}
        require_complete(lacks)
        write_out_plain(session, round_, act)
        version = current_version(session, round_)
        indicators = freeze_indicators(session, round_, now)
        round_.opened_at, round_.opened_scheme = now, version.digest
        round_.rules_digest = rules_digest(frozen_rules(session, round_, version))
        round_.seal_key = sealing.new_key()
        round_.network_salt = secrets.token_bytes(SALT_BYTES)
        act.detail = {"scheme": version.digest, "version": version.number}
        act.detail |= {"rules": round_.rules_digest, "indicators": indicators}


def close_round(actor: Actor, code: str, *, now: datetime) -> None:
    """Stop taking answers, and mix the last ones; what no head released, and papers never settled, are forgotten.

    Raises Forbidden, NotFound, Conflict.
    """
    act = Act(actor, "round.close", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "close")
        refuse_while_importing(session, round_.id)
        round_.closed_at, round_.network_salt = now, None
        session.flush()
        if not try_lock(session, "mixer"):
            raise Conflict("Some answers are being counted at this moment. Wait a little and try again.")
        mix_in(session, code)
        left = {"unreleased": _forget_unreleased(session, round_), "papers": _forget_papers(session, round_)}
        act.detail |= {name: number for name, number in left.items() if number}


def _forget_unreleased(session: Session, round_: Round) -> int:
    """Answers with their rater's name that were never released serve nobody any more; the tasks stay "waiting"."""
    forms = select(Questionnaire.id).where(Questionnaire.round_id == round_.id)
    waiting = update(Assignment).where(Assignment.questionnaire_id.in_(forms), Assignment.state == "waiting")
    forgotten = waiting.values(draft={}).returning(Assignment.id).execution_options(synchronize_session=False)
    return len(session.execute(forgotten).all())


def _forget_papers(session: Session, round_: Round) -> int:
    """What paper forms said that were never settled serves nobody any more; their lines stay as they are."""
    unsettled = PaperEntry.round_id == round_.id, PaperEntry.state != "done"
    erased = update(PaperEntry).where(*unsettled).values(first=b"", second=b"").returning(PaperEntry.id)
    return len(session.execute(erased.execution_options(synchronize_session=False)).all())
