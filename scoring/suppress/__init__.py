"""What may be published of a result: figures of too few people go, and so does whatever they could be told from."""

from scoring.suppress.attack import SAFE_POINTS
from scoring.suppress.marks import Hiding
from scoring.suppress.primary import Told
from scoring.suppress.releases import Release, differs_safely, release
from scoring.suppress.view import AUDIENCES, clear_units, hide, hide_quickly, published_view, told_by, view_of

__all__ = [
    "AUDIENCES", "SAFE_POINTS", "Hiding", "Release", "Told", "clear_units", "differs_safely", "hide", "hide_quickly",
    "published_view", "release", "told_by", "view_of",
]  # fmt: skip
