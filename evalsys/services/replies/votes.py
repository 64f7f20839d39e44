"""When a vote of the board carries: quorum and majority are those of the round."""

from evalsys.models import Round

HALF, TWO_THIRDS = "half", "two_thirds"


def is_carried(round_: Round, in_favour: int, against: int) -> bool:
    """Whether the votes reach the round's majority; abstentions are in neither number.

    >>> from evalsys.models import Round
    >>> [is_carried(Round(majority="two_thirds"), votes, 1) for votes in (1, 2)]
    [False, True]
    """
    if not in_favour:
        return False
    if round_.majority == HALF:
        return in_favour > against
    return 3 * in_favour >= 2 * (in_favour + against) if round_.majority == TWO_THIRDS else not against
