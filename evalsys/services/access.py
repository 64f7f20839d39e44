"""Who acts, and what each role may do: the only place where a role is compared with a right."""

from dataclasses import dataclass

from evalsys.errors import Forbidden
from evalsys.models import Account, Role

__all__ = ["OVERSIGHT", "RIGHTS", "Actor", "Role", "actor_of", "may", "require"]

PEER, EXPERT, HEAD, ANALYST, BOARD, ADMINISTRATOR, AUDITOR, OPERATOR, SUPERVISOR = Role
OVERSIGHT = frozenset({ANALYST, BOARD, ADMINISTRATOR, AUDITOR})

RIGHTS: dict[str, frozenset[Role]] = {
    "assignment.answer": frozenset({PEER, EXPERT}),
    "assignment.save": frozenset({PEER, EXPERT}),
    "assignment.submit": frozenset({PEER, EXPERT}),
    "assignment.conflict": frozenset({EXPERT, SUPERVISOR}),
    "assignment.draw": frozenset({ANALYST}),
    "assignment.remind": frozenset({ANALYST}),
    "assignment.release": frozenset({HEAD}),
    "calibration.answer": frozenset({EXPERT}),
    "document.read": frozenset({EXPERT, HEAD, *OVERSIGHT}),
    "document.add": frozenset({HEAD, ANALYST}),
    "document.withdraw": frozenset({HEAD, ANALYST}),
    "panel.manage": frozenset({ANALYST}),
    "visit.answer": frozenset({SUPERVISOR}),
    "visit.send": frozenset({SUPERVISOR}),
    "term.manage": frozenset({ANALYST}),
    "entry.answer": frozenset({OPERATOR}),
    "entry.send": frozenset({OPERATOR}),
    "unit.read": frozenset({HEAD}),
    "oversight.read": OVERSIGHT,
    "round.create": frozenset({ANALYST}),
    "round.design": frozenset({ANALYST}),
    "round.consult": frozenset({ANALYST}),
    "round.conclude": frozenset({ANALYST}),
    "round.open": frozenset({ANALYST}),
    "round.close": frozenset({ANALYST}),
    "round.check": frozenset({ANALYST}),
    "round.score": frozenset({ANALYST}),
    "round.share": frozenset({ANALYST}),
    "round.adopt": frozenset({BOARD}),
    "round.reopen": frozenset({BOARD}),
    "round.publish": frozenset({BOARD}),
    "release.plan": frozenset({BOARD}),
    "release.call_off": frozenset({BOARD}),
    "withdrawal.propose": frozenset({ANALYST, BOARD}),
    "withdrawal.decide": frozenset({BOARD}),
    "scorecard.print": frozenset({BOARD}),
    "round.improve": frozenset({ANALYST}),
    "round.follow_up": frozenset({ANALYST}),
    "round.archive": frozenset({BOARD}),
    "round.suspend": frozenset({BOARD}),
    "round.resume": frozenset({BOARD}),
    "unit.manage": frozenset({ANALYST, ADMINISTRATOR}),
    "indicator.edit": frozenset({ANALYST}),
    "calendar.set": frozenset({ANALYST, ADMINISTRATOR}),
    "consultation.answer": frozenset({ANALYST}),
    "board.rules": frozenset({BOARD}),
    "bound.set": frozenset({BOARD}),
    "elicitation.open": frozenset({ANALYST, BOARD}),
    "elicitation.answer": frozenset({BOARD}),
    "scheme.propose": frozenset({ANALYST, BOARD}),
    "scheme.amend": frozenset({ANALYST, BOARD}),
    "scheme.remark": frozenset({ANALYST, BOARD}),
    "scheme.vote": frozenset({BOARD}),
    "scheme.decide": frozenset({BOARD}),
    "finding.propose": frozenset({ANALYST}),
    "finding.decide": frozenset({BOARD}),
    "result.read": frozenset({HEAD}),
    "result.reply": frozenset({HEAD}),
    "commitment.make": frozenset({HEAD}),
    "commitment.report": frozenset({HEAD}),
    "result.vote": frozenset({BOARD}),
    "objection.raise": frozenset({HEAD}),
    "objection.withdraw": frozenset({HEAD}),
    "objection.vote": frozenset({BOARD}),
    "objection.decide": frozenset({BOARD}),
    "sample.draw": frozenset({AUDITOR}),
    "run.read": OVERSIGHT,
    "run.repeat": OVERSIGHT,
    "audit.read": frozenset({BOARD, ADMINISTRATOR, AUDITOR}),
    "response.import": frozenset({ANALYST}),
    "response.export": frozenset({ANALYST, AUDITOR}),
    "transfer.read": frozenset({ANALYST, AUDITOR}),
    "credential.issue": frozenset({ANALYST}),
    "roll.load": frozenset({ANALYST}),
    "roll.invite": frozenset({ANALYST}),
    "roll.remind": frozenset({ANALYST}),
    "place.manage": frozenset({ANALYST}),
    "questionnaire.edit": frozenset({ANALYST}),
    "group.edit": frozenset({ANALYST}),
    "target.set": frozenset({ANALYST}),
    "figure.load": frozenset({ANALYST}),
    "quality.read": frozenset({ANALYST, BOARD, AUDITOR}),
    "quality.set": frozenset({ANALYST}),
    "exclusion.propose": frozenset({ANALYST}),
    "exclusion.decide": frozenset({BOARD}),
    "exclusion.lift": frozenset({BOARD}),
    "account.read": frozenset({ADMINISTRATOR, AUDITOR}),
    "account.manage": frozenset({ADMINISTRATOR}),
}


@dataclass(frozen=True)
class Actor:
    """Somebody who is signed in, as plain data; rights are read anew at every request."""

    account_id: int
    login: str
    name: str
    role: Role
    unit_id: int | None = None


def actor_of(account: Account) -> Actor:
    """The actor that an account stands for."""
    return Actor(account.id, account.login, account.name, Role(account.role), account.unit_id)


def may(actor: Actor | None, right: str) -> bool:
    """True when the role of `actor` holds `right`."""
    return actor is not None and actor.role in RIGHTS[right]


def require(actor: Actor | None, right: str) -> None:
    """Raise Forbidden unless `actor` holds `right`."""
    if not may(actor, right):
        raise Forbidden("Your role does not allow this.")
