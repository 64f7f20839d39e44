"""Building a questionnaire: what is refused and why, versions, files, and what happens once its round is open."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid
from evalsys.models import Comment, Questionnaire, QuestionnaireVersion, Response, RoundState
from evalsys.services import rounds, runs, schemes
from evalsys.services.mixing import mix
from evalsys.services.questionnaires import editing, pages, reading
from evalsys.services.questionnaires.document import Document, Item, Section, canonical, parse
from evalsys.services.questionnaires.editing import Place
from evalsys.services.questionnaires.lint import missing_words, problems_of
from tests.factories import NOW, make_service
from tests.integration.governing import World, add_answers, audit_of, make_world
from tests.pages import check_page, get_page
from tests.questionnaires import DISTRICT, IMPORTANCE, SATISFACTION, STRICT, item, whole, words

TRUST = item("trust", has_not_applicable=True)
SHORT = Document((Section(items=(SATISFACTION, TRUST)),))


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    made.forms["citizens"].code = "citizens"
    session.commit()
    return made


def save(world: World, document: Document, version: int = 1) -> int:
    return editing.save_document(
        world.actor(world.analyst), Place("2025", "citizens", version), document, "why", now=NOW
    )


def open_it(world: World) -> None:
    board = world.actor(world.first)
    schemes.decide_proposal(board, schemes.Decision("2025", 1, is_approved=True, reason=""), now=NOW)
    rounds.open_round(world.actor(world.analyst), "2025", now=NOW)


def stored(session: Session) -> Questionnaire:
    session.expire_all()
    return session.scalars(select(Questionnaire).where(Questionnaire.code == "citizens")).one()


def problems(document: Document, *, is_public: bool = True) -> str:
    return " ".join(message % params for message, params in problems_of(document, is_public=is_public))


def test_a_saved_version_keeps_what_was_before_and_can_be_taken_back(world: World, session: Session) -> None:
    assert save(world, SHORT) == 2
    form = stored(session)
    assert [question.indicator.code for question in form.questions] == ["satisfaction", "trust"]
    kept = session.scalars(select(QuestionnaireVersion).order_by(QuestionnaireVersion.number)).all()
    assert [one.number for one in kept] == [1, 2]
    assert parse(kept[0].body).items[0].text["ar"] == "satisfaction question (ar)"
    analyst = world.actor(world.analyst)
    assert editing.restore_version(analyst, Place("2025", "citizens", 2), 1, now=NOW) == 3
    assert stored(session).body == kept[0].body
    assert audit_of(session, "questionnaire.edit") == [("questionnaire.edit", "done")] * 2


def test_two_editors_do_not_overwrite_each_other(world: World) -> None:
    save(world, SHORT)
    with pytest.raises(Conflict, match="Somebody else"):
        save(world, whole())


def test_a_scale_with_more_positive_than_negative_points_is_refused_with_the_reason(world: World) -> None:
    tilted = Document((Section(items=(replace(SATISFACTION, signs=(-1, 0, 1, 1, 1)), TRUST)),))
    assert "3 points are positive and only 1 negative" in problems(tilted)
    with pytest.raises(Invalid):
        save(world, tilted)
    assert "only 1 positive" in problems(Document((Section(items=(replace(SATISFACTION, signs=(-1, -1, 0, 0, 1)),)),)))
    assert not problems(SHORT)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(SATISFACTION, code="a b"), "Latin letters"),
        (replace(SATISFACTION, points=11, signs=()), "cannot have 11 points"),
        (replace(DISTRICT, look="likert", signs=(-1, 0, 1)), "named answers"),
        (replace(IMPORTANCE, about=""), "whose importance"),
        (replace(SATISFACTION, signs=()), "negative, neutral or positive"),
        (replace(STRICT, reason=replace(STRICT.reason, at_or_above=6)), "a reason is asked for"),  # type: ignore[type-var]
        (Item("ticks", "seen", text=words("seen")), "at least one box"),
        (Item("text", "free", text=words("free"), characters=5), "from 50 to 2000"),
    ],
)
def test_what_cannot_be_answered_or_counted_is_refused(wrong: Item, said: str) -> None:
    assert said in problems(Document((Section(items=(wrong,)),)))


def test_a_long_form_for_everybody_needs_a_recorded_reason(world: World) -> None:
    many = Document((Section(items=tuple(item(f"question{place}") for place in range(9))),))
    assert "9 questions are more than the 8" in problems(many)
    assert not problems(many, is_public=False)
    assert not problems(replace(many, long_reason="the law asks for it"))
    with pytest.raises(Invalid):
        save(world, many)
    assert save(world, replace(many, long_reason="the law asks for it")) == 2


def test_a_code_that_is_used_twice_or_with_another_scale_is_refused(world: World) -> None:
    assert "used twice" in problems(Document((Section(items=(SATISFACTION, SATISFACTION)),)))
    with pytest.raises(Invalid) as refused:
        save(world, Document((Section(items=(item("leadership"),)),)))
    assert refused.value.problems[0][1] == {"code": "leadership", "points": 101}


def test_missing_words_are_named_and_keep_the_round_closed(world: World, session: Session) -> None:
    bare = replace(SATISFACTION, text={"en": "How was it?", "zh": "怎么样？"}, anchors=SATISFACTION.anchors[1:])
    lacking = missing_words(Document((Section({"en": "Only here"}, items=(bare,)),)))
    assert [(one.number, one.what % one.params, one.locale) for one in lacking] == [
        (0, "title of a section", "zh"),
        (0, "title of a section", "ar"),
        (1, "question", "ar"),
        (1, "words of point 1", "en"),
        (1, "words of point 1", "zh"),
        (1, "words of point 1", "ar"),
    ]
    save(world, Document((Section(items=(bare, TRUST)),)))
    with pytest.raises(Conflict, match="Words are missing") as refused:
        open_it(world)
    assert refused.value.params == {"names": "citizens 1 (ar), citizens 1 (en), citizens 1 (zh)"}


@pytest.mark.parametrize("state", [RoundState.COLLECTING, RoundState.CLOSED, RoundState.FINAL, RoundState.PUBLISHED])
@pytest.mark.parametrize("column", ["body = 'x'", "digest = 'x'", "version = 9"])
def test_once_the_round_is_open_nothing_can_be_changed_not_even_in_the_database(
    session: Session, state: RoundState, column: str
) -> None:
    world = make_world(session)
    world.forms["citizens"].code = "citizens"
    session.commit()
    save(world, SHORT)
    session.execute(sa.text(f"UPDATE questionnaire SET {column}"))
    session.rollback()
    world.round.state = state
    session.commit()
    with pytest.raises(Conflict):
        save(world, whole(), 2)
    with pytest.raises(DBAPIError, match="questionnaire_keeps_its_content"):
        session.execute(sa.text(f"UPDATE questionnaire SET {column}"))
    session.rollback()


def test_only_the_analyst_edits(world: World, session: Session) -> None:
    with pytest.raises(Forbidden):
        editing.save_document(world.actor(world.first), Place("2025", "citizens", 1), SHORT, "", now=NOW)
    assert audit_of(session, "questionnaire.edit") == [("questionnaire.edit", "refused")]


def test_a_file_comes_back_as_it_went_and_everything_wrong_in_it_is_named(world: World) -> None:
    save(world, whole())
    content = pages.export_file(world.actor(world.analyst), "2025", "citizens")
    assert canonical(reading.read_file(content)) == canonical(whole())
    broken = {
        "sections": [{"items": [{"kind": "song", "code": 3, "text": {"fr": "Oui"}, "points": "5"}, 7], "color": 1}]
    }
    with pytest.raises(Invalid) as refused:
        reading.read_file(json.dumps(broken))
    assert [message % params for message, params in refused.value.problems] == [
        "/sections/0: “color” is not known here.",
        "/sections/0/items/0/kind: “song” cannot stand here.",
        "/sections/0/items/0/code: “3” cannot stand here.",
        "/sections/0/items/0/text: “{'fr': 'Oui'}” cannot stand here.",
        "/sections/0/items/0/points: “5” cannot stand here.",
        "/sections/0/items/1: a table of names and values is needed here.",
    ]
    for nonsense in ("", "[" * 100_000, '{"sections": [{"title": {"en": "a\\u0000b"}}]}', '"text"'):
        with pytest.raises(Invalid):
            reading.read_file(nonsense)


def test_answers_to_unscored_questions_make_no_noise_and_others_still_do(world: World, session: Session) -> None:
    save(world, Document((Section(items=(SATISFACTION, IMPORTANCE, TRUST, DISTRICT, item("mood"))),)))
    open_it(world)
    add_answers(session, stored(session), world.units[0], [[5, 3, 4, 2, 1]] * 4)
    rounds.close_round(world.actor(world.analyst), "2025", now=NOW)
    rounds.move_round(world.actor(world.analyst), "2025", "check", now=NOW)
    run = runs.find_run(runs.score_round(world.actor(world.analyst), "2025", now=NOW))
    found = next(table.csv for table in run.tables if table.stage == "problems")
    assert "mood,unknown_indicator" in found
    assert "importance_trust" not in found
    assert "district" not in found
    assert runs.repeat_run(world.actor(world.analyst), run.id, now=NOW).is_identical


def test_a_rating_with_every_kind_of_question_reaches_the_responses(
    world: World, client: FlaskClient, session: Session
) -> None:
    make_service(session, world.units)
    save(world, whole())
    open_it(world)
    url = "/en/units/U01/rating"
    page = get_page(client, url)
    assert len(page.select("input[checked]")) == 0
    assert "9 questions, about 3 minutes." in page.text
    assert page.texts(".question__number") == [str(number) for number in range(1, 10)]
    data = {"q_satisfaction": "5", "q_trust": "1", "q_clean": "4", "q_again": "1", "q_overall": "50"}
    data |= {"q_saw_queue": "yes", "t_better": "Open on Saturdays", "reason_trust": "They lied."}
    check_page(client.post(url, data={**page.fields(), **data, "reason_trust": ""}), 422)
    assert client.post(url, data={**page.fields(), **data}).status_code == 302
    mix("2025")
    response = session.scalars(select(Response)).one()
    asked = [question.indicator.points for question in stored(session).questions]
    assert len(response.answers) == len(asked) == 9
    comments = {comment.text: (comment.item, comment.indicator_id) for comment in session.scalars(select(Comment))}
    trust = next(one.indicator_id for one in stored(session).questions if one.indicator.code == "trust")
    assert comments == {"Open on Saturdays": ("better", None), "They lied.": ("", trust)}
