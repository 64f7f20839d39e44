"""Forms of staff: signing in, rounds, weights, decisions, search."""

from datetime import date
from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from forms.account import PasswordForm, SignInForm
from forms.round import ActForm, RoundForm
from forms.scheme import DecisionForm, Family, build_weight_form
from forms.search import SearchForm

SCORE = Family("score", "Score", ("experience", "cooperation", "management"))


def weights(first: str, second: str, third: str) -> MultiDict[str, str]:
    """Return a submission of three weights with a reason."""
    values = {"w-score-experience": first, "w-score-cooperation": second, "w-score-management": third}
    return MultiDict(values | {"reason": "As consulted."})


def test_weights_that_make_99_are_refused_and_the_sum_is_shown() -> None:
    form = build_weight_form([SCORE])(weights("50", "20", "29"))
    assert not form.validate()
    lines = list(form.error_list())
    assert [line.target for line in lines] == ["w-score-experience"]
    assert lines[0].message.in_english() == "Score: the weights add up to 99. They must add up to exactly 100."


@pytest.mark.parametrize(
    "typed", [("50", "20", "30"), ("33.333333", "33.333333", "33.333334"), ("٥٠", "٢٠٫٥", "29,5"), ("100", "0", "0")]
)
def test_weights_that_make_exactly_100_are_taken(typed: tuple[str, str, str]) -> None:
    form = build_weight_form([SCORE])(weights(*typed))
    assert form.validate(), list(form.error_list())
    assert form.sums() == {"score": Decimal(100)}


def test_weights_that_miss_100_by_a_millionth_are_refused() -> None:
    form = build_weight_form([SCORE])(weights("33.333333", "33.333333", "33.333333"))
    assert not form.validate()
    assert "99.999999" in next(form.error_list()).message.in_english()


def test_an_unreadable_weight_is_named_once_and_its_sum_is_not_judged() -> None:
    form = build_weight_form([SCORE])(weights("half", "20", "30"))
    assert not form.validate()
    assert [line.target for line in form.error_list()] == ["w-score-experience"]
    assert form["w-score-experience"].shown == "half"


def test_a_missing_weight_is_asked_for() -> None:
    form = build_weight_form([SCORE])(weights("", "70", "30"))
    assert not form.validate()
    assert len(list(form.error_list())) == 1


def test_a_proposal_needs_a_reason() -> None:
    data = weights("50", "20", "30")
    data["reason"] = ""
    form = build_weight_form([SCORE])(data)
    assert not form.validate()
    assert [line.target for line in form.error_list()] == ["reason"]


def test_declining_needs_a_reason_and_approving_does_not() -> None:
    assert DecisionForm(MultiDict({"decision": "approve"})).validate()
    assert not DecisionForm(MultiDict({"decision": "decline"})).validate()
    assert DecisionForm(MultiDict({"decision": "decline", "reason": "Too steep."})).validate()
    assert not DecisionForm(MultiDict({})).validate()


def round_data(**over: str) -> MultiDict[str, str]:
    """Return a complete new round with changes."""
    data = {"source": "preset:rivergate", "code": "2026", "title_en": "Round 2026", "title_zh": "2026 年度"}
    data |= {"title_ar": "جولة 2026", "opens_on": "2026-05-01", "closes_on": "2026-09-30"}
    return MultiDict(data | over)


def test_a_complete_round_is_taken() -> None:
    form = RoundForm(round_data(), sources=["preset:rivergate"])
    assert form.validate(), form.errors
    assert form.opens_on.data == date(2026, 5, 1)


@pytest.mark.parametrize(
    "over",
    [
        {"source": "round:1999"},
        {"code": "20 26"},
        {"code": "../x"},
        {"title_ar": ""},
        {"opens_on": "2026-02-30"},
        {"closes_on": "2026-04-30"},
    ],
)
def test_a_round_with_a_gap_is_refused_with_one_message(over: dict[str, str]) -> None:
    form = RoundForm(round_data(**over), sources=["preset:rivergate"])
    assert not form.validate()
    assert len(list(form.error_list())) == 1


def test_only_known_acts_are_taken() -> None:
    assert ActForm(MultiDict({"act": "close"})).validate()
    assert not ActForm(MultiDict({"act": "delete"})).validate()


def test_signing_in_needs_both_parts_and_keeps_the_password_as_typed() -> None:
    form = SignInForm(MultiDict({"login": " board1 ", "password": " two  spaces "}))
    assert form.validate()
    assert (form.login.data, form.password.data) == ("board1", " two  spaces ")
    empty = SignInForm(MultiDict({}))
    assert not empty.validate()
    assert len(list(empty.error_list())) == 2
    assert not SignInForm(MultiDict({"login": "a", "password": "\ud800"})).validate()


def test_a_new_password_is_long_and_typed_twice() -> None:
    base = {"old": "former words", "new": "correct horse battery", "repeat": "correct horse battery"}
    assert PasswordForm(MultiDict(base)).validate()
    assert not PasswordForm(MultiDict(base | {"repeat": "other"})).validate()
    assert not PasswordForm(MultiDict(base | {"new": "short", "repeat": "short"})).validate()


def test_a_search_is_one_clean_line() -> None:
    form = SearchForm(MultiDict({"q": " bus\u202e   stop "}))
    assert form.validate()
    assert form.q.data == "bus stop"
