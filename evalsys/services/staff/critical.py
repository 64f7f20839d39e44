"""Which changes of accounts need a second administrator.

Whoever could make a member of the board alone could approve weights alone: board members and administrators are made,
changed and given new links by two administrators. As long as there is but one, she may invite the second.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Account, Role

CRITICAL_ROLES = frozenset({Role.ADMINISTRATOR, Role.BOARD})
INVITE, CHANGE, RENEW = "invite", "change", "renew"


def is_critical(session: Session, act: str, account: Account | None, new_role: Role, actor_id: int) -> bool:
    """Whether this act waits for a second administrator."""
    if not CRITICAL_ROLES & {new_role, Role(account.role) if account else new_role}:
        return False
    is_second = act == INVITE and new_role == Role.ADMINISTRATOR and not other_administrators(session, actor_id)
    return not is_second


def other_administrators(session: Session, account_id: int) -> int:
    """How many administrators beside this one can sign in."""
    able = Account.is_active, Account.password_hash != "", Account.role == Role.ADMINISTRATOR
    return session.scalar(select(func.count()).where(*able, Account.id != account_id)) or 0
