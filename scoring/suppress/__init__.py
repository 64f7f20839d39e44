"""What may be published of a result: figures of too few people go, and so does whatever they could be told from."""

from scoring.suppress.attack import SAFE_POINTS
from scoring.suppress.releases import Release, differs_safely, release
from scoring.suppress.view import AUDIENCES, published_view

__all__ = ["AUDIENCES", "SAFE_POINTS", "Release", "differs_safely", "published_view", "release"]
