"""A refusal as it is kept with a transfer: message id and values, so that each reader gets it in her language."""

import json

from evalsys.errors import Conflict, EvalsysError, Invalid


def as_text(error: EvalsysError) -> str:
    """The refusal as JSON."""
    told = {"status": error.status, "message": error.message, "params": error.params}
    return json.dumps({**told, "problems": getattr(error, "problems", ())}, default=str)


def refusal_of(text: str) -> EvalsysError | None:
    """The refusal that a transfer's `error` tells of; None when there is none."""
    if not text:
        return None
    told = json.loads(text)
    message, params = told["message"], told["params"]
    if told["status"] != Invalid.status:
        return Conflict(message, params)
    return Invalid(message, params, [tuple(problem) for problem in told["problems"]])
