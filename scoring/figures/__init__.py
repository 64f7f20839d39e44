"""Administrative indicators: figures that no rater gives are denominated, imputed, treated and normalised."""

from scoring.figures.apply import apply_normaliser
from scoring.figures.denominate import denominate
from scoring.figures.impute import impute
from scoring.figures.normalisers import (
    Scaling,
    borda,
    goalposts,
    leader,
    minmax,
    optimum,
    percentile_rank,
    rank,
    reference,
    target,
    zscore,
)
from scoring.figures.reference import reference_of
from scoring.figures.stage import prepare_figures
from scoring.figures.treat import Treated, excess_kurtosis, skewness, treat

__all__ = [
    "Scaling",
    "Treated",
    "apply_normaliser",
    "borda",
    "denominate",
    "excess_kurtosis",
    "goalposts",
    "impute",
    "leader",
    "minmax",
    "optimum",
    "percentile_rank",
    "prepare_figures",
    "rank",
    "reference",
    "reference_of",
    "skewness",
    "target",
    "treat",
    "zscore",
]
