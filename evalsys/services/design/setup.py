"""What leads from a draft to an open round: every step with its state, and what opening it would refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from evalsys.db import db
from evalsys.i18n import _l
from evalsys.models import RoundState
from evalsys.services.access import Actor, may, require
from evalsys.services.design.facts import SetupFacts, read_facts
from evalsys.services.design.inviting import invited_notes, raters_notes
from evalsys.services.design.settings import RoundHead, head_of
from evalsys.services.design.thresholds import LEAST_PUBLIC
from evalsys.services.rounds.completeness import missing
from evalsys.services.rounds.states import find_round

DONE, MISSING, ADVICE = "done", "missing", "advice"
STEPS = (
    "titles", "units", "questionnaires", "asked", "peers", "experts", "citizens", "targets", "thresholds", "weights",
    "rules", "calendar", "consultation", "board",
)  # fmt: skip


@dataclass(frozen=True)
class Note:
    """One sentence about a step: a message id with its values. Advice can be ignored, a fact needs nothing."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    is_advice: bool = False


@dataclass(frozen=True)
class Step:
    """A step of the set-up: done, still missing, or with some advice."""

    code: str
    state: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class SetupPage:
    """All steps in order. `proposal` is the number of the newest version of weights that waits for a decision."""

    head: RoundHead
    steps: tuple[Step, ...]
    proposal: int | None
    may_open: bool

    @property
    def missing(self) -> int:
        """How many steps keep the round from opening."""
        return sum(step.state == MISSING for step in self.steps)

    @property
    def advised(self) -> int:
        """How many steps are left to the reader's judgement."""
        return sum(step.state == ADVICE for step in self.steps)


def setup_page(actor: Actor, code: str, locale: str, *, today: date) -> SetupPage:
    """The set-up of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, code)
    lacks: dict[str, list[Note]] = {}
    for lack in missing(session, round_):
        lacks.setdefault(lack.step, []).append(Note(lack.message, lack.params))
    facts = read_facts(session, round_, locale)
    steps = tuple(_step(step, lacks.get(step, []), _notes(step, facts, today)) for step in STEPS)
    can_open = round_.state == RoundState.APPROVED and not lacks and round_.suspended_at is None
    return SetupPage(
        head=head_of(actor, round_, locale),
        steps=steps,
        proposal=facts.proposal.number if facts.proposal else None,
        may_open=can_open and may(actor, "round.open"),
    )


def _step(code: str, lacks: list[Note], notes: list[Note]) -> Step:
    advised = any(note.is_advice for note in notes)
    return Step(code, MISSING if lacks else ADVICE if advised else DONE, (*lacks, *notes))


def _notes(step: str, facts: SetupFacts, today: date) -> list[Note]:
    if step in RATERS:
        return [Note(*said) for said in raters_notes(facts, is_named=RATERS[step])]
    if step == "citizens":
        return [Note(*said) for said in invited_notes(facts)]
    if step == "calendar":
        return _calendar(facts, today)
    return NOTES[step](facts)


def _titles(facts: SetupFacts) -> list[Note]:
    if facts.untitled:
        names = ", ".join(facts.untitled)
        return [Note(_l("The title is missing in: %(languages)s."), {"languages": names}, is_advice=True)]
    return []


def _units(facts: SetupFacts) -> list[Note]:
    return [Note(_l("Offices that take part: %(number)s."), {"number": facts.units})] if facts.units else []


def _questionnaires(facts: SetupFacts) -> list[Note]:
    return [Note(_l("Questionnaires: %(number)s."), {"number": facts.forms})]


def _targets(facts: SetupFacts) -> list[Note]:
    if facts.targets:
        return [Note(_l("Targets that are set: %(number)s."), {"number": facts.targets})]
    return [Note(_l("No target is set: nobody will see in time where answers are few."), is_advice=True)]


def _thresholds(facts: SetupFacts) -> list[Note]:
    few = [group.name for group in facts.groups if group.is_anonymous and group.public_from < LEAST_PUBLIC]
    message = _l("%(group)s: published from fewer than %(least)s answers, which may tell who answered what.")
    return [Note(message, {"group": str(name), "least": LEAST_PUBLIC}, is_advice=True) for name in few]


def _weights(facts: SetupFacts) -> list[Note]:
    notes = []
    if facts.approved:
        version = {"number": facts.approved.number, "name": facts.approved.person}
        notes.append(Note(_l("Version %(number)s of the weights was approved by %(name)s."), version))
    if facts.proposal:
        version = {"number": facts.proposal.number, "name": facts.proposal.person}
        message = _l("Version %(number)s, proposed by %(name)s, waits for a decision of the board.")
        notes.append(Note(message, version, is_advice=bool(facts.approved)))
    return notes


def _rules(facts: SetupFacts) -> list[Note]:
    return [Note(_l("In force: “%(title)s”."), {"title": facts.rules})] if facts.rules else []


def _calendar(facts: SetupFacts, today: date) -> list[Note]:
    if not facts.dates:
        return [Note(_l("No step has a day yet. The page suggests days for all of them."), is_advice=True)]
    opening = facts.dates.get("opening")
    if opening and opening < today:
        return [Note(_l("The day of the opening has passed."), is_advice=True)]
    return [Note(_l("Steps with a day: %(number)s."), {"number": len(facts.dates)})]


def _consultation(facts: SetupFacts) -> list[Note]:
    if not facts.has_consultation:
        return [Note(_l("The draft was not laid open to the public."), is_advice=True)]
    return [Note(_l("The draft was laid open, or still is."))]


def _board(facts: SetupFacts) -> list[Note]:
    votes = {"quorum": facts.quorum, "board": facts.board}
    if facts.quorum > facts.board:
        message = _l("A decision needs %(quorum)s votes, but only %(board)s people can vote.")
        return [Note(message, votes, is_advice=True)]
    return [Note(_l("Votes that a decision needs: %(quorum)s of %(board)s."), votes)]


RATERS = {"peers": False, "experts": True}
NOTES = {
    "titles": _titles,
    "units": _units,
    "questionnaires": _questionnaires,
    "asked": lambda _facts: [],
    "targets": _targets,
    "thresholds": _thresholds,
    "weights": _weights,
    "rules": _rules,
    "consultation": _consultation,
    "board": _board,
}
