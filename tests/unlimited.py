"""The application for tests in which everybody has the same address: the caps of a network are out of reach.

Everything else of the guard is as it is for people: the puzzle, the trap, and how long a form must have been shown.
"""

from evalsys.app import create_app
from evalsys.config import Config
from evalsys.services.guard import Limits

app = create_app(Config.from_env())
app.config["GUARD"] = Limits(solved_an_hour=1_000_000)
