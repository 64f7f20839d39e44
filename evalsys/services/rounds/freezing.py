"""The rules of a round as one digest: all that may not change any more once answers come in."""

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Category, QualityRule, Round, RoundDate, RoundUnit, SchemeVersion, Unit
from evalsys.services.questionnaires.storing import digest_of, forms_of
from evalsys.services.rounds.completeness import rules_in_force
from evalsys.services.weights import scheme_of


def frozen_rules(session: Session, round_: Round, version: SchemeVersion) -> dict[str, Any]:
    """What is frozen, as plain values: `quality` holds the rules that were set, in their own words."""
    document = rules_in_force(session, round_.id)
    set_rules = session.scalars(select(QualityRule).where(QualityRule.round_id == round_.id))
    dates = session.scalars(select(RoundDate).where(RoundDate.round_id == round_.id))
    return {
        "round": round_.code,
        "scheme": version.digest,
        "thresholds": {group.code: list(group.minimum) for group in scheme_of(version.body).groups},
        "questionnaires": {form.code: digest_of(session, form) for form in forms_of(session, round_)},
        "units": dict(session.execute(_places(round_)).all()),
        "rule_document": document.digest if document else "",
        "quality": {rule.code: [rule.is_on, rule.excludes, rule.parameters] for rule in set_rules},
        "calendar": {date.step: date.due_on.isoformat() for date in dates},
        "board": {"quorum": round_.quorum, "majority": round_.majority},
        "reply_days": round_.reply_days,
        "is_pilot": round_.is_pilot,
    }


def rules_digest(rules: dict[str, Any]) -> str:
    """SHA-256 of the rules as canonical JSON."""
    text = json.dumps(rules, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _places(round_: Round) -> Any:
    query = select(Unit.code, Category.code).select_from(RoundUnit).join(Unit, Unit.id == RoundUnit.unit_id)
    return query.join(Category, Category.id == RoundUnit.category_id).where(RoundUnit.round_id == round_.id)
