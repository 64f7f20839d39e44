"""A version of the weights, and what it means, as plain values that several pages show."""

from dataclasses import dataclass
from datetime import datetime

from evalsys.models import SchemeVersion
from evalsys.services.content import Text, text_of
from evalsys.services.weights import Effect, Labels, effects_of, group_weights
from scoring.scheme import Scheme


@dataclass(frozen=True)
class Version:
    """One version in the history: who, when, why; `public_reason` is what everybody reads, in its language."""

    number: int
    state: str
    digest: str
    reason: str
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    decision_reason: str
    public_reason: Text
    is_amendment: bool


@dataclass(frozen=True)
class Effects:
    """What weights mean for the whole score: of every indicator, and of every group in percent."""

    indicators: tuple[Effect, ...]
    groups: tuple[tuple[Text, str], ...]


def shown(version: SchemeVersion) -> Version:
    """A stored version in plain values."""
    return Version(
        number=version.number,
        state=version.state,
        digest=version.digest,
        reason=version.reason,
        proposer=version.proposer.name,
        proposed_at=version.proposed_at,
        decider=version.approver.name if version.approver else "",
        decided_at=version.decided_at,
        decision_reason=version.decision_reason,
        public_reason=Text(version.public_reason, version.public_reason_locale),
        is_amendment=version.is_amendment,
    )


def round_name(code: str, locale: str) -> Text:
    """The name of a round."""
    return text_of("round", code, "name", locale)


def what_counts(scheme: Scheme, former: Scheme | None, labels: Labels) -> Effects:
    """What every indicator and every group counts, beside what the indicators counted in `former`."""
    groups = tuple((labels.of("group", code), f"{weight:f}") for code, weight in group_weights(scheme).items())
    return Effects(effects_of(scheme, former, labels), groups)
