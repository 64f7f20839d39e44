"""Stage 3: whose answers count how much. A group is post-stratified, or raked to the margins of its population.

Post-stratification: each stratum stands for its share of the group; one without an answer to an indicator leaves its
share to the strata that have one, in proportion. Raking: each answer carries the weight of its stratum in its unit. A
stratum of weight 0 (an open channel) is counted and shown, but enters neither a score nor an n.
"""

from scoring.respondents.counts import count_people, count_responses, distribute, stratum_shares
from scoring.respondents.weights import Weighted, weigh

__all__ = ["Weighted", "count_people", "count_responses", "distribute", "stratum_shares", "weigh"]
