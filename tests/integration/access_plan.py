"""Who may call what, one line an endpoint and method: planned publications, corrections, commitments."""

from tests.integration.access import Case, everybody, only, oversight

ROUND = "/en/oversight/rounds/2025"
MOMENT = (("plan-day", "2025-12-01"), ("plan-clock", "10:00"))
PROMISED = (
    ("commitment1-text", "two more counters"),
    ("commitment1-owner", "Head of the counters"),
    ("commitment1-due", "2000-01-01"),
    ("commitments-language", "en"),
)
OFF = (("off-reason", "not yet"),)
DONE = (("report-2025-1-state", "done"), ("report-2025-1-language", "en"))
CASES = (
    Case("oversight_releases.show", f"{ROUND}/release", oversight()),
    Case("oversight_releases.show", "/en/oversight/rounds/1999/release", oversight(404)),
    Case("oversight_releases.plan", f"{ROUND}/release", only(401, board=422), "POST", MOMENT),
    Case(
        "oversight_releases.call_off",
        f"{ROUND}/release/cancellation",
        only(401, board=409),
        "POST",
        OFF,
    ),
    Case("oversight_releases.print_again", f"{ROUND}/release/printing", only(401, board=409), "POST"),
    Case("public.corrections", "/en/corrections", everybody(200)),
    Case("head_draft.commit", "/en/head/draft/2025/commitments", only(401, head=409, other_head=404), "POST", PROMISED),
    Case("head_commitments.index", "/en/head/commitments", only(head=200, other_head=200)),
    Case("head_commitments.report", "/en/head/commitments/2025/1", only(401, head=404, other_head=404), "POST", DONE),
)
