"""How each group of raters of a round is collected, where a round says more than its weights do."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base


class RaterGroup(Base):
    """One group of a round. Promise, strata and weights are the scheme's; a group without a row takes the usual way.

    mode: "public" (a form for everybody or by credential), "assigned" (accounts with tasks), "visit" (supervisors).
    """

    __tablename__ = "rater_group"
    __table_args__ = (
        CheckConstraint("mode IN ('public', 'assigned', 'visit')", name="mode"),
        CheckConstraint("panel_stage IN (1, 2)", name="panel_stage"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    mode: Mapped[str] = mapped_column(String(10))
    has_open_channel: Mapped[bool] = mapped_column(default=False, doc="rated without a credential too, shown apart")
    needs_release: Mapped[bool] = mapped_column(default=False, doc="answers wait for the head of the rater's unit")
    has_two_rounds: Mapped[bool] = mapped_column(default=False, doc="blind first, then after the anonymous spread")
    panel_stage: Mapped[int] = mapped_column(SmallInteger, default=1, doc="1 blind, 2 after the spread is shown")
    needs_calibration: Mapped[bool] = mapped_column(default=False, doc="no score before the cases are passed")
    parents: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, doc="stratum to the one it is merged into when it has too few at close"
    )
