"""Which version of every indicator a round uses, fixed for all its units when it opens."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Indicator, IndicatorVersion, Round, RoundIndicator
from evalsys.services.content import Text
from evalsys.services.indicators.entries import NAME, parse
from evalsys.services.indicators.versions import current_versions
from evalsys.services.versions import approved_version
from evalsys.services.weights import asked_by, scheme_of


def freeze_indicators(session: Session, round_: Round, now: datetime) -> dict[str, int]:
    """Fix the current version of every indicator that the round's weights count; returns the numbers by code.

    Raises Conflict while one of them lacks its name or an anchor in a language. Administrative figures, which nobody
    is asked, have no entry.
    """
    version = approved_version(session, round_.id)
    codes = {code for _group, code in asked_by(scheme_of(version.body))} if version else set()
    asked = select(Indicator).where(Indicator.code.in_(codes)).order_by(Indicator.code)
    counted = session.scalars(asked.with_for_update()).all()
    found = current_versions(session, counted, now)
    lacking = [
        f"{code}: {lack.field} ({', '.join(lack.locales)})"
        for code, one in found.items()
        for lack in parse(one.body).lacks()
    ]
    if lacking:
        names = "; ".join(lacking)
        raise Conflict("Words are missing in the dictionary of indicators: %(names)s.", {"names": names})
    session.add_all(RoundIndicator(round_id=round_.id, version_id=one.id) for one in found.values())
    session.flush()
    return {code: one.number for code, one in found.items()}


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
