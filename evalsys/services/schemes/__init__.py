"""Versions of a round's weights: propose, vote, decide, read. Two people are needed, and what was written stays."""

from evalsys.services.schemes.comparing import ProposalsPage, proposals_page
from evalsys.services.schemes.deciding import (
    Decision,
    decide_amendment,
    decide_proposal,
    in_force_now,
    newest_proposal,
)
from evalsys.services.schemes.history import HistoryPage, PublicChapter, history_page, public_history
from evalsys.services.schemes.pages import ProposalPage, WeightsPage, proposal_page, weights_page
from evalsys.services.schemes.proposing import Preview, Reasons, preview_weights, propose_amendment, propose_weights
from evalsys.services.schemes.votes import Vote, add_remark, cast_vote

__all__ = [
    "Decision",
    "HistoryPage",
    "Preview",
    "ProposalPage",
    "ProposalsPage",
    "PublicChapter",
    "Reasons",
    "Vote",
    "WeightsPage",
    "add_remark",
    "cast_vote",
    "decide_amendment",
    "decide_proposal",
    "history_page",
    "in_force_now",
    "newest_proposal",
    "preview_weights",
    "proposal_page",
    "proposals_page",
    "propose_amendment",
    "propose_weights",
    "public_history",
    "weights_page",
]
