"""Another group by configuration alone: its questionnaire, its options, what it counts; former rounds stay."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid
from evalsys.models import Indicator, Question, Questionnaire, RaterGroup, RoundState, Run, SchemeVersion
from evalsys.services import groups, rounds, runs, schemes
from evalsys.services.groups import GroupOptions, NewGroup, NewStratum
from evalsys.services.groups.shares import Part, scaled, with_group
from evalsys.services.questionnaires.document import parse
from evalsys.services.weights import group_weights, read_scheme, scheme_of
from tests.factories import NOW
from tests.integration.governing import World, add_answers, audit_of, make_world, scheme_mapping

NAMES = {"en": "Businesses", "zh": "企业", "ar": "الشركات"}
SMALL = {"en": "Small ones", "zh": "小企业", "ar": "الصغيرة"}
LARGE = {"en": "Large ones", "zh": "大企业", "ar": "الكبيرة"}


def businesses(**over: Any) -> NewGroup:
    facts: dict[str, Any] = {
        "code": "businesses",
        "names": NAMES,
        "promise": "anonymous",
        "minimum": (1, 1, 1),
        "strata": (NewStratum("small", SMALL, Decimal(60)), NewStratum("large", LARGE, Decimal(40))),
        "options": GroupOptions("public", has_open_channel=True, parents={"large": "small"}),
        "source": "citizens",
        "weight": Decimal(10),
        "reason": "They pay most of the fees.",
    }
    return NewGroup(**{**facts, **over})


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    for form in made.forms.values():
        form.code = form.group
    session.commit()
    return made


def weights(session: Session, number: int) -> dict[str, Decimal]:
    body = session.scalars(select(SchemeVersion.body).where(SchemeVersion.number == number)).one()
    return group_weights(scheme_of(body))


def test_a_fourth_group_needs_no_code_and_the_others_give_way_in_proportion(world: World, session: Session) -> None:
    analyst = world.actor(world.analyst)
    seen = groups.preview_group(analyst, "2025", businesses(), "en")
    assert [(str(line.name), f"{line.before} {line.after}") for line in seen] == [
        ("Citizens", "50 45"),
        ("Peers", "20 18"),
        ("Experts", "30 27"),
        ("Businesses", "None 10"),
    ]
    assert not session.scalars(select(RaterGroup)).all()
    assert groups.add_group(analyst, "2025", businesses(), now=NOW) == 2
    assert weights(session, 2) == {"citizens": 45, "peers": 18, "experts": 27, "businesses": 10}
    assert weights(session, 1) == {"citizens": 50, "peers": 20, "experts": 30}
    row = session.scalars(select(RaterGroup)).one()
    assert (row.mode, row.has_open_channel, row.parents) == ("public", True, {"large": "small"})
    form = session.scalars(select(Questionnaire).where(Questionnaire.group == "businesses")).one()
    assert [question.indicator.code for question in form.questions] == ["businesses_satisfaction", "businesses_trust"]
    assert parse(form.body).promise == "anonymous"
    scheme = scheme_of(session.scalars(select(SchemeVersion.body).where(SchemeVersion.number == 2)).one())
    assert [part.code for part in scheme.groups[-1].strata] == ["small", "large", "open"]
    assert [float(leaf.weight) for leaf in scheme.tree.children[-1].children] == [0.6, 0.4]
    assert audit_of(session, "group.edit") == [("group.edit", "done")]


def test_the_new_group_is_scored_after_a_board_member_agreed(world: World, session: Session) -> None:
    analyst, board = world.actor(world.analyst), world.actor(world.first)
    groups.add_group(analyst, "2025", businesses(), now=NOW)
    schemes.decide_proposal(
        board, schemes.Decision("2025", 2, True, "", public_reason="Businesses are heard too."), now=NOW
    )
    rounds.open_round(analyst, "2025", now=NOW)
    form = session.scalars(select(Questionnaire).where(Questionnaire.group == "businesses")).one()
    add_answers(session, form, world.units[0], [[5, 5]] * 4, "small")
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 4)
    rounds.close_round(analyst, "2025", now=NOW)
    rounds.move_round(analyst, "2025", "check", now=NOW)
    run = runs.find_run(runs.score_round(analyst, "2025", now=NOW))
    scores = next(table.csv for table in run.tables if table.stage == "scores")
    assert "18.18" in scores  # 10 of 55 parts say 100, 45 say 0


@pytest.mark.parametrize("number", [1, 7, 30])
def test_weights_that_do_not_divide_still_add_up_to_a_hundred(number: int) -> None:
    parts = scaled([Fraction(1, 3)] * number, Fraction(100) - Fraction(1, 7).limit_denominator(1000))
    assert all((part * 1_000_000).denominator == 1 for part in parts[:-1])
    scheme = with_group(
        read_scheme(scheme_mapping(33, 33, 34)),
        {"code": "b", "promise": "anonymous", "minimum": [1, 1, 1], "strata": [{"code": "all", "weight": 100}]},
        Fraction("12.345"),
        [Part(f"b_{place}", 5, Fraction(1)) for place in range(number)],
    )
    assert sum(child.weight for child in scheme.tree.children) == 1
    assert group_weights(scheme)["b"] == Decimal("12.345")


def test_a_group_with_its_own_index_gets_its_weight_among_the_groups() -> None:
    mapping = scheme_mapping()
    mapping["order"] = "group-outside"
    for group, weight in zip(mapping["groups"], (50, 20, 30), strict=True):
        group["weight"] = weight
    new = {"code": "b", "promise": "anonymous", "minimum": [1, 1, 1], "strata": [{"code": "all", "weight": 100}]}
    scheme = with_group(read_scheme(mapping), new, Fraction(10), [Part("b_ease", 5, Fraction(1))])
    assert group_weights(scheme) == {"citizens": 45, "peers": 18, "experts": 27, "b": 10}


def test_an_empty_group_counts_nothing_until_it_asks_something(world: World, session: Session) -> None:
    analyst = world.actor(world.analyst)
    with pytest.raises(Invalid, match="asks nothing yet"):
        groups.add_group(analyst, "2025", businesses(source=""), now=NOW)
    groups.add_group(analyst, "2025", businesses(source="", weight=Decimal(0)), now=NOW)
    assert weights(session, 2)["businesses"] == 0
    with pytest.raises(Invalid, match="asks nothing yet"):
        groups.propose_weight(analyst, "2025", "businesses", (Decimal(5), "why not"), now=NOW)
    board = world.actor(world.first)
    schemes.decide_proposal(board, schemes.Decision("2025", 2, is_approved=True, reason=""), now=NOW)
    with pytest.raises(Conflict, match="asks nothing yet"):
        rounds.open_round(analyst, "2025", now=NOW)


def test_another_weight_gives_back_what_the_first_one_took(world: World, session: Session) -> None:
    analyst = world.actor(world.analyst)
    groups.add_group(analyst, "2025", businesses(), now=NOW)
    groups.propose_weight(analyst, "2025", "businesses", (Decimal(20), "more"), now=NOW)
    assert weights(session, 3) == {"citizens": 40, "peers": 16, "experts": 24, "businesses": 20}
    with pytest.raises(Invalid, match="came with the scheme"):
        groups.propose_weight(analyst, "2025", "peers", (Decimal(20), "more"), now=NOW)


def test_two_groups_may_be_proposed_one_after_the_other(world: World, session: Session) -> None:
    analyst = world.actor(world.analyst)
    groups.add_group(analyst, "2025", businesses(), now=NOW)
    deputies = replace(businesses(weight=Decimal(50)), code="deputies", names={**NAMES, "en": "Deputies"})
    groups.add_group(analyst, "2025", deputies, now=NOW)
    assert weights(session, 3)["businesses"] == 5


@pytest.mark.parametrize(
    ("options", "promise", "why"),
    [
        (GroupOptions("public"), "accountable", "keeps no names"),
        (GroupOptions("assigned"), "anonymous", "has an account"),
        (GroupOptions("visit"), "anonymous", "visit is kept"),
        (GroupOptions("assigned", has_open_channel=True), "confidential", "Only a public form"),
        (GroupOptions("public", needs_release=True), "anonymous", "groups with tasks"),
        (GroupOptions("assigned", needs_release=True), "accountable", "confidential"),
        (GroupOptions("assigned", has_two_rounds=True), "confidential", "with names"),
        (GroupOptions("public", parents={"small": "nobody"}), "anonymous", "small"),
        (GroupOptions("public", has_open_channel=True, parents={"open": "small"}), "anonymous", "stays apart"),
    ],
)
def test_what_storage_cannot_keep_is_not_promised(
    world: World, session: Session, options: GroupOptions, promise: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        groups.add_group(world.actor(world.analyst), "2025", businesses(options=options, promise=promise), now=NOW)
    assert why in refused.value.message % refused.value.params
    assert not session.scalars(select(RaterGroup)).all()
    assert audit_of(session, "group.edit") == [("group.edit", "refused")]


def test_options_of_a_group_of_the_preset_can_be_changed_until_the_round_opens(world: World, session: Session) -> None:
    analyst = world.actor(world.analyst)
    line = next(line for line in groups.groups_page(analyst, "2025", "en").groups if line.code == "peers")
    assert line.options == GroupOptions("assigned")
    groups.set_options(analyst, "2025", "peers", GroupOptions("assigned", needs_release=True), now=NOW)
    assert session.scalars(select(RaterGroup.needs_release)).one()
    with pytest.raises(Forbidden):
        groups.set_options(world.actor(world.first), "2025", "peers", GroupOptions("assigned"), now=NOW)


@pytest.mark.parametrize("state", [RoundState.COLLECTING, RoundState.CLOSED, RoundState.FINAL, RoundState.PUBLISHED])
def test_once_the_round_is_open_no_group_changes(session: Session, state: RoundState) -> None:
    world = make_world(session, state)
    analyst = world.actor(world.analyst)
    with pytest.raises(Conflict):
        groups.set_options(analyst, "2025", "peers", GroupOptions("assigned"), now=NOW)
    with pytest.raises(Conflict):
        groups.add_group(analyst, "2025", businesses(source=""), now=NOW)


def test_a_code_that_means_something_else_already_is_refused(world: World, session: Session) -> None:
    analyst = world.actor(world.analyst)
    with pytest.raises(Conflict, match="already"):
        groups.add_group(analyst, "2025", businesses(code="peers"), now=NOW)
    taken = NewStratum("small", {**SMALL, "en": "Tiny ones"}, Decimal(100))
    groups.add_group(analyst, "2025", businesses(), now=NOW)
    shops = businesses(code="shops", strata=(taken,), options=GroupOptions("public"))
    with pytest.raises(Conflict, match="known as"):
        groups.add_group(analyst, "2025", shops, now=NOW)


def test_former_rounds_stay_and_a_new_one_takes_over_groups_and_questionnaires(session: Session) -> None:
    world = make_world(session, RoundState.DRAFT_RESULTS)
    analyst, period = world.actor(world.analyst), (world.round.period_start, world.round.period_end)
    run_id = session.scalars(select(Run.id)).one()
    before = _everything(session, world.round.id)
    for code, source in (("2026", "2025"), ("2027", "2026")):
        titles = dict.fromkeys(("en", "zh", "ar"), code)
        rounds.create_round(analyst, rounds.NewRound(code, f"round:{source}", *period, titles), now=NOW)
        if code == "2026":
            source_code = world.forms["citizens"].code
            groups.add_group(analyst, "2026", businesses(source=source_code), now=NOW)
    last = groups.groups_page(analyst, "2027", "en")
    line = next(line for line in last.groups if line.code == "businesses")
    assert (line.options.parents, str(line.weight), len(line.forms)) == ({"large": "small"}, "10", 1)
    copies = session.scalars(select(Questionnaire).where(Questionnaire.group == "businesses")).all()
    assert len({form.body for form in copies}) == 1
    assert [len(form.questions) for form in copies] == [2, 2]
    assert _everything(session, world.round.id) == before
    assert runs.repeat_run(analyst, run_id, now=NOW).is_identical


def _everything(session: Session, round_id: int) -> list[Any]:
    session.expire_all()
    versions = select(SchemeVersion.number, SchemeVersion.body).where(SchemeVersion.round_id == round_id)
    forms = select(Questionnaire.code, Questionnaire.body, Questionnaire.version, Indicator.code)
    forms = forms.join(Question, Question.questionnaire_id == Questionnaire.id).join(Indicator)
    forms = forms.where(Questionnaire.round_id == round_id).order_by(Questionnaire.code, Question.position)
    rows = select(RaterGroup.code).where(RaterGroup.round_id == round_id)
    return [list(map(tuple, session.execute(query).all())) for query in (versions, forms, rows)]
