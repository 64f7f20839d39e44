"""Who may call what, one line an endpoint and method: findings."""

from tests.integration.access import Case, only, oversight

PAGE = "/en/oversight/rounds/2025/findings"
CASES = (
    Case("oversight_findings.show", PAGE, oversight()),
    Case("oversight_findings.propose", f"{PAGE}/new", only(analyst=200)),
    Case("oversight_findings.propose", f"{PAGE}/new", only(401, analyst=422), "POST"),
    Case("oversight_findings.finding", f"{PAGE}/99", oversight(404)),
    Case("oversight_findings.decide", f"{PAGE}/99/decision", only(401, board=404), "POST", (("decision", "confirm"),)),
    Case("oversight_findings.lift", f"{PAGE}/99/lift", only(401, board=404), "POST", (("reason", "a mistake"),)),
)
