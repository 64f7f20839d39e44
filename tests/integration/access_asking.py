"""Who may call what, one line an endpoint and method: questions to the board, and consultations."""

from tests.integration.access import Case, everybody, only, oversight

ROUND = "/en/oversight/rounds/2025"
NEXT = "/en/oversight/rounds/2026"
CASES = (
    Case("oversight_elicitations.index", f"{ROUND}/elicitations", oversight()),
    Case("oversight_elicitations.index", "/en/oversight/rounds/1999/elicitations", oversight(404)),
    Case("oversight_elicitations.ask", f"{NEXT}/elicitations", only(401, analyst=422, board=422), "POST"),
    Case("oversight_elicitations.show", f"{ROUND}/elicitations/9", oversight(404)),
    Case("oversight_elicitations.sheet", f"{ROUND}/elicitations/9/answer", only(board=404)),
    Case("oversight_elicitations.answer", f"{ROUND}/elicitations/9/answer", only(401, board=404), "POST"),
    Case("oversight_elicitations.close", f"{NEXT}/elicitations/9/end", only(401, analyst=409, board=409), "POST"),
    Case("oversight_consultations.show", f"{ROUND}/consultation", oversight()),
    Case("oversight_consultations.begin", f"{NEXT}/consultation", only(401, analyst=422), "POST"),
    Case("oversight_consultations.conclude", f"{NEXT}/consultation/end", only(401, analyst=409), "POST"),
    Case("oversight_consultations.comment", f"{ROUND}/consultation/comments/none", oversight(404)),
    Case("oversight_consultations.judge", f"{ROUND}/consultation/comments/none", only(401, analyst=404), "POST"),
    Case("oversight_consultations.reply", f"{ROUND}/consultation/comments/none/answer", only(401, analyst=404), "POST"),
    Case("consultations.index", "/en/consultations", everybody(200)),
    Case("consultations.show", "/en/consultations/2025", everybody(404)),
    Case("consultations.comment", "/en/consultations/2025/comment", everybody(404)),
    Case("consultations.send_comment", "/en/consultations/2025/comment", everybody(404), "POST"),
    Case("consultations.poll", "/en/consultations/2025/poll", everybody(404)),
    Case("consultations.send_poll", "/en/consultations/2025/poll", everybody(404), "POST"),
)
