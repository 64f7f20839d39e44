"""What may be said about a score: rounding, publication level, adjustments, band, rank."""

from scoring.rank.adjust import Adjusted, adjust
from scoring.rank.levels import grade_groups, grade_means
from scoring.rank.places import rank_scores
from scoring.rank.rounding import round_half_up
from scoring.rank.stage import rank, summarise

__all__ = ["Adjusted", "adjust", "grade_groups", "grade_means", "rank", "rank_scores", "round_half_up", "summarise"]
