"""The family of errors that a use case may raise.

EvalsysError
├── Invalid (422)         the input breaks a rule; carries every problem found
├── Forbidden (403)       the actor's role may not do this
├── NotFound (404)        it does not exist, or the actor may not know that it does
├── Conflict (409)        the act does not fit the present state
├── Gone (410)            it was public and was withdrawn
├── TooLarge (413)        what was sent is larger than can be taken
├── TooMany (429)         a limit is reached; carries the seconds to wait
└── Unavailable (503)     nothing was saved; trying again is safe
    └── NoRoom            the disk is full

Each carries the HTTP `status`, a message id (English, translated where it is shown) and the message's parameters.
"""

from collections.abc import Mapping, Sequence


class EvalsysError(Exception):
    """Base of all refusals; `message` is a message id with %(name)s places for `params`."""

    status = 500

    def __init__(self, message: str, params: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.params = dict(params or {})

    def __str__(self) -> str:
        """The English sentence with its values filled in: what logs and failed work items say."""
        return self.message % self.params if self.params else self.message


class Listing(EvalsysError):
    """A refusal for several reasons; `problems` lists (message id, params) for each."""

    def __init__(
        self,
        message: str,
        params: Mapping[str, object] | None = None,
        problems: Sequence[tuple[str, Mapping[str, object]]] = (),
    ) -> None:
        super().__init__(message, params)
        self.problems = tuple(problems)


class Invalid(Listing):
    """Raised when input breaks a rule; `problems` lists every broken rule."""

    status = 422


class Forbidden(EvalsysError):
    """Raised when the actor is known and the role does not allow the act."""

    status = 403


class NotFound(EvalsysError):
    """Raised when nothing is there, or nothing that this actor may see."""

    status = 404


class Conflict(Listing):
    """Raised when the act does not fit the state, or somebody else was first; `problems` lists what is missing."""

    status = 409


class Gone(EvalsysError):
    """Raised when something was public and was withdrawn."""

    status = 410


class TooLarge(EvalsysError):
    """Raised when what was sent is larger than can be taken."""

    status = 413


class TooMany(EvalsysError):
    """Raised when a limit is reached; `seconds` is how long to wait."""

    status = 429

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message, {"seconds": seconds})
        self.seconds = seconds


class Unavailable(EvalsysError):
    """Raised when the database could not take the write; nothing was saved."""

    status = 503


class NoRoom(Unavailable):
    """Raised when the disk is full; nothing is left half-written."""
