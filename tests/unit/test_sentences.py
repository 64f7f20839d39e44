"""Sentences that stand one after the other in a template, in each script."""

from markupsafe import Markup

from evalsys.i18n import beginning, sentences


def test_no_blank_follows_a_full_width_stop() -> None:
    assert sentences("该得分仅供参考。\n  该得分高于平均分。") == "该得分仅供参考。该得分高于平均分。"


def test_no_blank_follows_it_before_a_quotation() -> None:
    assert sentences("数值。 “–”：未提问。") == "数值。“–”：未提问。"


def test_other_scripts_keep_their_blanks() -> None:
    assert sentences("One. “Two” is it.") == "One. “Two” is it."
    assert sentences("واحد. اثنان؟ ثلاثة.") == "واحد. اثنان؟ ثلاثة."


def test_what_was_safe_stays_safe_and_what_was_not_does_not_become_so() -> None:
    assert isinstance(sentences(Markup("<b>一</b>。 二")), Markup)
    assert not isinstance(sentences("<b>一</b>。 二"), Markup)


def test_the_beginning_of_a_text_ends_at_a_word_and_holds_no_half_of_a_pair_of_marks() -> None:
    assert beginning("a \u2066long\u2069 story", 12) == "a long story"
    assert beginning("a long story of many words", 14) == "a long story…"
    assert beginning("  \u2067" + "x" * 30, 10) == "x" * 10 + "…"
    assert beginning("中文没有空格的名字很长", 6) == "中文没有空格…"
    assert beginning("图书 馆与终身学习局的名字很长", 8) == "图书 馆与终身学…"
