"""When a vote of the board carries: quorum with abstentions, majority without them."""

import pytest

from evalsys.services.tally import count


@pytest.mark.parametrize(
    ("votes", "majority", "is_carried"),
    [
        ("f", "half", True),
        ("fa", "half", False),
        ("ffa", "half", True),
        ("faa", "half", False),
        ("f---", "half", True),
        ("ffa", "two_thirds", True),
        ("fffaa", "two_thirds", False),
        ("ff---", "all", True),
        ("ffffa", "all", False),
        ("---", "half", False),
        ("---", "two_thirds", False),
        ("---", "all", False),
        ("", "all", False),
    ],
)
def test_a_majority_counts_those_for_and_against_alone(votes: str, majority: str, is_carried: bool) -> None:
    names = {"f": "for", "a": "against", "-": "abstain"}
    assert count([names[vote] for vote in votes], 1, majority).is_carried is is_carried


def test_abstentions_help_to_reach_the_quorum() -> None:
    tally = count(["for", "abstain"], 3, "half")
    assert (tally.cast, tally.missing) == (2, 1)
    assert count(["for", "abstain", "abstain", "against"], 3, "half").missing == 0
