"""The one form builder: every kind of question, drafts, reasons, gaps."""

import pytest
from werkzeug.datastructures import MultiDict

from evalsys.services.questionnaires.document import canonical, columns, parse, plain_document
from forms.assessment import AssessmentForm
from forms.questionnaire import build_form
from forms.rating import RatingForm
from tests.questionnaires import whole

FORM = build_form(whole(), RatingForm)
FULL = {
    "q_satisfaction": "na",
    "q_trust": "2",
    "q_clean": "dk",
    "q_again": "2",
    "q_overall": "٧٠",
    "q_saw_help": "yes",
    "q_importance_trust": "5",
    "q_district": "3",
    "t_better": "Longer hours",
    "nonce": "0123456789abcdefABCDEF",
}


def sent(**over: str) -> MultiDict[str, str]:
    return MultiDict({name: value for name, value in (FULL | over).items() if value})


def test_answers_stand_in_the_order_of_the_columns() -> None:
    form = FORM(sent())
    assert form.validate(), form.errors
    assert [code for code, _ in columns(whole())] == [
        "satisfaction", "trust", "clean", "again", "overall", "saw_queue", "saw_help", "importance_trust", "district",
    ]  # fmt: skip
    assert form.codes() == [7, 2, 6, 2, 71, 1, 2, 5, 3]
    assert form.texts() == {"better": "Longer hours"}
    assert form.reasons() == {}


def test_equal_documents_give_one_class_and_survive_being_stored() -> None:
    assert build_form(parse(canonical(whole())), RatingForm) is FORM
    assert parse(canonical(whole())) == whole()
    assert build_form(plain_document("citizens", (("a", 5),)), RatingForm) is not FORM


def test_optional_questions_may_stay_empty_and_needed_ones_are_named_in_page_order() -> None:
    form = FORM(MultiDict({"nonce": FULL["nonce"]}))
    assert not form.validate()
    assert [line.target for line in form.error_list()] == [
        "q_satisfaction-1", "q_trust-1", "q_clean-1", "q_again-1", "q_overall",
    ]  # fmt: skip
    messages = [line.message.in_english() for line in form.error_list()]
    assert messages[2] == "Question 3: choose an answer, or choose “I do not know”."
    assert messages[4] == "Panel 5: enter a score, or say that you cannot."


@pytest.mark.parametrize(
    ("over", "target"), [({"q_trust": "1"}, "reason_trust"), ({"q_overall": "91"}, "reason_overall")]
)
def test_an_answer_at_the_end_of_its_scale_needs_its_reason(over: dict[str, str], target: str) -> None:
    form = FORM(sent(**over))
    assert not form.validate()
    assert [line.target for line in form.error_list()] == [target]
    form = FORM(sent(**over, **{target: "seen it"}))
    assert form.validate()
    assert list(form.reasons().values()) == ["seen it"]


def test_a_number_and_a_box_beside_it_exclude_each_other() -> None:
    assert not FORM(sent(none_overall="yes")).validate()
    assert FORM(sent(q_overall="", none_overall="yes")).codes()[4] == 102
    assert FORM(sent(q_overall="", na_overall="yes")).codes()[4] == 103


def test_a_draft_may_have_gaps_but_not_what_cannot_be_stored() -> None:
    draft = build_form(whole(), AssessmentForm)
    assert draft(MultiDict({"act": "save"})).validate()
    assert not draft(MultiDict({"act": "save", "t_better": "x" * 201})).validate()
    assert not draft(MultiDict({"act": "save", "q_district": "4"})).validate()
