"""A stand-in for drawing cards: quick bytes that are neither signed nor judged."""

from collections.abc import Callable

import pytest

from evalsys.reports.scorecard import Scorecard
from evalsys.services import printing


def draw_instead(patch: pytest.MonkeyPatch, render: Callable[[Scorecard], bytes]) -> None:
    """Have cards drawn by `render`, and kept as they come."""
    patch.setattr(printing, "render", render)
    patch.setattr(printing, "sign_pdf", lambda data, _seal, **_when: data)
    patch.setattr(printing, "require_conforming", lambda _data: None)
