"""Words for coefficients: what may be concluded from ratings that agree so far."""

import math
from typing import Final, Literal

from scoring.frames import SIGNIFICANT_DIGITS

Label = Literal["firm", "tentative", "weak", "unknown"]

FIRM: Final = 0.8
TENTATIVE: Final = 0.667
RANKING: Final = 0.7


def label_alpha(alpha: float) -> Label:
    """What Krippendorff's alpha allows: firm conclusions from .800, tentative ones from .667, none below.

    A bound belongs to the better word; alpha is read to 12 significant digits. NaN is unknown.

    Source: K. Krippendorff (2004), Content Analysis, 2nd edition, page 241.

    >>> [label_alpha(alpha) for alpha in (0.8, 0.7, 0.2, float("nan"))]
    ['firm', 'tentative', 'weak', 'unknown']
    """
    if math.isnan(alpha):
        return "unknown"
    read = _read(alpha)
    if read >= FIRM:
        return "firm"
    return "tentative" if read >= TENTATIVE else "weak"


def can_rank(average: float) -> bool:
    """Whether the reliability of the panel's mean, an ICC(·,k), is at least .70, so that a ranking may be published.

    The bound is a convention for comparing groups; the coefficient is read to 12 significant digits, NaN cannot.

    Source: J. C. Nunnally and I. H. Bernstein (1994), Psychometric Theory, 3rd edition, page 265.

    >>> can_rank(0.7), can_rank(0.6999), can_rank(float("nan"))
    (True, False, False)
    """
    return _read(average) >= RANKING


def _read(coefficient: float) -> float:
    return float(f"{coefficient:.{SIGNIFICANT_DIGITS}g}")
