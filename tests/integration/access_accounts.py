"""Who may call what, one line an endpoint and method: accounts."""

from tests.integration.access import Case, everybody, only

PAGE = "/en/oversight/accounts"
CASES = (
    Case("oversight_accounts.show", PAGE, only(administrator=200, auditor=200)),
    Case("oversight_accounts.invite", f"{PAGE}/new", only(administrator=200)),
    Case("oversight_accounts.invite", f"{PAGE}/new", only(401, administrator=422), "POST"),
    Case("oversight_accounts.account", f"{PAGE}/999999", only(administrator=404, auditor=404)),
    Case("oversight_accounts.change", f"{PAGE}/999999", only(401, administrator=404), "POST"),
    Case("oversight_accounts.renew", f"{PAGE}/999999/links", only(401, administrator=404), "POST"),
    Case(
        "oversight_accounts.decide",
        f"{PAGE}/requests/999999",
        only(401, administrator=404),
        "POST",
        (("decision", "confirm"),),
    ),
    Case("oversight_accounts.bring", f"{PAGE}/list", only(administrator=200)),
    Case("oversight_accounts.bring", f"{PAGE}/list", only(401, administrator=422), "POST"),
    Case("account.accept_invitation", "/en/account/invitations/unknown", everybody(404)),
    Case("account.accept_invitation", "/en/account/invitations/unknown", everybody(404), "POST"),
)
