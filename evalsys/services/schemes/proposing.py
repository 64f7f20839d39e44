"""Proposing other weights, before the opening and after it, and looking at what they would mean."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Invalid
from evalsys.models import Round, SchemeVersion
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.rounds.completeness import require_asked
from evalsys.services.rounds.states import ACTS, find_round, subject_of, take_round
from evalsys.services.schemes.lines import Effects, what_counts
from evalsys.services.trial import Trial, try_scheme
from evalsys.services.versions import add_version, current_version
from evalsys.services.weights import Labels, Weights, scheme_of, with_weights


@dataclass(frozen=True)
class Reasons:
    """Why weights are proposed: for the board, and for everybody, the latter in one language."""

    internal: str
    public: str = ""
    locale: str = ""


@dataclass(frozen=True)
class Preview(Effects):
    """What other weights mean, and what they would have done to a scored round, if there is one that fits them."""

    trial: Trial | None


def propose_weights(actor: Actor, round_code: str, weights: Weights, reason: str | Reasons, *, now: datetime) -> int:
    """Write the next version of the round's weights, to be decided by another board member; returns its number.

    Raises Forbidden, NotFound; Conflict once the round is open; Invalid when sums are not exactly 100, when nothing
    changes or the reason is missing.
    """
    reasons = reason if isinstance(reason, Reasons) else Reasons(reason)
    act = Act(actor, ACTS["propose"].right, subject_of(round_code), now, reason=reasons.internal)
    with audited(act) as session:
        round_ = take_round(session, round_code, "propose")
        return _add(session, round_, weights, reasons, act).number


def propose_amendment(actor: Actor, round_code: str, weights: Weights, reasons: Reasons, *, now: datetime) -> int:
    """Propose other weights although the round is open and they are locked; returns the version's number.

    Raises Forbidden, NotFound; Conflict before the opening, when it is too late, or when no form asks about what the
    weights count; Invalid as `propose_weights`, and without a public reason.
    """
    act = Act(actor, ACTS["amend"].right, subject_of(round_code), now, reason=reasons.internal)
    with audited(act) as session:
        round_ = take_round(session, round_code, "amend")
        if not reasons.public.strip():
            raise Invalid("Write the public reason: everybody must be told why locked weights change.")
        version = _add(session, round_, weights, reasons, act)
        version.is_amendment = True
        require_asked(session, round_, version)
        return version.number


def preview_weights(actor: Actor, round_code: str, weights: Weights, locale: str) -> Preview:
    """What these weights would mean, beside the present ones; stores nothing. Raises Forbidden, NotFound, Invalid."""
    require(actor, "oversight.read")
    session = db.session()
    basis = scheme_of(current_version(session, find_round(session, round_code)).body)
    scheme = with_weights(basis, weights)
    effects = what_counts(scheme, basis, Labels(locale))
    return Preview(effects.indicators, effects.groups, try_scheme(session, scheme, locale))


def _add(session: Session, round_: Round, weights: Weights, reasons: Reasons, act: Act) -> SchemeVersion:
    basis = current_version(session, round_)
    scheme = with_weights(scheme_of(basis.body), weights)
    if scheme.digest == basis.digest and basis.state == "approved":
        raise Invalid("These are the weights that are in force already.")
    version = add_version(session, round_, scheme, act)
    version.public_reason, version.public_reason_locale = reasons.public.strip(), reasons.locale
    act.detail = {"version": version.number, "scheme": version.digest}
    return version
