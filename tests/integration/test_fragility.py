"""How firmly weights hold an order: who could be first at all, what brings two offices level, what stays hidden."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.errors import NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Round, Run
from evalsys.services import runs, schemes, workbench
from evalsys.services.content import Text
from evalsys.services.rescoring import StoredRun, standings_with
from evalsys.services.weights import Labels, read_scheme, scheme_of
from evalsys.services.workbench import FragilityPage, Question
from evalsys.services.workbench.orders import hold_lines, order_of, swaps_of
from tests.factories import NOW, make_scheme_version, sign_in
from tests.integration.governing import World, add_answers, make_world, scheme_mapping
from tests.integration.test_run_pages import scored
from tests.integration.test_trials import draft, next_round, parts, tried
from tests.pages import get_page

pytestmark = pytest.mark.database("sqlite")

URL = "/en/oversight/rounds/2026/weights/fragility"


def complete(session: Session) -> World:
    """A scored round in which both units have all their parts, and a draft made from it."""
    world, _run_id = scored(session)
    add_answers(session, world.forms["peers"], world.units[1], [[5], [5], [4], [5]])
    add_answers(session, world.forms["experts"], world.units[1], [[90]] * 3)
    runs.score_round(world.actor(world.analyst), "2025", now=NOW)
    draft(world)
    return world


def asked(world: World, question: Question | None = None) -> FragilityPage:
    return workbench.fragility_page(world.actor(world.analyst), "2026", question or Question(), "en")


def test_the_pair_is_level_at_the_weights_that_the_page_names(session: Session) -> None:
    world = complete(session)
    (category,) = asked(world).categories
    (swap,) = category.swaps
    assert swap.part is not None
    assert swap.then is not None
    now = {"experience": 50, "cooperation": 20, "leadership": 30}
    part = next(code for code in now if str(swap.part).lower().startswith(code))
    rest = {code: weight for code, weight in now.items() if code != part}
    scaled = {code: (100 - swap.then) * weight / sum(rest.values()) for code, weight in rest.items()}
    scaled[part] = swap.then
    rounded = {code: round(Decimal(weight), 1) for code, weight in scaled.items()}
    rounded["experience"] += 100 - sum(rounded.values())
    lines = tried(world, {"n-score": rounded}).lines
    scores = [line.after.score for line in lines]
    assert scores[0] is not None
    assert scores[1] is not None
    assert abs(scores[0] - scores[1]) < Decimal("0.2")


def test_shares_of_the_first_place_add_up_and_who_can_lead_is_counted(session: Session) -> None:
    world = complete(session)
    (category,) = asked(world).categories
    assert len(category.lines) == 2
    assert sum(line.first for line in category.lines) >= 100
    assert category.could_lead == sum(1 for line in category.lines if line.best == 1)
    assert all(line.best <= line.worst <= 2 for line in category.lines)
    assert [str(hold.weight) for hold in category.holds] == ["50.0", "20.0", "30.0"]


def test_two_named_offices_are_compared_whichever_comes_first(session: Session) -> None:
    world = next_round(session)
    one, other = (asked(world, Question(first=a, second=b)).pair for a, b in (("U01", "U02"), ("U02", "U01")))
    assert one is not None
    assert one == other
    assert asked(world, Question(first="U01", second="U01")).pair is None
    assert asked(world, Question(first="U01", second="<b>")).pair is None


def test_a_unit_of_which_something_is_hidden_takes_no_part(session: Session) -> None:
    world = next_round(session, citizens=1)
    page = asked(world)
    assert page.hidden == 1
    assert {line.code for category in page.categories for line in category.lines} == {"U01"}
    assert [code for code, _name in page.units] == ["U01"]


def test_where_the_top_is_no_weighted_mean_only_the_ranks_are_tried(client: FlaskClient, session: Session) -> None:
    world = complete(session)
    mapping = scheme_mapping()
    mapping["tree"]["aggregation"] = "median"
    scheme = read_scheme(mapping)
    draft_round = session.query(Round).filter_by(code="2026").one()
    make_scheme_version(session, draft_round, world.analyst, scheme.canonical(), number=2, digest=scheme.digest)
    page = asked(world, Question(version=2))
    assert (page.weighs, page.draws) == (False, 250)
    (category,) = page.categories
    assert category.lines
    assert (category.swaps, category.holds, page.pair) == ((), (), None)
    sign_in(client, session, world.analyst)
    assert "no weighted mean" in get_page(client, f"{URL}?version=2&first=U01&second=U02").text


def test_a_part_at_zero_of_a_geometric_mean_leaves_the_pair_unknown(session: Session) -> None:
    world = complete(session)
    run = session.query(Run).order_by(Run.id.desc()).first()
    assert run is not None
    tried_now = standings_with(
        StoredRun(run.id, run.input_digest, run.result_digest), scheme_of(run.scheme_version.body)
    )
    ordered = order_of(tried_now, frozenset({"U01", "U02"}), scheme_of(run.scheme_version.body))
    assert ordered.criteria is not None
    zero = replace(ordered.criteria, values=np.zeros((2, 3)), method="geometric")
    labels, names = Labels("en"), {code: Text(code, "") for code in ordered.units}
    (swap,) = swaps_of(replace(ordered, criteria=zero), ordered.rows, names, labels)
    assert not swap.is_known
    assert hold_lines(replace(ordered, criteria=zero), ordered.rows, labels) == ()
    assert world.round.code == "2025"


def test_without_a_scored_round_the_page_says_so(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    page = get_page(client, "/en/oversight/rounds/2025/weights/fragility")
    assert "There is no scored round" in page.text


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_of_a_proposal_leads_to_its_fragility(client: FlaskClient, session: Session, locale: str) -> None:
    world = next_round(session)
    schemes.propose_weights(world.actor(world.analyst), "2026", parts("10", "20", "70"), "why not", now=NOW)
    sign_in(client, session, world.first)
    proposal = get_page(client, f"/{locale}/oversight/rounds/2026/proposals/2")
    (link,) = [one for one in proposal.links if "fragility" in one]
    page = get_page(client, f"{link}&first=U01&second=U02")
    assert len(page.select("main table")) == 3
    assert len(page.select("svg.pull--ranks")) == 2
    assert "proposals/2" in " ".join(page.links)
    get_page(client, f"{URL}?version=abc&first=%00&second=%E2%80%AE")
    with pytest.raises(NotFound):
        asked(world, Question(version=9))
