"""Who may call what, one line an endpoint and method: adopting weights."""

from tests.integration.access import Case, everybody, only, oversight

PROPOSAL = "/en/oversight/rounds/2025/proposals/1"
CASES = (
    Case("oversight_weights.proposals", "/en/oversight/rounds/2026/proposals", oversight()),
    Case("oversight_weights.history", "/en/oversight/rounds/2026/weights/history", oversight()),
    Case("oversight_weights.history", "/en/oversight/rounds/1999/weights/history", oversight(404)),
    Case("oversight_weights.amendment", "/en/oversight/rounds/2026/weights/amendment", only(analyst=200, board=200)),
    Case(
        "oversight_weights.amend",
        "/en/oversight/rounds/2026/weights/amendment",
        only(401, analyst=422, board=422),
        "POST",
    ),
    Case("oversight_weights.vote", f"{PROPOSAL}/votes", only(401, board=422), "POST"),
    Case("oversight_weights.vote", f"{PROPOSAL}/votes", only(401, board=409), "POST", (("vote", "for"),)),
    Case(
        "oversight_weights.remark",
        f"{PROPOSAL}/remarks",
        only(401, analyst=409, board=409),
        "POST",
        (("remark", "too late"),),
    ),
    Case(
        "oversight_weights.decide_amendment",
        "/en/oversight/rounds/2026/amendments/1/decision",
        only(401, board=409),
        "POST",
        (("decision", "approve"),),
    ),
    Case("public.method_history", "/en/method/history", everybody(200)),
    Case("public.round_method_history", "/en/rounds/2025/method/history", everybody(200)),
    Case("public.round_method_history", "/en/rounds/2026/method/history", everybody(404)),
)
