"""From draft results to adopted ones: replies, objections, votes, decisions, and scoring again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, OneOfField
from forms.validators import AtMost, Required

REPLY_CHARACTERS = 2000
OBJECTION_CHARACTERS = 5000
REASON_CHARACTERS = 2000
OUTCOMES = ("upheld", "partly", "rejected")
CHOICES = ("for", "against", "abstain")


class ReplyForm(BaseForm):
    """What an office says about its result, and in which language. Pass ``languages`` (codes)."""

    text = CleanTextArea(_l("Your reply"), [AtMost(REPLY_CHARACTERS)])
    language = OneOfField(_l("Language of the reply"), [Required(_l("Choose the language of your reply."))])

    def __init__(self, formdata: Any = None, *, languages: Sequence[str] = (), **kwargs: Any) -> None:
        self.languages = tuple(languages)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the languages are known."""
        self.language.values = self.languages
        super().process(*args, **kwargs)


class ObjectionForm(BaseForm):
    """What an office objects to. Pass ``topics`` (codes of parts of the score; "" stands for all of it)."""

    topic = OneOfField(_l("What do you object to?"), [])
    text = CleanTextArea(
        _l("What is wrong, and why?"),
        [Required(_l("Say what is wrong with the draft result, and why.")), AtMost(OBJECTION_CHARACTERS)],
    )

    def __init__(self, formdata: Any = None, *, topics: Sequence[str] = (), **kwargs: Any) -> None:
        self.topics = tuple(topics)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the parts of the score are known."""
        self.topic.values = self.topics
        super().process(*args, **kwargs)


class JudgementForm(BaseForm):
    """A vote of the panel on an objection, or the decision."""

    outcome = OneOfField(_l("Outcome"), [Required(_l("Choose upheld, partly upheld or rejected."))], values=OUTCOMES)
    reason = CleanTextArea(
        _l("Reason"), [Required(_l("Say why. The office reads the reason.")), AtMost(REASON_CHARACTERS)]
    )


class BallotForm(BaseForm):
    """A vote of the board on results."""

    choice = OneOfField(_l("How do you vote?"), [Required(_l("Choose how you vote."))], values=CHOICES)
    reason = CleanTextArea(_l("Reason"), [AtMost(REASON_CHARACTERS)])


class PublicReasonForm(BaseForm):
    """A reason that everybody reads."""

    reason = CleanTextArea(_l("Reason"), [Required(_l("Write the reason.")), AtMost(REASON_CHARACTERS)])
