"""Finding an office by what it does."""

from __future__ import annotations

from forms.base import BaseForm, _l
from forms.fields import CleanTextField
from forms.validators import AtMost


class SearchForm(BaseForm):
    """A few words in any language."""

    q = CleanTextField(_l("What do you need help with?"), [AtMost(100)])
