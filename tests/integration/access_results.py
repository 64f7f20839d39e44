"""Who may call what, one line an endpoint and method: from draft results to public ones."""

from tests.integration.access import Case, everybody, only, oversight

ROUND = "/en/oversight/rounds/2025"
DRAFT = "/en/head/draft"
REPLY = (("text", "we do better now"), ("language", "en"))
OBJECTION = (("objection-text", "two answers are not ours"),)
JUDGED = tuple(
    (f"{form}-{name}", said)
    for form in ("vote", "decision")
    for name, said in (("outcome", "upheld"), ("reason", "so it is"))
)
REASON = (("reason", "a figure was corrected"),)
CASES = (
    Case("head_draft.show", f"{DRAFT}/2025", only(head=200, other_head=404)),
    Case("head_draft.show", f"{DRAFT}/2026", only(head=404, other_head=404)),
    Case("head_draft.reply", f"{DRAFT}/2025/reply", only(401, head=409, other_head=404), "POST", REPLY),
    Case(
        "head_draft.raise_objection", f"{DRAFT}/2025/objections", only(401, head=409, other_head=404), "POST", OBJECTION
    ),
    Case(
        "head_draft.withdraw_objection",
        f"{DRAFT}/2025/objections/1/withdrawal",
        only(401, head=409, other_head=409),
        "POST",
    ),
    Case("oversight_objections.index", f"{ROUND}/objections", oversight()),
    Case("oversight_objections.show", f"{ROUND}/objections/1", oversight(404)),
    Case("oversight_objections.judge", f"{ROUND}/objections/1/votes", only(401, board=404), "POST", JUDGED),
    Case("oversight_objections.decide", f"{ROUND}/objections/1/decision", only(401, board=404), "POST", JUDGED),
    Case("oversight_results.compare", f"{ROUND}/runs/compare?from=1&to=1", oversight()),
    Case("oversight_results.compare", f"{ROUND}/runs/compare?from=1&to=9", oversight(404)),
    Case("oversight_results.adoption", f"{ROUND}/adoption", oversight()),
    Case("oversight_results.vote", f"{ROUND}/adoption/votes", only(401, board=409), "POST", (("choice", "for"),)),
    Case("oversight_results.adopt", f"{ROUND}/adoption", only(401, board=409), "POST"),
    Case("oversight_results.publication", f"{ROUND}/publication", oversight()),
    Case("oversight_results.publish", f"{ROUND}/publication", only(401, board=409), "POST"),
    Case("oversight_results.rescore", f"{ROUND}/rescoring", only(401, analyst=422), "POST"),
    Case("oversight_results.reopen", f"{ROUND}/reopening", only(401, board=409), "POST", REASON),
    Case("oversight_results.suspend", f"{ROUND}/suspension", only(401, board=409), "POST", REASON),
    Case("oversight_results.resume", f"{ROUND}/resumption", only(401, board=409), "POST", REASON),
    Case("public.former_scorecard", "/en/rounds/2025/units/U01/runs/1", everybody(404)),
)
