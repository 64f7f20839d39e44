"""From draft results to adopted ones: offices see and answer them, the board decides."""

from evalsys.services.replies.adoption import Ballot, adopt_results, cast_ballot
from evalsys.services.replies.reply import Words, write_reply
from evalsys.services.replies.sharing import share_results

__all__ = ["Ballot", "Words", "adopt_results", "cast_ballot", "share_results", "write_reply"]
