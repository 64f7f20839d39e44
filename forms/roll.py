"""The list of people who are invited: the file, the orders, the decision on a batch that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, CleanTextField, OneOfField
from forms.validators import AtMost, Required

REASON_CHARACTERS = 500
CHANNELS = ("letter", "mail")
WAYS = ("letters", "eml", "smtp")


class GroupForm(BaseForm):
    """A form about one of the groups of a round; pass ``groups``, their codes."""

    group = OneOfField(_l("Group"), [Required(_l("Choose a group."))])

    def __init__(self, formdata: Any = None, *, groups: Sequence[str] = (), **kwargs: Any) -> None:
        self.offered = tuple(groups)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the groups that may be chosen are known."""
        self.group.values = self.offered
        super().process(*args, **kwargs)


class RollForm(GroupForm):
    """A file of people; the file itself is read by the view."""

    channel = OneOfField(
        _l("How they are written to"), [Required(_l("Choose how these people are written to."))], values=CHANNELS
    )


class OrderForm(GroupForm):
    """Inviting or reminding a group, by letters, files of mails, or the mail server."""

    way = OneOfField(_l("How the letters leave"), [Required(_l("Choose how the letters leave."))], values=WAYS)


class DecisionForm(BaseForm):
    """Why the people of a batch that failed go back to the list."""

    reason = CleanTextArea(
        _l("Why they are written to again"),
        [Required(_l("Say why these people are written to again.")), AtMost(REASON_CHARACTERS)],
    )


class CodeForm(BaseForm):
    """The code of an invitation, typed from a letter."""

    code = CleanTextField(_l("Your code"), [Required(_l("Type the code from your letter.")), AtMost(100)])
