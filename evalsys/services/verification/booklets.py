"""What the register says of a booklet: whether it counts, or what took its place."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import PrintedFile, PublishedScorecard, Round, Run
from evalsys.models.publication import BOOKLET
from evalsys.services import content
from evalsys.services.verification.published import booklet_reference
from evalsys.services.verification.register import CURRENT, SUPERSEDED, Answer
from evalsys.services.zone import local_day


def answer_of_booklet(session: Session, digest: str) -> Answer | None:
    """The answer for a booklet by its bytes.

    It counts no more when newer results were published, or when one of its scorecards was withdrawn after it was made.
    """
    made = session.get(PrintedFile, digest)
    if made is None or made.kind != BOOKLET:
        return None
    run = session.get_one(Run, made.run_id)
    round_ = session.get_one(Round, run.round_id)
    ended = _newer(session, run) or _withdrawn(session, made)
    return Answer(
        reference=booklet_reference(round_.code, run.number, made.locale),
        status=SUPERSEDED if ended else CURRENT,
        kind=BOOKLET,
        round_code=round_.code,
        round_title=str(content.text_of("round", round_.code, "name", made.locale)),
        published_on=_published(session, run.id),
        ended_on=ended[0] if ended else None,
        reason=ended[1] if ended else "",
    )


def _published(session: Session, run_id: int) -> date | None:
    first = session.scalar(select(func.min(PublishedScorecard.created_at)).where(PublishedScorecard.run_id == run_id))
    return local_day(first) if first else None


def _newer(session: Session, run: Run) -> tuple[date, str] | None:
    """Day and reason of the first results that were published after these."""
    query = (
        select(func.min(PublishedScorecard.created_at), Run.reason)
        .join(Run, Run.id == PublishedScorecard.run_id)
        .where(Run.round_id == run.round_id, Run.number > run.number)
        .group_by(Run.number, Run.reason)
        .order_by(Run.number)
        .limit(1)
    )
    found = session.execute(query).first()
    return (local_day(found[0]), found[1]) if found else None


def _withdrawn(session: Session, made: PrintedFile) -> tuple[date, str] | None:
    """Day and reason of the first withdrawal since."""
    taken = PublishedScorecard.withdrawn_at
    query = select(taken, PublishedScorecard.withdrawn_reason).where(PublishedScorecard.run_id == made.run_id)
    found = session.execute(query.where(taken > made.made_at).order_by(taken).limit(1)).first()
    return (local_day(found[0]), found[1]) if found and found[0] else None
