"""People who sign in, and the sessions they hold."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.unit import Unit


class Role(StrEnum):
    """What an account may do; one role an account."""

    PEER = "peer"
    EXPERT = "expert"
    HEAD = "head"
    ANALYST = "analyst"
    BOARD = "board"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"


class Account(Base):
    """A person with a role; peers and heads belong to a unit."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("login"),
        CheckConstraint("role NOT IN ('peer', 'head') OR unit_id IS NOT NULL", name="unit_of_peer_and_head"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    locale: Mapped[str] = mapped_column(String(10), default="en")
    password_hash: Mapped[str] = mapped_column(String(300))
    epoch: Mapped[int] = mapped_column(
        default=0, doc="raised with every change of password, role or unit: ends all sessions"
    )
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unit: Mapped[Unit | None] = relationship()


class LoginSession(Base):
    """One signed-in browser; the cookie holds the token, the row only its digest."""

    __tablename__ = "login_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    epoch: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()


class Throttle(Base):
    """How often something was done within one window by one network; the key is a keyed digest, never an address."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, doc="epoch seconds / window length")
    hits: Mapped[int]


class SignInThrottle(Base):
    """Failed sign-ins of one login or one network within one window; shared by all worker processes."""

    __tablename__ = "sign_in_throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, doc="epoch seconds / window length")
    failures: Mapped[int]


class AccountInvite(Base):
    """A link with which an invited person sets a password, once; the row holds only its digest."""

    __tablename__ = "account_invite"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship(foreign_keys=[account_id])


class AccountRequest(Base):
    """A critical change of accounts that a second administrator has to confirm."""

    __tablename__ = "account_request"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'done', 'declined')", name="state"),
        CheckConstraint("decider_id IS NULL OR decider_id <> proposer_id", name="two_persons"),
        CheckConstraint("state = 'proposed' OR decider_id IS NOT NULL", name="decided"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(30))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), doc="empty for an account to be made")
    body: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    proposer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])
    proposer: Mapped[Account] = relationship(foreign_keys=[proposer_id])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decider_id])
