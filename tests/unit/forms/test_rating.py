"""The citizen's form: answers become codes, gaps are named, nothing is guessed."""

import pytest
from werkzeug.datastructures import MultiDict

from evalsys.services.questionnaires.document import plain_document
from forms.questionnaire import build_form
from forms.rating import RatingForm

QUESTIONS = (("trust", 5), ("speed", 5), ("comment", 5))
RATING = build_form(plain_document("citizens", QUESTIONS), RatingForm)
NONCE = "0123456789abcdefABCDEF"


def answers(**over: str) -> MultiDict[str, str]:
    """Return a complete submission with changes."""
    return MultiDict({"q_trust": "1", "q_speed": "5", "q_comment": "na", "nonce": NONCE} | over)


def test_answers_become_codes_in_the_order_of_the_questionnaire() -> None:
    form = RATING(answers())
    assert form.validate()
    assert form.codes() == [1, 5, 7]


def test_the_same_questionnaire_gives_the_same_class() -> None:
    assert build_form(plain_document("citizens", (*QUESTIONS,)), RatingForm) is RATING


def test_an_indicator_may_be_called_like_another_control() -> None:
    form = RATING(answers(comment="Thank you"))
    assert form.validate()
    assert form.comment.data == "Thank you"
    assert form.codes()[2] == 7


def test_every_gap_is_named_in_page_order_and_leads_to_the_first_option() -> None:
    form = RATING(MultiDict({"q_speed": "3", "nonce": NONCE}))
    assert not form.validate()
    lines = list(form.error_list())
    assert [line.target for line in lines] == ["q_trust-1", "q_comment-1"]
    assert lines[0].message.in_english().startswith("Question 1:")
    assert form.codes() == [0, 3, 0]


@pytest.mark.parametrize("value", ["0", "6", "3.5", "-1", "dk", "x"])
def test_a_value_that_was_not_offered_is_refused(value: str) -> None:
    form = RATING(answers(q_trust=value))
    assert not form.validate()
    assert len(form.q_trust.errors) == 1


def test_two_answers_to_one_question_are_refused() -> None:
    data = answers()
    data.add("q_trust", "5")
    assert not RATING(data).validate()


def test_answers_in_arabic_digits_are_not_offered_but_the_comment_keeps_its_text() -> None:
    form = RATING(answers(comment="خدمة ممتازة ٥/٥"))
    assert form.validate()
    assert form.comment.data == "خدمة ممتازة ٥/٥"


def test_a_comment_above_the_limit_says_how_long_it_is() -> None:
    form = RATING(answers(comment="x" * 2001))
    assert not form.validate()
    assert form.comment.errors[0].in_english() == "Use 2000 characters or fewer. You have 2001."
    assert len(form.comment.shown) == 2001


def test_a_control_character_in_the_comment_is_refused() -> None:
    assert not RATING(answers(comment="a\x00b")).validate()


@pytest.mark.parametrize("nonce", ["", "short", "a" * 65, "bad nonce with spaces"])
def test_a_form_without_its_number_is_refused(nonce: str) -> None:
    assert not RATING(answers(nonce=nonce)).validate()


def test_an_empty_form_shows_nothing_chosen() -> None:
    form = RATING()
    assert [form[f"q_{code}"].data for code, _ in QUESTIONS] == [None, None, None]
