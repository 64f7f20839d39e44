"""Benches of pages use the browser and the city of the browser tests."""

from tests.browser.conftest import browser_type_launch_args, live_app, live_server

__all__ = ["browser_type_launch_args", "live_app", "live_server"]
