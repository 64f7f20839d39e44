"""flask rounds: the acts that move a round on, for documented sequences without a browser."""

from flask.cli import AppGroup

commands = AppGroup("rounds", help="Acts that move a round on.")
