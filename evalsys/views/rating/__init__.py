"""Rating by form, for everybody: the form, the receipt, drafts, invitations. Part of the public pages."""

from flask import Blueprint

from evalsys.views.rating.drafts import draft, drafts, saved_draft
from evalsys.views.rating.invitations import accept_invitation, invitation, receipt
from evalsys.views.rating.page import rating
from evalsys.views.rating.sending import refuse_foreign, send_rating
from evalsys.web import csrf


def attach(blueprint: Blueprint) -> None:
    """Put these pages among those of `blueprint`."""
    for path, view, methods in (
        ("/units/<code>/rating", rating, ["GET"]),
        ("/units/<code>/rating", send_rating, ["POST"]),
        ("/receipts/<receipt>", receipt, ["GET"]),
        ("/drafts", drafts, ["GET"]),
        ("/drafts/<code>", draft, ["GET"]),
        ("/drafts/<code>/saved", saved_draft, ["GET"]),
        ("/invitations/<token>", invitation, ["GET"]),
        ("/invitations/<token>", accept_invitation, ["POST"]),
    ):
        blueprint.add_url_rule(path, view_func=view, methods=methods)
    blueprint.before_app_request(refuse_foreign)
    csrf.exempt(send_rating)  # it checks the token itself, so that nobody loses a filled form
