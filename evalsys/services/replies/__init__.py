"""From draft results to adopted ones: offices see and answer them, the board decides."""

from evalsys.services.replies.adoption import adopt_results
from evalsys.services.replies.sharing import share_results

__all__ = ["adopt_results", "share_results"]
