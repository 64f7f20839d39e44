"""What trying other weights costs on the page: the server's time for a preview, as a part of a whole run's own time.

Two hundred units, forty indicators, three groups, a thousand draws; of every tenth unit a group has too few answers.
"""

import sys
from datetime import date

import pandas as pd
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Role, RoundState, Run
from evalsys.services.run_input import RunInput
from scoring.pipeline import run
from tests.bench.bench_engine import Round, make_round
from tests.bench.measuring import MARGIN, best_of
from tests.factories import NOW, make_account, make_category, make_scheme_version, make_unit, sign_in
from tests.factories import make_round as store_round

UNITS, INDICATORS = 200, 40
OF_A_RUN = 0.4
"""A preview takes no more of the time of a run and its tables than this; measured: about a quarter."""
URL = "/en/oversight/rounds/2026/weights"


def thin_out(given: Round) -> Round:
    """The same with one person in the first group of every tenth unit."""
    alone = make_round(UNITS, INDICATORS, people=1).cells
    few = given.cells["unit"].isin(given.units["unit"][::10]) & (given.cells["form"] == "group0")
    return Round(pd.concat([given.cells[~few], alone[few.to_numpy()]]), given.forms, given.units, given.scheme)


def store(session: Session, given: Round, client: FlaskClient) -> None:
    """A round 2025 that was scored so, and a draft 2026 with the same weights."""
    places = {code: make_category(session, code=code) for code in sorted(set(given.units["category"]))}
    rows = given.units.itertuples(index=False)
    units = [make_unit(session, code=row.unit, category=places[row.category]) for row in rows]
    analyst, board = make_account(session, Role.ANALYST), make_account(session, Role.BOARD)
    decided = {"state": "approved", "approver": board, "decided_at": NOW}
    body = given.scheme.canonical()
    scored = store_round(session, units, code="2025", state=RoundState.PUBLISHED)
    version = make_scheme_version(session, scored, analyst, body, **decided)
    draft = store_round(session, units, code="2026", period_start=date(2026, 1, 1), period_end=date(2026, 12, 31))
    make_scheme_version(session, draft, analyst, body)
    result = run(given.cells, given.forms, given.units, given.scheme)
    facts = {"input_digest": result.input_digest, "result_digest": result.digest, "result": result.to_json()}
    frozen = RunInput(given.cells, given.forms, given.units)
    session.add(
        Run(
            round=scored, number=1, scheme_version=version, input=frozen.to_bytes(), actor=analyst, created_at=NOW,
            engine_version=result.engine_version, seed=str(result.seed), **facts,
        )
    )  # fmt: skip
    session.commit()
    sign_in(client, session, analyst)


def test_a_preview_takes_a_part_of_a_run(client: FlaskClient, session: Session) -> None:
    given = thin_out(make_round(UNITS, INDICATORS))
    store(session, given, client)
    page = client.get(URL).text
    start = page.index('name="csrf_token" value="') + len('name="csrf_token" value="')
    sent = {"csrf_token": page[start : page.index('"', start)]}
    for node in given.scheme.nodes():
        sent |= {f"w-n-{node.code}-{child.code}": f"{float(100 * child.weight):g}" for child in node.children}
    for leaf in given.scheme.leaves():
        sent |= {f"w-g-{leaf.code}-{group}": f"{float(100 * share):g}" for group, share in leaf.shares}
    sent |= {"w-n-score-d0": "30", "w-n-score-d1": "10"}

    def preview() -> None:
        answer = client.post(f"{URL}/preview", data=sent, headers={"X-Fragment": "1"})
        assert answer.status_code == 200, answer.text
        assert "of 180 offices" in answer.text

    preview()
    whole = best_of(lambda: run(given.cells, given.forms, given.units, given.scheme).to_json())
    taken = best_of(preview, rounds=5)
    sys.stdout.write(f"\npreview {1000 * taken:.0f} ms, a whole run {1000 * whole:.0f} ms ({taken / whole:.2f})\n")
    assert taken <= OF_A_RUN * whole * MARGIN
