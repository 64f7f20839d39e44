"""What a round still lacks before it can open: asked by the opening itself and by the page that leads there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.i18n import _l
from evalsys.models import Questionnaire, Round, RoundUnit, RuleDocument, SchemeVersion
from evalsys.services.indicators.freezing import lacking_words
from evalsys.services.questionnaires.storing import asked_by_form, forms_of, unready
from evalsys.services.versions import approved_version
from evalsys.services.weights import asked_by, scheme_of

UNITS, QUESTIONNAIRES, ASKED, WEIGHTS, RULES = STEPS = ("units", "questionnaires", "asked", "weights", "rules")


@dataclass(frozen=True)
class Lack:
    """Something without which the round cannot open: the step it belongs to, and a message id with its values."""

    step: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


def missing(session: Session, round_: Round) -> tuple[Lack, ...]:
    """Everything that keeps the round from opening, in the order of the steps; nothing when it can open."""
    approved, forms = approved_version(session, round_.id), forms_of(session, round_)
    found = []
    if session.scalar(select(RoundUnit.unit_id).where(RoundUnit.round_id == round_.id).limit(1)) is None:
        found.append(Lack(UNITS, _l("The round has no units.")))
    found += _unready(session, forms)
    counted = approved or _newest(session, round_)
    found += _unasked(counted, forms)
    found += _unworded(session, counted)
    if approved is None:
        found.append(Lack(WEIGHTS, _l("The round has no approved weights.")))
    if rules_in_force(session, round_.id) is None:
        found.append(Lack(RULES, _l("The round has no rule document.")))
    return tuple(found)


def require_complete(lacks: tuple[Lack, ...]) -> None:
    """Raise Conflict that names all of it while something is missing."""
    if len(lacks) == 1:
        raise Conflict(lacks[0].message, lacks[0].params)
    if lacks:
        raise Conflict(
            "The round cannot open yet: several things are missing.",
            problems=[(lack.message, lack.params) for lack in lacks],
        )


def require_asked(session: Session, round_: Round, version: SchemeVersion) -> None:
    """Refuse weights that count a (group, indicator) about which no form of the round asks. Raises Conflict."""
    require_complete(tuple(_unasked(version, forms_of(session, round_))))


def rules_in_force(session: Session, round_id: int) -> RuleDocument | None:
    """The rule document of a round, the last one that was attached."""
    query = select(RuleDocument).where(RuleDocument.round_id == round_id, RuleDocument.replaced_at.is_(None))
    return session.scalar(query)


def _unready(session: Session, forms: list[Questionnaire]) -> Iterator[Lack]:
    found = unready(session, forms)
    for name in found.empty:
        yield Lack(QUESTIONNAIRES, _l("The questionnaire “%(name)s” asks nothing yet."), {"name": name})
    if found.wordless:
        message = _l("Words are missing in these questions, by questionnaire and language: %(names)s.")
        yield Lack(QUESTIONNAIRES, message, {"names": ", ".join(found.wordless)})


def _newest(session: Session, round_: Round) -> SchemeVersion | None:
    """The last version of weights that are not in force, one that is not declined before one that is."""
    query = select(SchemeVersion).where(SchemeVersion.round_id == round_.id)
    return session.scalar(query.order_by(SchemeVersion.state == "rejected", SchemeVersion.number.desc()).limit(1))


def _unworded(session: Session, version: SchemeVersion | None) -> Iterator[Lack]:
    lost = lacking_words(session, version) if version else []
    if lost:
        message = _l("Words are missing in the dictionary of indicators: %(names)s.")
        yield Lack(ASKED, message, {"names": "; ".join(lost)})


def _unasked(version: SchemeVersion | None, forms: list[Questionnaire]) -> Iterator[Lack]:
    if version is None:
        return
    asked = {(form.group, code) for form in forms for code in asked_by_form(form)}
    lost = sorted(asked_by(scheme_of(version.body)) - asked)
    if lost:
        names = ", ".join(f"{indicator} ({group})" for group, indicator in lost)
        yield Lack(ASKED, _l("The weights count indicators that no form asks about: %(names)s."), {"names": names})
