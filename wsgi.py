"""The application for a WSGI server."""

from evalsys.app import create_app
from evalsys.config import Config

app = create_app(Config.from_env())
