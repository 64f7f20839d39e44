"""Versions of a round's weights: propose, decide, read. Two people are needed, and nothing that was written changes."""

from evalsys.services.schemes.deciding import Decision, decide_proposal, newest_proposal
from evalsys.services.schemes.pages import ProposalPage, WeightsPage, proposal_page, weights_page
from evalsys.services.schemes.proposing import Preview, Reasons, preview_weights, propose_weights

__all__ = [
    "Decision",
    "Preview",
    "ProposalPage",
    "Reasons",
    "WeightsPage",
    "decide_proposal",
    "newest_proposal",
    "preview_weights",
    "proposal_page",
    "propose_weights",
    "weights_page",
]
