"""The gate before the public: every check, each with what is wrong when it fails."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.i18n import _l
from evalsys.models import Objection, PublishedScorecard, Round, Run, SchemeVersion
from evalsys.services.publication.epochs import LEAST_CHANGED, narrow_steps
from evalsys.services.publication.freshness import stale_problems
from evalsys.services.publication.problems import Problem
from evalsys.services.run_input import RunInput
from evalsys.services.run_scoring import score_input
from evalsys.services.run_tables import shown_tables
from evalsys.services.weights import scheme_of
from scoring.result import Result
from scoring.scheme import Scheme
from scoring.suppress import Release, differs_safely

RUNS_IN_MEMORY = 8
NAMED = 5
NARROW = _l(
    "Public figures of these offices would change with the answers of fewer than %(least)s people: %(offices)s."
)
REFUSED = _l("The scorecards cannot be published yet.")


@dataclass(frozen=True)
class Check:
    """One check of the gate and what is wrong; `code` is one of CHECKS, or "votes" for a correction."""

    code: str
    problems: tuple[Problem, ...]

    @property
    def is_met(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def require_publishable(session: Session, round_: Round, run: Run) -> None:
    """Refuse to publish the run, with every reason at once. Raises Conflict."""
    found = [problem for check in gate_checks(session, round_, run) for problem in check.problems]
    found += repeat_problems(run)
    if found:
        raise Conflict(REFUSED, problems=found)


def gate_checks(session: Session, round_: Round, run: Run) -> tuple[Check, ...]:
    """All checks but the repetition of the run, which takes as long as scoring itself."""
    return tuple(Check(code, tuple(check(session, round_, run))) for code, check in CHECKS.items())


def objection_problems(session: Session, round_: Round, _run: Run) -> list[Problem]:
    """Objections that nobody has decided."""
    query = select(func.count()).where(Objection.round_id == round_.id, Objection.state == "open")
    waiting = session.scalar(query) or 0
    return [(_l("Objections that are still open: %(number)s."), {"number": waiting})] if waiting else []


def repeat_problems(run: Run) -> list[Problem]:
    """Whether the stored input, scored again now, gives the stored result byte by byte."""
    again = score_input(RunInput.from_bytes(run.input), scheme_of(run.scheme_version.body))
    if again.to_json() == run.result:
        return []
    text = _l("Run %(number)s cannot be repeated: its stored input gives another result.")
    return [(text, {"number": run.number})]


def _threshold_problems(session: Session, round_: Round, run: Run) -> list[Problem]:
    """Least numbers of answers are promised when the round opens, and never lowered afterwards."""
    of_round = select(SchemeVersion.body).where(SchemeVersion.round_id == round_.id)
    body = session.scalar(of_round.where(SchemeVersion.digest == round_.opened_scheme).limit(1))
    if not round_.opened_scheme or body is None:
        return []
    promised = {group.code: group.minimum for group in scheme_of(body).groups}
    lower = [
        group.code
        for group in scheme_of(run.scheme_version.body).groups
        if any(now < then for now, then in zip(group.minimum, promised.get(group.code, group.minimum), strict=True))
    ]
    text = _l("The least numbers of answers are lower than when the round opened: %(groups)s.")
    return [(text, {"groups": ", ".join(lower)})] if lower else []


def _hidden_problems(session: Session, round_: Round, run: Run) -> list[Problem]:
    """Hidden figures that readers could work out, from these cards alone or together with those that are public."""
    body, problems = run.scheme_version.body, list[Problem]()
    told = _told(run.result, run.result, body)
    if told:
        problems.append((_l("Hidden figures of these offices could be worked out: %(offices)s."), _offices(told)))
    told, narrow = _told_beside(session.scalars(_published_runs(round_)), run)
    if told:
        text = _l("Together with what is public, hidden figures of these offices could be worked out: %(offices)s.")
        problems.append((text, _offices(told)))
    if narrow:
        problems.append((NARROW, {"least": LEAST_CHANGED, **_offices(narrow)}))
    return problems


def _told_beside(public: Iterable[Run], run: Run) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The units of which the run tells too much beside any run that was ever public: former cards stay readable."""
    told, narrow, body = set[str](), set[str](), run.scheme_version.body
    for former in public:
        if former.id != run.id:
            told.update(told_together(former, run))
            narrow.update(_narrow(former.result, run.result, body))
    return tuple(sorted(told)), tuple(sorted(narrow))


def told_together(former: Run, run: Run) -> tuple[str, ...]:
    """The units of which two runs, both shown, would tell what is hidden; runs of other weights are not compared."""
    if former.scheme_version.digest != run.scheme_version.digest:
        return ()
    return _told(former.result, run.result, run.scheme_version.body)


def published_run(session: Session, round_: Round) -> Run | None:
    """The run whose cards are public now."""
    return session.scalar(_published_runs(round_).limit(1))


def _published_runs(round_: Round) -> Select[Run]:
    """Every run whose cards are or were public, the newest first."""
    public = select(PublishedScorecard.run_id).where(PublishedScorecard.round_id == round_.id)
    return select(Run).where(Run.id.in_(public)).order_by(Run.number.desc())


def _offices(codes: tuple[str, ...]) -> dict[str, object]:
    return {"offices": ", ".join(codes[:NAMED]) + (" …" if len(codes) > NAMED else "")}


@lru_cache(maxsize=RUNS_IN_MEMORY)
def _told(former: bytes, result: bytes, body: str) -> tuple[str, ...]:
    """The units of which two releases tell what is hidden; of the same one twice: what it tells by itself."""
    scheme = scheme_of(body)
    safe = differs_safely(_release(former, scheme), _release(result, scheme), scheme)
    return tuple(unit for unit, is_safe in safe.items() if not is_safe)


@lru_cache(maxsize=RUNS_IN_MEMORY)
def _narrow(former: bytes, result: bytes, body: str) -> tuple[str, ...]:
    return narrow_steps(Result.from_json(former), Result.from_json(result), scheme_of(body))


def _release(result: bytes, scheme: Scheme) -> Release:
    found = Result.from_json(result)
    return Release(found.stages, shown_tables(found, scheme, "public"))


CHECKS: dict[str, Callable[[Session, Round, Run], list[Problem]]] = {
    "objections": objection_problems,
    "fresh": stale_problems,
    "thresholds": _threshold_problems,
    "hidden": _hidden_problems,
}
"""The checks by name, in the order in which the page lists them."""
