"""What keeps an act from being done: message ids with their values, all of them together."""

from collections.abc import Mapping

Problem = tuple[str, Mapping[str, object]]
