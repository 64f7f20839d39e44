"""What the board allows each weight to be: the least and the most of every member of every family."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, LocalisedDecimalField
from forms.scheme import REASON_CHARACTERS, Family
from forms.validators import AtMost, Required

LEAST, MOST = Decimal(0), Decimal(100)


class BoundForm(BaseForm):
    """Two numbers a member; an empty one leaves that side free."""

    families: tuple[Family, ...] = ()

    reason = CleanTextArea(
        _l("Why these bounds?"), [Required(_l("Say why you set these bounds.")), AtMost(REASON_CHARACTERS)]
    )

    def bounds(self) -> dict[str, dict[str, tuple[Decimal, Decimal]]]:
        """Return the least and the most of each weight, by family code and member code."""
        return {
            family.code: {member: self._pair(family.code, member) for member in family.members}
            for family in self.families
        }

    def _pair(self, family: str, member: str) -> tuple[Decimal, Decimal]:
        low, high = (self[bound_name(side, family, member)].data for side in ("low", "high"))
        return LEAST if low is None else low, MOST if high is None else high


def bound_name(side: str, family: str, member: str) -> str:
    """Return the name of a bound's control.

    >>> bound_name("low", "n-score", "peers")
    'low-n-score-peers'
    """
    return f"{side}-{family}-{member}"


def build_bound_form(families: Sequence[Family]) -> type[BoundForm]:
    """Return a form class with two numbers for each member of each family (percent, at most 6 decimals)."""

    class FamilyBounds(BoundForm):
        """The bounds of one scheme."""

    FamilyBounds.families = tuple(families)
    for family in families:
        for member in family.members:
            for side, label in (("low", _l("Least")), ("high", _l("Most"))):
                field = LocalisedDecimalField(label, low=0, high=100)
                setattr(FamilyBounds, bound_name(side, family.code, member), field)
    return FamilyBounds
