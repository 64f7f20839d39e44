"""Signing in and changing a password."""

from __future__ import annotations

from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextField, SecretField
from forms.validators import AtMost, Required

PASSWORD_CHARACTERS_LEAST = 12
PASSWORD_CHARACTERS_MOST = 256
LOGIN_CHARACTERS = 200


class SignInForm(BaseForm):
    """Who are you? The view answers a wrong pair with one message for both fields."""

    login = CleanTextField(_l("User name"), [Required(_l("Enter your user name.")), AtMost(LOGIN_CHARACTERS)])
    password = SecretField(_l("Password"), [Required(_l("Enter your password.")), AtMost(PASSWORD_CHARACTERS_MOST)])


class FirstPasswordForm(BaseForm):
    """A new password, typed twice."""

    new = SecretField(_l("New password"), [Required(_l("Enter a new password.")), AtMost(PASSWORD_CHARACTERS_MOST)])
    repeat = SecretField(_l("New password again"), [Required(_l("Enter the new password again."))])

    def validate_new(self, field: Any) -> None:
        """Ask for length only: long and memorable beats short and odd."""
        if field.data and len(field.data) < PASSWORD_CHARACTERS_LEAST:
            raise ValidationError(
                _l("Use %(least)s characters or more. Several words are fine.", least=PASSWORD_CHARACTERS_LEAST)
            )

    def validate_repeat(self, field: Any) -> None:
        """Both new passwords are the same."""
        if field.data and field.data != self.new.data:
            raise ValidationError(_l("The two new passwords differ. Type the new password again."))


class PasswordForm(FirstPasswordForm):
    """A new password after the current one."""

    old = SecretField(_l("Current password"), [Required(_l("Enter your current password."))])

    def in_page_order(self) -> list[Any]:
        """The current password comes first."""
        return [self.old, self.new, self.repeat]
