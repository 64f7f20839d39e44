"""Rounding as people do it on paper."""

from decimal import ROUND_HALF_UP, Decimal

from scoring.frames import SIGNIFICANT_DIGITS


def round_half_up(x: float, decimals: int) -> Decimal:
    """Rounds to 12 significant digits first (so that noise decides nothing), then half up.

    >>> round_half_up(76.984375, 2), round_half_up(0.1249999999999999, 2)
    (Decimal('76.98'), Decimal('0.13'))
    """
    exact = Decimal(f"{x:.{SIGNIFICANT_DIGITS}g}")
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
