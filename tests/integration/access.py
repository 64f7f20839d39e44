"""Who may call what: the kinds of people, and how a line of the table says what each of them gets."""

from dataclasses import dataclass

PEOPLE = (
    "guest", "peer", "other_peer", "expert", "head", "other_head", "analyst", "board", "administrator", "auditor",
    "operator", "supervisor",
)  # fmt: skip


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(PEOPLE, status)


def only(guest: int = 302, **allowed: int) -> dict[str, int]:
    """Refused to all but those named; a guest is led to the sign-in page, or refused when she sends something."""
    return {**everybody(403), "guest": guest, **allowed}


def oversight(status: int = 200, guest: int = 302, **other: int) -> dict[str, int]:
    return only(guest, **dict.fromkeys(("analyst", "board", "administrator", "auditor"), status), **other)


def quality(status: int = 200, guest: int = 302) -> dict[str, int]:
    return only(guest, **dict.fromkeys(("analyst", "board", "auditor"), status))


@dataclass(frozen=True)
class Case:
    """A call and what it answers to each kind of person."""

    endpoint: str
    path: str
    expected: dict[str, int]
    method: str = "GET"
    data: tuple[tuple[str, str], ...] = ()
