"""What offices say about their results, as it stands on their cards: the reply, and what they will do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import ResultReply, Round
from evalsys.reports.commitments import CommitmentLine
from evalsys.reports.lines import ReplyLine
from evalsys.services.commitments.lines import Promised, former_lines, own_lines
from evalsys.services.scorecards.words import Words


@dataclass(frozen=True)
class SaidByUnits:
    """Everything that units said, by their ids."""

    replies: Mapping[int, ReplyLine]
    commitments: Promised
    former: Promised

    def of(self, unit_id: int, words: Words) -> dict[str, Any]:
        """The fields of a unit's card, in the language of `words`."""
        return {
            "reply": self.replies.get(unit_id),
            "commitments": _named(self.commitments.get(unit_id, ()), words),
            "former_commitments": _named(self.former.get(unit_id, ()), words),
        }


def said_by_units(session: Session, round_: Round, day: date) -> SaidByUnits:
    """All that the units of a round said, and the state on `day` of what they had promised before."""
    rows = session.scalars(select(ResultReply).where(ResultReply.round_id == round_.id))
    replies = {row.unit_id: ReplyLine(row.text, row.locale, row.at.date()) for row in rows}
    return SaidByUnits(replies, own_lines(session, round_), former_lines(session, round_, day))


def _named(lines: tuple[CommitmentLine, ...], words: Words) -> tuple[CommitmentLine, ...]:
    return tuple(replace(one, topic=words.node(one.topic) if one.topic else "") for one in lines)
