"""The dictionary: each change is a version, a round is fixed to one of each, and nothing opens without its words."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, EvalsysError, Forbidden, Invalid, NotFound
from evalsys.models import (
    AuditEntry,
    Indicator,
    IndicatorVersion,
    Questionnaire,
    QuestionnaireVersion,
    Role,
    Round,
    RoundIndicator,
    RoundState,
    Translation,
)
from evalsys.services import rounds
from evalsys.services.access import Actor, actor_of
from evalsys.services.indicators import editing, pages
from evalsys.services.indicators import rounds as of_rounds
from evalsys.services.indicators.editing import Edit, NewIndicator
from evalsys.services.indicators.entries import Entry, parse, read_entries
from evalsys.services.indicators.freezing import frozen_names, frozen_versions
from evalsys.services.questionnaires.storing import current_document, is_plain
from evalsys.services.wording import read_form_text
from tests.factories import NOW, make_account
from tests.integration.governing import World, make_world
from tests.integration.test_rounds import new_round

WORDS = {"en": "Do you trust it?", "zh": "您信任它吗？", "ar": "هل تثق به؟"}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session, RoundState.APPROVED)


def entry_of(session: Session, code: str) -> Entry:
    session.expire_all()
    return read_entries(session, session.scalars(select(Indicator).where(Indicator.code == code)))[code]


def edit(world: World, code: str = "trust", number: int = 0, **over: str) -> int:
    """Ask the question in other words."""
    said = {"question": {**WORDS, **over}}
    wish = Edit(code, number, "OMB A-11", said, "plainer words")
    return editing.edit_indicator(world.actor(world.analyst), wish, now=NOW)


def open_it(world: World) -> None:
    rounds.open_round(world.actor(world.analyst), "2025", now=NOW)


def take_away(session: Session, code: str, field: str, *locales: str) -> None:
    rows = select(Translation).where(
        Translation.entity == "indicator", Translation.entity_key == code, Translation.field == field
    )
    for row in session.scalars(rows).all():
        if row.locale in locales:
            session.delete(row)
    session.commit()


def test_a_change_makes_a_new_version_and_keeps_the_old_one(session: Session, world: World) -> None:
    before = entry_of(session, "trust")
    assert edit(world) == 2
    assert edit(world, number=2, en="Do you believe it?") == 3
    versions = session.scalars(select(IndicatorVersion).order_by(IndicatorVersion.number)).all()
    assert parse(versions[0].body) == before
    assert [(one.number, one.author_id, one.reason) for one in versions] == [
        (1, None, ""),
        (2, world.analyst.id, "plainer words"),
        (3, world.analyst.id, "plainer words"),
    ]
    page = pages.version_page(world.actor(world.first), "trust", 3, "zh")
    assert [(one.locale, one.before, one.after) for one in page.changes] == [
        ("en", "Do you trust it?", "Do you believe it?")
    ]
    assert [one.what for one in pages.version_page(world.actor(world.first), "trust", 2, "en").changes] == [
        "source", "question", "question", "question",
    ]  # fmt: skip
    mine = select(AuditEntry).where(AuditEntry.subject == "indicator:trust").order_by(AuditEntry.id)
    entry = session.scalars(mine).first()
    assert entry is not None
    assert (entry.act, entry.reason, entry.detail["version"]) == ("indicator.edit", "plainer words", 2)


@pytest.mark.parametrize(
    ("over", "refusal"),
    [
        ({"number": 1}, Conflict),
        ({"reason": " "}, Invalid),
        ({"texts": {"name": {"en": "a\u202eb"}}}, Invalid),
        ({"texts": {}, "source": ""}, Invalid),
        ({"code": "nothing"}, NotFound),
    ],
    ids=str,
)
def test_a_change_that_does_not_fit_is_refused_and_leaves_no_version(
    session: Session, world: World, over: dict[str, object], refusal: type[EvalsysError]
) -> None:
    facts = {"code": "trust", "number": 0, "source": "new", "texts": {"question": WORDS}, "reason": "why", **over}
    with pytest.raises(refusal):
        editing.edit_indicator(world.actor(world.analyst), Edit(**facts), now=NOW)  # type: ignore[arg-type]
    assert session.scalars(select(IndicatorVersion)).all() == []


def test_only_an_analyst_changes_the_dictionary_and_all_the_oversight_body_reads_it(
    session: Session, world: World
) -> None:
    board, peer = world.actor(world.first), actor_of(make_account(session, Role.PEER))
    with pytest.raises(Forbidden):
        editing.edit_indicator(board, Edit("trust", 0, "", {"question": WORDS}, "why"), now=NOW)
    with pytest.raises(Forbidden):
        editing.add_indicator(board, NewIndicator("calm", 5, WORDS), now=NOW)
    assert not pages.dictionary_page(board, "", "en").may_edit
    for read in (
        lambda who: pages.dictionary_page(who, "", "en"),
        lambda who: pages.entry_page(who, "trust", "en"),
        lambda who: of_rounds.round_indicators_page(who, "2025", "en"),
    ):
        read(board)
        with pytest.raises(Forbidden):
            read(peer)


def test_an_indicator_is_added_with_its_scale_for_good(session: Session, world: World) -> None:
    analyst = world.actor(world.analyst)
    editing.add_indicator(analyst, NewIndicator("calm", 101, WORDS), now=NOW)
    page = pages.entry_page(analyst, "calm", "ar")
    assert (str(page.name), page.number, page.entry.points) == (WORDS["ar"], 1, 101)
    assert page.entry.rows == (0, 11, 31, 51, 71, 91)
    for code, points, refusal in (("CALM", 5, Conflict), ("a b", 5, Invalid), ("wide", 50, Invalid)):
        with pytest.raises(refusal):
            editing.add_indicator(analyst, NewIndicator(code, points, WORDS), now=NOW)


def test_a_round_that_opens_is_fixed_to_one_version_of_every_indicator_it_counts(
    session: Session, world: World
) -> None:
    edit(world)
    open_it(world)
    session.expire_all()
    fixed = frozen_versions(session, world.round.id)
    assert {code: one.number for code, one in fixed.items()} == {
        "cooperation": 1, "leadership": 1, "satisfaction": 1, "trust": 2,
    }  # fmt: skip
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "round.open")).one()
    assert entry.detail["indicators"]["trust"] == 2


def test_all_offices_of_a_round_are_measured_with_the_same_version_whatever_is_edited_meanwhile(
    session: Session, world: World
) -> None:
    open_it(world)
    forms = select(Questionnaire).where(Questionnaire.round_id == world.round.id).order_by(Questionnaire.id)
    before = [(form.body, form.digest, form.version) for form in session.scalars(forms)]
    asked = _question(session, world, "U01")
    session.rollback()
    edit(world, number=1)
    session.expire_all()
    rows = session.scalars(select(RoundIndicator.version_id).where(RoundIndicator.round_id == world.round.id)).all()
    used = session.scalars(select(IndicatorVersion).where(IndicatorVersion.id.in_(rows))).all()
    assert len({one.indicator_id for one in used}) == len(used) == 4
    assert {one.number for one in used} == {1}
    assert [(form.body, form.digest, form.version) for form in session.scalars(forms)] == before
    assert _question(session, world, "U01") == _question(session, world, "U02") == asked == "trust question (en)"
    page = of_rounds.round_indicators_page(world.actor(world.first), "2025", "en")
    line = next(one for one in page.lines if one.code == "trust")
    assert (page.is_fixed, page.was_kept, line.number, line.newest, line.worded) == (True, True, 1, 2, ())


def _question(session: Session, world: World, unit: str) -> str:
    """How a citizen is asked about trust in an office."""
    form = session.get_one(Questionnaire, world.forms["citizens"].id)
    text = read_form_text(unit, "2025", current_document(session, form), "en")
    return str(text.shown.sections[0].items[1].text)


def test_cards_name_an_indicator_as_it_was_called_when_the_round_opened(session: Session, world: World) -> None:
    open_it(world)
    wish = Edit("trust", 1, "", {"name": WORDS}, "another name")
    editing.edit_indicator(world.actor(world.analyst), wish, now=NOW)
    assert str(frozen_names(session, world.round.id, "zh")["trust"]) == "trust name (zh)"


def test_the_next_round_asks_in_the_new_words(session: Session, world: World) -> None:
    open_it(world)
    edit(world, number=1)
    rounds.create_round(world.actor(world.analyst), new_round("round:2025"), now=NOW)
    session.expire_all()
    next_form = session.scalars(
        select(Questionnaire).join(Round).where(Round.code == "2026", Questionnaire.group == "citizens")
    ).one()
    assert (next_form.body, is_plain(session, next_form)) == ("", True)
    assert current_document(session, next_form).items[1].text == WORDS
    old = session.get_one(Questionnaire, world.forms["citizens"].id)
    assert is_plain(session, old)
    kept = session.get_one(QuestionnaireVersion, (old.id, 1))
    assert kept.body == old.body != ""


@pytest.mark.parametrize(
    ("code", "field", "locales", "said"),
    [
        ("trust", "anchor_3", ("en", "zh", "ar"), r"trust: anchor_3 \(en, zh, ar\)"),
        ("leadership", "anchor_0", ("ar",), None),
        ("leadership", "anchor_51", ("en", "zh", "ar"), r"leadership: anchor_11"),
        ("cooperation", "question", ("zh",), None),
    ],
)
def test_a_round_does_not_open_while_an_anchor_or_a_language_is_missing(
    session: Session, world: World, code: str, field: str, locales: tuple[str, ...], said: str | None
) -> None:
    take_away(session, code, field, *locales)
    page = of_rounds.round_indicators_page(world.actor(world.first), "2025", "en")
    assert [line.code for line in page.lines if line.lacks] == [code]
    with pytest.raises(Conflict, match=said):
        open_it(world)
    session.expire_all()
    assert session.get_one(Round, world.round.id).state == RoundState.APPROVED
    assert session.scalars(select(RoundIndicator)).all() == []
    assert {form.body for form in session.scalars(select(Questionnaire))} == {""}


def test_a_form_that_was_opened_before_its_words_were_kept_holds_its_entries(session: Session, world: World) -> None:
    session.get_one(Round, world.round.id).state = RoundState.COLLECTING
    session.commit()
    with pytest.raises(Conflict, match="collects answers"):
        edit(world)
    session.get_one(Round, world.round.id).state = RoundState.CLOSED
    session.commit()
    assert edit(world) == 2
    page = of_rounds.round_indicators_page(world.actor(world.first), "2025", "en")
    assert (page.is_fixed, page.was_kept) == (True, False)


def test_the_list_finds_by_code_and_by_the_name_of_any_language(session: Session, world: World) -> None:
    actor: Actor = world.actor(world.first)
    page = pages.dictionary_page(actor, "TRUST", "zh")
    assert [(one.code, str(one.name), one.rounds, one.number) for one in page.lines] == [
        ("trust", "trust name (zh)", ("2025",), 0)
    ]
    assert (page.total, len(pages.dictionary_page(actor, "name (ar)", "en").lines)) == (4, 4)
    assert pages.dictionary_page(actor, "nothing of the kind", "en").lines == ()


@pytest.mark.parametrize(
    ("points", "starts", "lacking"),
    [
        (2, (), ()),
        (5, (), (1, 2, 3, 4, 5)),
        (4, (0, 1, 2, 3), ()),
        (4, (0, 1, 3), (2,)),
        (10, (1,), (10,)),
        (101, (0, 51), ()),
        (101, (0,), (11, 31, 51, 71, 91)),
        (101, (11, 51), (0,)),
    ],
)
@pytest.mark.database("sqlite")
def test_every_point_of_a_short_scale_both_ends_of_a_long_one_and_the_steps_of_a_rubric_need_words(
    points: int, starts: tuple[int, ...], lacking: tuple[int, ...]
) -> None:
    texts = {"name": WORDS, **{f"anchor_{start}": WORDS for start in starts}}
    lacks = Entry("x", points, "", texts).lacks()
    assert tuple(one.params["point"] for one in lacks) == lacking
    assert {one.locales for one in lacks} <= {("en", "zh", "ar")}
