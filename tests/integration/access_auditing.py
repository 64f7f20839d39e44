"""Who may call what, one line an endpoint and method: auditing."""

from tests.integration.access import Case, only

DRAW = (("size", "5"), ("seed", "7"))
CASES = (
    Case("oversight_auditing.show", "/en/oversight/auditing", only(auditor=200)),
    Case("oversight_auditing.sample", "/en/oversight/auditing/2025/sample", only(auditor=200)),
    Case("oversight_auditing.sample", "/en/oversight/auditing/none/sample", only(auditor=404)),
    Case("oversight_auditing.sample", "/en/oversight/auditing/2025/sample", only(401, auditor=200), "POST", DRAW),
    Case("oversight_auditing.sample", "/en/oversight/auditing/2026/sample", only(401, auditor=409), "POST", DRAW),
)
