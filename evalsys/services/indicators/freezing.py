"""Which version of every indicator a round uses, fixed for all its units when it opens."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from evalsys.models import Indicator, IndicatorVersion, Round, RoundIndicator, SchemeVersion
from evalsys.services.content import Text
from evalsys.services.indicators.entries import NAME, parse, read_entries
from evalsys.services.indicators.versions import current_versions
from evalsys.services.versions import approved_version
from evalsys.services.weights import asked_by, scheme_of


def freeze_indicators(session: Session, round_: Round, now: datetime) -> dict[str, int]:
    """Fix the current version of every indicator that the round's weights count; returns the numbers by code.

    Administrative figures, which nobody is asked, have no entry.
    """
    version = approved_version(session, round_.id)
    asked = _counted(version) if version else select(Indicator).where(false())
    found = current_versions(session, session.scalars(asked.with_for_update()).all(), now)
    session.add_all(RoundIndicator(round_id=round_.id, version_id=one.id) for one in found.values())
    session.flush()
    return {code: one.number for code, one in found.items()}


def lacking_words(session: Session, version: SchemeVersion) -> list[str]:
    """Names and anchors that an indicator which counts lacks in a language, each as "trust: anchor_1 (ar)"."""
    entries = read_entries(session, session.scalars(_counted(version)).all())
    return [
        f"{code}: {lack.field} ({', '.join(lack.locales)})" for code, one in entries.items() for lack in one.lacks()
    ]


def _counted(version: SchemeVersion) -> Select[Indicator]:
    codes = {code for _group, code in asked_by(scheme_of(version.body))}
    return select(Indicator).where(Indicator.code.in_(codes)).order_by(Indicator.code)


def frozen_versions(session: Session, round_id: int) -> dict[str, IndicatorVersion]:
    """The versions that a round uses, by the indicator's code; none before it opens."""
    query = (
        select(Indicator.code, IndicatorVersion)
        .join(IndicatorVersion, IndicatorVersion.indicator_id == Indicator.id)
        .join(RoundIndicator, RoundIndicator.version_id == IndicatorVersion.id)
        .where(RoundIndicator.round_id == round_id)
        .order_by(Indicator.code)
    )
    return dict(session.execute(query).all())


def frozen_names(session: Session, round_id: int, locale: str) -> Mapping[str, Text]:
    """What the indicators of a round are called in it, whatever the dictionary calls them now."""
    names = {code: parse(one.body).said(NAME) for code, one in frozen_versions(session, round_id).items()}
    return {code: Text(said[locale], locale) for code, said in names.items() if said.get(locale)}
