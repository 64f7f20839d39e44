"""What invitations and reminders say, in the language of the person."""

from dataclasses import dataclass, replace
from datetime import date

from flask import current_app
from flask_babel import force_locale, format_date, gettext

from evalsys.i18n import direction
from evalsys.models import Round
from evalsys.reports.letters import Letter
from evalsys.services import content
from evalsys.services.mail import Message, isolated
from evalsys.services.roll.codes import grouped
from evalsys.services.roll.people import Contact


@dataclass(frozen=True)
class Occasion:
    """What a batch is about, in one language."""

    locale: str
    body: str
    round_title: str
    closes_on: date


@dataclass(frozen=True)
class Recipient:
    """Somebody on the list who is written to now."""

    id: str
    locale: str
    contact: Contact


def occasion(round_: Round, locale: str) -> Occasion:
    """The facts of a round as letters in `locale` name them."""
    body = content.body_name(locale, current_app.config["EVALSYS"].body_name)
    return Occasion(locale, body, str(content.text_of("round", round_.code, "name", locale)), round_.period_end)


def invitation_letter(about: Occasion, to: Recipient, code: str) -> Letter:
    """A letter with the person's own code, which exists nowhere else."""
    with force_locale(about.locale):
        return replace(
            _letter(about, to),
            paragraphs=_reasons(about),
            how=gettext("Point your phone's camera at the square. Or open this address and type the code:"),
            address=shown(_short()),
            code_label=gettext("Your code"),
            code=grouped(code),
            link=_link(about, code),
            picture_words=gettext("A square code that opens the page of your invitation."),
        )


def reminder_letter(about: Occasion, to: Recipient) -> Letter:
    """A letter to everybody alike, without a code."""
    with force_locale(about.locale):
        how = gettext("If not, take our first letter: it holds the code, and it is good until you use it.")
        return replace(_letter(about, to), paragraphs=(_first_letter(about), _thanks()), how=how)


def invitation_mail(about: Occasion, to: Recipient, code: str) -> Message:
    """A mail with the person's own link."""
    with force_locale(about.locale):
        how = gettext("Open this address:")
        other = gettext("Or open %(address)s and type the code %(code)s.", address=_short(), code=grouped(code))
        parts = [*_greeting(to), *_reasons(about), f"{how}\n{_link(about, code)}", other, _until(about), about.body]
        return _mail(to, _subject(about), parts)


def reminder_mail(about: Occasion, to: Recipient) -> Message:
    """A mail to everybody alike, without a link of her own."""
    with force_locale(about.locale):
        how = gettext("If not, take our first mail: it holds the link, and it is good until you use it.")
        parts = [*_greeting(to), _first_letter(about), _thanks(), how, _until(about), about.body]
        return _mail(to, gettext("A reminder: %(subject)s", subject=_subject(about)), parts)


def _letter(about: Occasion, to: Recipient) -> Letter:
    """What every letter has: the window, the title, the end."""
    return Letter(
        locale=about.locale,
        direction=direction(about.locale),
        sender=about.body,
        recipient=(to.contact.name, *to.contact.address),
        title=gettext("How do our offices serve you?"),
        paragraphs=(),
        how="",
        closing=_until(about),
    )


def _subject(about: Occasion) -> str:
    return str(gettext("%(body)s asks you: how do our offices serve you?", body=isolated(about.body)))


def _reasons(about: Occasion) -> tuple[str, ...]:
    """Why this person, who reads it, how long it takes, what is promised."""
    named = {"body": isolated(about.body), "round": isolated(about.round_title)}
    return (
        gettext("You are one of the people whom %(body)s asks about its offices: %(round)s.", **named),
        gettext("Your answers count together with those of others. The offices read figures, never who answered."),
        gettext("It takes one or two minutes, without an account."),
        gettext(
            "Your rating is anonymous. Your name is kept apart from the answers, and nobody is told who took part."
        ),
    )


def _until(about: Occasion) -> str:
    day = format_date(about.closes_on, "long")
    return str(
        gettext("You can rate until %(day)s. The code is good for one rating; please do not pass it on.", day=day)
    )


def _first_letter(about: Occasion) -> str:
    named = {"body": isolated(about.body), "round": isolated(about.round_title)}
    return str(gettext("%(body)s has asked you how its offices serve you: %(round)s.", **named))


def _thanks() -> str:
    return str(
        gettext("If you have rated already, thank you. Ratings are anonymous, so we cannot know, and remind everybody.")
    )


def _greeting(to: Recipient) -> list[str]:
    return [gettext("Dear %(name)s,", name=isolated(to.contact.name))] if to.contact.name else []


def _mail(to: Recipient, subject: str, parts: list[str]) -> Message:
    return Message(to.contact.email, subject, "\n\n".join(parts) + "\n", to.locale)


def _link(about: Occasion, code: str) -> str:
    return f"{_base()}/{about.locale}/invitations/{code}"


def _short() -> str:
    return f"{_base()}/i"


def _base() -> str:
    return str(current_app.config["EVALSYS"].public_url)


def shown(address: str) -> str:
    """An address as people type it."""
    return address.removeprefix("https://").removeprefix("http://")
