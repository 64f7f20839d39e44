"""Which findings a scheme knows: points on top or off always, vetoes and limits of the band where it names them."""

from dataclasses import dataclass

from scoring.scheme import Scheme

BONUS, DEDUCTION, VETO, LIMITER = "bonus", "deduction", "veto", "limiter"
WITH_POINTS = (DEDUCTION, BONUS)


@dataclass(frozen=True)
class FindingRule:
    """What a finding may do: `kind`, the code under which the scheme knows it, and the best band it leaves."""

    kind: str
    code: str
    band: str = ""

    @property
    def value(self) -> str:
        """How a form and a row name the rule."""
        return f"{self.kind}:{self.code}"

    @property
    def has_points(self) -> bool:
        """Whether a finding under this rule needs points."""
        return self.kind in WITH_POINTS


def rules_of(scheme: Scheme) -> tuple[FindingRule, ...]:
    """Every rule that a finding may use under this scheme.

    >>> from types import SimpleNamespace
    >>> [rule.value for rule in rules_of(SimpleNamespace(vetoes=(), limiters=()))]
    ['deduction:case', 'bonus:merit']
    """
    return (
        FindingRule(DEDUCTION, "case"),
        FindingRule(BONUS, "merit"),
        *(FindingRule(LIMITER, limit.code, limit.band) for limit in scheme.limiters),
        *(FindingRule(VETO, limit.code, limit.band) for limit in scheme.vetoes),
    )
