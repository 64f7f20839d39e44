"""What offices say about their results, as it stands on their cards."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import ResultReply, Round
from evalsys.reports.lines import ReplyLine


def reply_lines(session: Session, round_: Round) -> dict[int, ReplyLine]:
    """All replies of a round, by the id of the unit."""
    rows = session.scalars(select(ResultReply).where(ResultReply.round_id == round_.id))
    return {row.unit_id: ReplyLine(row.text, row.locale, row.at.date()) for row in rows}
