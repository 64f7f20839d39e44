"""Where invited people land, and what they get when they have sent: the receipt."""

from flask import redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.i18n import current_locale
from evalsys.services import collection, credentials, timetable
from evalsys.views.rating.page import DRAFT_OF, GROUP, INVITATION, Page, forget_invitation
from evalsys.web import notify


def invitation(token: str) -> str | Page:
    """Where an invited person lands; looking at it spends nothing, since mail programs open links too."""
    if not credentials.group_of(token):
        return render_template("public/invitation.html", is_usable=False), 404
    info = timetable.collecting_round(current_locale())
    return render_template("public/invitation.html", is_usable=True, round=info, token=token)


def accept_invitation(token: str) -> Page | Response:
    """Move the token from the address into the cookie, so that it is neither shown nor sent on."""
    group = credentials.group_of(token)
    if not group:
        return render_template("public/invitation.html", is_usable=False), 404
    forget_invitation()
    session[INVITATION], session[GROUP] = token, group
    kept = collection.find_draft(token, now=utc_now())
    if kept is not None:
        session[DRAFT_OF] = kept.unit_code
        notify("Here is your form as you left it.")
        return redirect(url_for("public.rating", code=kept.unit_code))
    notify("Thank you for accepting the invitation. Find the office that you want to rate.")
    return redirect(url_for("public.units"))


def receipt(receipt: str) -> str:
    """Thanks, and proof that the rating is in the box."""
    found = collection.find_receipt(receipt, current_locale())
    return render_template(
        "public/receipt.html",
        receipt=found.code,
        round={"title": found.round_title, "closes_on": found.closes_on},
    )
