"""Who may call what, one line an endpoint and method: charts, workbooks and the pictures beside shared links."""

from tests.integration.access import Case, everybody, only, oversight

CARD = "/en/rounds/2025/units/U01"
HEAD = "/en/head/rounds/2025"
ROUND = "/en/oversight/rounds/2025/downloads"
CASES = (
    Case("public.preview", "/en/preview.png", everybody(200)),
    Case("public.round_preview", "/en/rounds/2025/preview.png", everybody(200)),
    Case("public.round_preview", "/en/rounds/2026/preview.png", everybody(404)),
    Case("public.card_preview", f"{CARD}/preview.png", everybody(200)),
    Case("public.card_preview", "/en/rounds/2026/units/U01/preview.png", everybody(404)),
    Case("public.charts", f"{CARD}/charts", everybody(200)),
    Case("public.chart", f"{CARD}/charts/scale.svg", everybody(200)),
    Case("public.chart", f"{CARD}/charts/nothing.svg", everybody(404)),
    Case("head_downloads.charts", f"{HEAD}/charts", only(head=200, other_head=404)),
    Case("head_downloads.chart", f"{HEAD}/charts/scale.svg", only(head=200, other_head=404)),
    Case("head_downloads.workbook", f"{HEAD}/results.xlsx", only(head=200, other_head=404)),
    Case("oversight_downloads.show", ROUND, oversight()),
    Case("oversight_downloads.show", "/en/oversight/rounds/2026/downloads", oversight(404)),
    Case("oversight_downloads.chart", f"{ROUND}/nothing.svg", oversight(404)),
    Case("oversight_downloads.workbook", f"{ROUND}/results.xlsx", oversight()),
    Case("oversight_downloads.unit", f"{ROUND}/units/U01", oversight()),
    Case("oversight_downloads.unit", f"{ROUND}/units/U99", oversight(404)),
    Case("oversight_downloads.unit_chart", f"{ROUND}/units/U01/scale.svg", oversight()),
    Case("oversight_downloads.unit_workbook", f"{ROUND}/units/U01/results.xlsx", oversight()),
)
