"""Weights as the oversight body edits them, and the decision on a proposal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, FieldError, Message, _l
from forms.fields import CleanTextArea, LocalisedDecimalField, LocalisedIntegerField, OneOfField
from forms.validators import AtMost, Required

REASON_CHARACTERS = 2000
WHOLE = Decimal(100)
LANGUAGES = ("en", "zh", "ar")
REASONS = ("reason", "public_reason", "public_locale")
VERSIONS = 99_999


@dataclass(frozen=True)
class Family:
    """The weights that share one sum: the parent's code and name, and its members' codes in order."""

    code: str
    name: str
    members: tuple[str, ...]


class WeightForm(BaseForm):
    """One number a member; the members of each family add up to exactly 100."""

    families: tuple[Family, ...] = ()
    broken: Mapping[str, Message] = {}

    reason = CleanTextArea(
        _l("Why do you propose these weights?"),
        [Required(_l("Say why you propose these weights.")), AtMost(REASON_CHARACTERS)],
    )
    public_reason = CleanTextArea(_l("Public reason"), [AtMost(REASON_CHARACTERS)])
    public_locale = OneOfField(_l("Language of the public reason"), values=LANGUAGES)

    def weights(self) -> dict[str, dict[str, Decimal | None]]:
        """Return the typed weights, by family code and member code."""
        return {
            family.code: {member: self[field_name(family.code, member)].data for member in family.members}
            for family in self.families
        }

    def sums(self) -> dict[str, Decimal]:
        """Return the exact sum of each family; an unreadable number counts as nothing."""
        return {
            code: sum((value for value in members.values() if value is not None), Decimal(0))
            for code, members in self.weights().items()
        }

    def family_errors(self) -> dict[str, Message]:
        """Return what is wrong with each family whose numbers can all be read."""
        errors: dict[str, Message] = {}
        sums = self.sums()
        for family in self.families:
            readable = all(value is not None for value in self.weights()[family.code].values())
            if readable and sums[family.code] != WHOLE:
                errors[family.code] = _l(
                    "%(name)s: the weights add up to %(sum)s. They must add up to exactly 100.",
                    name=family.name,
                    sum=plain(sums[family.code]),
                )
        return errors

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every number, then every sum."""
        readable = bool(super().validate(extra_validators))
        self.broken = self.family_errors()
        return readable and not self.broken

    def error_list(self) -> Iterator[FieldError]:
        """Yield single numbers, then sums (each leads to its first number), then the reasons."""
        lines = list(super().error_list())
        yield from (line for line in lines if not line.target.startswith(REASONS))
        for family in self.families:
            if family.code in self.broken:
                yield FieldError(field_name(family.code, family.members[0]), self.broken[family.code])
        yield from (line for line in lines if line.target.startswith(REASONS))


class AmendmentForm(WeightForm):
    """Weights of a round that is open: everybody must be told why they change."""

    public_reason = CleanTextArea(
        _l("Public reason"),
        [
            Required(_l("Write the public reason: everybody must be told why locked weights change.")),
            AtMost(REASON_CHARACTERS),
        ],
    )


class DecisionForm(BaseForm):
    """A second person's decision on a proposal."""

    decision = OneOfField(
        _l("Your decision"), [Required(_l("Choose “Approve” or “Decline”."))], values=("approve", "decline")
    )
    reason = CleanTextArea(_l("Reason"), [AtMost(REASON_CHARACTERS)])
    public_reason = CleanTextArea(_l("Public reason"), [AtMost(REASON_CHARACTERS)])
    public_locale = OneOfField(_l("Language of the public reason"), values=LANGUAGES)
    in_force = LocalisedIntegerField(_l("Version in force"), low=0, high=VERSIONS)

    def validate_reason(self, field: Any) -> None:
        """Who declines says why."""
        if self.decision.data == "decline" and not field.data:
            raise ValidationError(_l("Say why you decline."))


class VoteForm(BaseForm):
    """A board member's vote on a proposal."""

    vote = OneOfField(
        _l("Your vote"), [Required(_l("Choose “For”, “Against” or “Abstain”."))], values=("for", "against", "abstain")
    )
    vote_reason = CleanTextArea(_l("Why you vote so"), [AtMost(REASON_CHARACTERS)])

    def validate_vote_reason(self, field: Any) -> None:
        """Who is against it says why."""
        if self.vote.data == "against" and not field.data:
            raise ValidationError(_l("Say why you vote against it."))


class RemarkForm(BaseForm):
    """A contribution to the discussion of a proposal."""

    remark = CleanTextArea(_l("Your remark"), [Required(_l("Write your remark.")), AtMost(REASON_CHARACTERS)])


def field_name(family: str, member: str) -> str:
    """Return the name of a weight's control.

    >>> field_name("score", "peers")
    'w-score-peers'
    """
    return f"w-{family}-{member}"


def plain(number: Decimal) -> str:
    """Return a decimal without trailing zeroes and without an exponent.

    >>> plain(Decimal("99.50")), plain(Decimal("1E+2"))
    ('99.5', '100')
    """
    return f"{number.normalize():f}"


def build_weight_form(families: Sequence[Family], base: type[WeightForm] = WeightForm) -> type[WeightForm]:
    """Return a form class with one number for each member of each family (percent, at most 6 decimals)."""

    class SchemeForm(base):  # type: ignore[misc, valid-type]
        """The weight form of one scheme."""

    SchemeForm.families = tuple(families)
    missing = _l("Enter a number. Use 0 for no weight.")
    for family in families:
        for member in family.members:
            weight = LocalisedDecimalField(_l("Weight"), [Required(missing)], low=0, high=100)
            setattr(SchemeForm, field_name(family.code, member), weight)
    return SchemeForm
