"""The worked example of a preset, played in the application: its round, answers, figures and findings."""

import io
from collections.abc import Callable, Iterable, Sequence
from itertools import count

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.models import Account, Question, Questionnaire, Role, Round, Run, Unit
from evalsys.services.presets import read_preset
from scoring.files.ratings import level_code
from scoring.result import Result
from scoring.scheme import Node, parse_scheme
from tests.factories import give_rules, make_account, make_unit, sign_in
from tests.integration.governing import add_answers
from tests.pages import check_page, post_form

HOME = "/en/oversight/rounds"
FINDING = {"bonus": "bonus:merit", "deduction": "deduction:case"}
_numbers = count(1)
Play = Callable[..., Result]


def player(client: FlaskClient, session: Session) -> Play:
    """What takes the place of the engine on files in a golden test: the same rows, through the pages."""
    people = {role: make_account(session, role) for role in (Role.ANALYST, Role.BOARD)}

    def play(
        code: str, ratings: Iterable[str] = (), *, figures: Sequence[str] = (), findings: Sequence[str] = ()
    ) -> Result:
        rows = [row.split(",") for row in ratings]
        round_ = f"G{next(_numbers)}"
        _take_part(session, {row[0] for row in rows} | {row.split(",")[0] for row in figures[1:]})
        _open(client, session, people, round_, code)
        _answer(session, round_, code, rows)
        act = f"{HOME}/{round_}"
        sign_in(client, session, people[Role.ANALYST])
        if figures:
            _load(client, f"{act}/figures", figures)
        _press(client, act, "close")
        _press(client, act, "check")
        for row in findings[1:]:
            _find(client, session, people, f"{act}/findings", row.split(","))
        _press(client, act, "score")
        run = session.scalars(select(Run).join(Round).where(Round.code == round_)).one()
        return Result.from_json(run.result)

    return play


def _take_part(session: Session, codes: set[str]) -> None:
    """These offices and no others."""
    known = {unit.code: unit for unit in session.scalars(select(Unit))}
    for code in sorted(codes - known.keys()):
        make_unit(session, code=code)
    session.execute(update(Unit).values(is_active=Unit.code.in_(codes)))
    session.commit()


def _open(client: FlaskClient, session: Session, people: dict[Role, Account], round_: str, preset: str) -> None:
    sign_in(client, session, people[Role.ANALYST])
    wanted = {"source": f"preset:{preset}", "code": round_, "opens_on": "2026-01-01", "closes_on": "2026-12-31"}
    titles = {f"title_{locale}": round_ for locale in ("en", "zh", "ar")}
    assert post_form(client, f"{HOME}/new", {**wanted, **titles}, "#form").status_code == 302
    sign_in(client, session, people[Role.BOARD])
    decision = {"decision": "approve", "reason": ""}
    assert post_form(client, f"{HOME}/{round_}/proposals/1", decision, "#form").status_code == 302
    sign_in(client, session, people[Role.ANALYST])
    give_rules(session, round_)
    _press(client, f"{HOME}/{round_}/setup", "open")


def _press(client: FlaskClient, page: str, act: str) -> None:
    """Press the button of an act on the round's page."""
    answer = post_form(client, page, {}, f"form:has(input[value={act}])")
    assert answer.status_code == 302, answer.text


def _answer(session: Session, round_: str, preset: str, rows: list[list[str]]) -> None:
    """Responses as the mixer leaves them: one a respondent, in the order of her form."""
    leaves = {leaf.code: leaf for leaf in parse_scheme(read_preset(preset).scheme).leaves()}
    query = select(Questionnaire).join(Round).where(Round.code == round_)
    forms = {form.group: form for form in session.scalars(query)}
    said: dict[tuple[str, str, str], dict[str, dict[str, str]]] = {}
    for unit, group, indicator, value, respondent, stratum in rows:
        said.setdefault((unit, group, stratum), {}).setdefault(respondent, {})[indicator] = value
    units = {unit.code: unit for unit in session.scalars(select(Unit))}
    for (unit, group, stratum), persons in said.items():
        codes = [_codes(forms[group].questions, leaves, answers) for answers in persons.values()]
        add_answers(session, forms[group], units[unit], codes, stratum or _only_stratum(preset, group))


def _codes(questions: Sequence[Question], leaves: dict[str, Node], answers: dict[str, str]) -> list[int]:
    codes = (question.indicator.code for question in questions)
    return [level_code(answers[code], leaves[code]) if code in answers else 0 for code in codes]


def _only_stratum(preset: str, group: str) -> str:
    groups = {one.code: one for one in parse_scheme(read_preset(preset).scheme).groups}
    return groups[group].strata[0].code


def _load(client: FlaskClient, page: str, figures: Sequence[str]) -> None:
    """Upload the table with a source for each row, look at the preview, and load it."""
    head, *lines = (row.split(",", 1) for row in figures)
    rows = [f"{head[0]},source,{head[1]}", *(f"{unit},report,{rest}" for unit, rest in lines)]
    file = io.BytesIO("\n".join(rows).encode())
    seen = post_form(client, page, {"file": (file, "figures.csv")}, "form[enctype]")
    assert seen.status_code == 302, seen.text
    preview = check_page(client.get(seen.location))
    assert post_form(client, seen.location, {}, "main form:has(input[name=plan])").status_code == 302, preview.text


def _find(client: FlaskClient, session: Session, people: dict[Role, Account], page: str, row: list[str]) -> None:
    """Write a finding down, and have a member of the board confirm it."""
    unit, kind, code, points, source, reason = row
    wanted = {"unit": unit, "rule": FINDING.get(kind, f"{kind}:{code}"), "points": points, "source": source}
    made = post_form(client, f"{page}/new", {**wanted, "reason": reason or "as reported"}, "#form")
    assert made.status_code == 302, made.text
    sign_in(client, session, people[Role.BOARD])
    assert post_form(client, made.location, {"decision": "confirm"}, "main form").status_code == 302
    sign_in(client, session, people[Role.ANALYST])
