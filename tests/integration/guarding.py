"""The open form as people and programs meet it: shown a while ago, and its puzzle solved as a browser solves it."""

import json
from datetime import timedelta

from altcha import Challenge, Payload, solve_challenge
from flask import Flask

from evalsys.clock import utc_now
from evalsys.services import collection
from evalsys.services.guard import make_puzzle
from tests.conftest import SECRET


def old_nonce(app: Flask, seconds: int = 60, unit: str = "U01") -> str:
    """The number of a form that was shown some time ago."""
    with app.app_context():
        return collection.new_nonce(collection.find_form(unit), SECRET, utc_now() - timedelta(seconds=seconds))


def solve(puzzle: str) -> str:
    """What a browser finds."""
    challenge = Challenge.from_dict(json.loads(puzzle))
    found = solve_challenge(challenge)
    assert found is not None
    return Payload(challenge, found).to_base64()


def solved_form(app: Flask, form: dict[str, str], seconds: int = 60) -> dict[str, str]:
    """The form as a person sends it who read it for a minute."""
    nonce = old_nonce(app, seconds)
    return {**form, "nonce": nonce, "puzzle": solve(make_puzzle(nonce, SECRET, utc_now() - timedelta(seconds=seconds)))}
