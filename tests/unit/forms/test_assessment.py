"""Peers and experts: drafts may have gaps, the final sending may not."""

import pytest
from werkzeug.datastructures import MultiDict

from evalsys.services.questionnaires.document import plain_document
from forms.assessment import AssessmentForm, ConflictForm, PeerForm
from forms.questionnaire import build_form

PEER = build_form(plain_document("peers", (("cooperation", 5), ("responsiveness", 5))), PeerForm)
EXPERT = build_form(plain_document("experts", (("leadership", 101), ("results", 101))), AssessmentForm)


def test_a_draft_may_have_gaps_and_the_final_sending_may_not() -> None:
    form_class = PEER
    assert form_class(MultiDict({"q_cooperation": "4", "act": "save"})).validate()
    final = form_class(MultiDict({"q_cooperation": "4", "act": "submit"}))
    assert not final.validate()
    assert [line.target for line in final.error_list()] == ["q_responsiveness-1"]


def test_no_basis_to_judge_is_an_answer_of_its_own() -> None:
    form = PEER(MultiDict({"q_cooperation": "5", "q_responsiveness": "dk", "act": "submit"}))
    assert form.validate()
    assert form.codes() == [5, 6]


def test_without_a_button_the_form_counts_as_a_draft() -> None:
    assert not PEER(MultiDict({})).is_final


def test_a_score_of_zero_is_a_score() -> None:
    form = EXPERT(
        MultiDict({"q_leadership": "٠", "reason_leadership": "No plan exists.", "none_results": "y", "act": "submit"})
    )
    assert form.validate(), form.errors
    assert form.codes() == [1, 102]
    assert form.reasons() == {"leadership": "No plan exists."}


@pytest.mark.parametrize(("score", "fits"), [("0", False), ("10", False), ("11", True), ("90", True), ("91", False)])
def test_an_extreme_score_needs_a_reason(score: str, fits: bool) -> None:
    data = {"q_leadership": score, "q_results": "50", "act": "submit"}
    assert EXPERT(MultiDict(data)).validate() is fits
    assert EXPERT(MultiDict(data | {"act": "save"})).validate()
    assert EXPERT(MultiDict(data | {"reason_leadership": "Because."})).validate()


def test_a_score_and_no_basis_together_are_refused_when_sent() -> None:
    form = EXPERT(MultiDict({"q_leadership": "50", "none_leadership": "y", "q_results": "50", "act": "submit"}))
    assert not form.validate()


def test_a_blank_panel_is_named_when_sent() -> None:
    form = EXPERT(MultiDict({"q_leadership": "50", "act": "submit"}))
    assert not form.validate()
    assert [line.target for line in form.error_list()] == ["q_results"]
    assert form.codes() == [51, 0]


@pytest.mark.parametrize("score", ["101", "-1", "3.5", "many"])
def test_a_score_off_the_scale_gives_one_message_and_stays_visible(score: str) -> None:
    form = EXPERT(MultiDict({"q_leadership": score, "q_results": "50", "act": "submit"}))
    assert not form.validate()
    assert [error.in_english() for error in form.q_leadership.errors] == ["Enter a whole number from 0 to 100."]
    assert form.q_leadership.shown == score


def test_a_conflict_of_interest_needs_a_statement() -> None:
    assert not ConflictForm(MultiDict({"statement": " "})).validate()
    assert ConflictForm(MultiDict({"statement": "My sister works there."})).validate()
