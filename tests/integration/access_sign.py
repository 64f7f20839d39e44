"""Who may call what, one line an endpoint and method: checking what was published, and withdrawing it."""

from tests.integration.access import Case, everybody, only, oversight

PAGE = "/en/oversight/rounds/2025/withdrawals"
CASES = (
    Case("verification_root.short_link", "/v/RCC-2025-U01-0000-en", everybody(302)),
    Case("verification_root.short_link", "/v/RCC-2025-U01-0000-en/0011223344556677", everybody(302)),
    Case("verification.home", "/en/verify", everybody(200)),
    Case("verification.show", "/en/verify/RCC-2025-U99-0000-en", everybody(404)),
    Case("verification.show", "/en/verify/RCC-2025-U99-0000-en/0011223344556677", everybody(404)),
    Case("verification.check_file", "/en/verify/file", everybody(422), "POST"),
    Case("verification.certificates", "/en/verify/certificates", everybody(200)),
    Case("verification.root_certificate", f"/en/verify/certificates/{'0' * 64}.pem", everybody(404)),
    Case("oversight_withdrawals.show", PAGE, oversight()),
    Case("oversight_withdrawals.propose", f"{PAGE}/new", only(analyst=200, board=200)),
    Case("oversight_withdrawals.propose", f"{PAGE}/new", only(401, analyst=422, board=422), "POST"),
    Case("oversight_withdrawals.withdrawal", f"{PAGE}/99", oversight(404)),
    Case(
        "oversight_withdrawals.decide", f"{PAGE}/99/decision", only(401, board=404), "POST", (("decision", "confirm"),)
    ),
)
