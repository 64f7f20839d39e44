"""The public consultation: what everybody fills in, and what the oversight body does with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms.base import BaseForm, Message, _l
from forms.fields import CleanTextArea, CleanTextField, DayField, OneOfField, TickField
from forms.validators import AtMost, Matches, Required

COMMENT_CHARACTERS = 2000
ANSWER_CHARACTERS = 2000
IMPORTANCE = tuple(str(number) for number in range(11))
UNREADABLE = _l("We could not read this form. Check what you wrote and send it again.")


class PlanForm(BaseForm):
    """How long a draft lies open, and whether there is a poll."""

    ends_on = DayField(_l("Last day"), [Required(_l("Enter the last day."))])
    has_poll = TickField(_l("Ask also how people would weigh the parts (advice, counted nowhere)"))


class JudgeForm(BaseForm):
    """What becomes of a comment."""

    decision = OneOfField(
        _l("What becomes of this comment?"),
        [Required(_l("Choose whether to publish or to hide the comment."))],
        values=("publish", "personal", "abuse"),
    )


class ReplyForm(BaseForm):
    """The oversight body's answer to a comment."""

    answer = CleanTextArea(
        _l("Your answer to the comment"), [Required(_l("Write an answer.")), AtMost(ANSWER_CHARACTERS)]
    )


class OpenForm(BaseForm):
    """What anybody may send; ``nonce`` makes a second sending of the same form harmless."""

    nonce = CleanTextField(_l("Form number"), [Required(UNREADABLE), Matches(r"[A-Za-z0-9_-]{16,64}", UNREADABLE)])

    def error_list(self) -> Any:
        """Yield the lines of the summary; the hidden number cannot take the focus, so its line leads to the form."""
        for line in super().error_list():
            yield line._replace(target="form") if line.target == "nonce" else line


class CommentForm(OpenForm):
    """A comment on a part of the draft. Pass ``topics``: the codes that may be chosen."""

    topic = OneOfField(_l("What is your comment about?"))
    text = CleanTextArea(_l("Your comment"), [Required(_l("Write your comment.")), AtMost(COMMENT_CHARACTERS)])

    def __init__(self, formdata: Any = None, *, topics: Sequence[str] = (), **kwargs: Any) -> None:
        self.offered = tuple(topics)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the topics that may be chosen are known."""
        self.topic.values = self.offered
        super().process(*args, **kwargs)


class PollForm(OpenForm):
    """How important every part is, from 0 to 10."""

    keys: tuple[str, ...] = ()

    def importance(self) -> dict[str, int]:
        """Return the numbers by key."""
        return {key: int(self[importance_name(key)].data) for key in self.keys}


def importance_name(key: str) -> str:
    """Return the name of a part's control."""
    return f"i-{key}"


def build_poll_form(asked: Sequence[tuple[str, str]]) -> type[PollForm]:
    """Return a form class with one number for each (key, name)."""

    class Form(PollForm):
        """The poll of one draft."""

    Form.keys = tuple(key for key, _name in asked)
    for key, name in asked:
        missing = _l("Say how important “%(part)s” is.", part=name)
        field = OneOfField(Message("%(part)s", part=name), [Required(missing)], values=IMPORTANCE)
        setattr(Form, importance_name(key), field)
    return Form
