"""Objections of offices to their draft results: raised with evidence, judged by the panel, decided with a reason."""

from evalsys.services.objections.judging import Judgement, judge_objection, rule_on_objection
from evalsys.services.objections.raising import NewObjection, raise_objection, withdraw_objection

__all__ = [
    "Judgement",
    "NewObjection",
    "judge_objection",
    "raise_objection",
    "rule_on_objection",
    "withdraw_objection",
]
