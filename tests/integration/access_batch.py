"""Who may call what, one line an endpoint and method: batches of work."""

from tests.integration.access import Case, only

JOB = "/en/oversight/jobs/cards-2025-1"
CASES = (
    Case("oversight.job_cancellation", f"{JOB}/cancellation", only(board=200)),
    Case("oversight.job_act", JOB, only(401, board=409), "POST", (("act", "resume"),)),
)
