"""Who may call what, one line an endpoint and method: the design of a round, and the calendar."""

from tests.integration.access import Case, everybody, only, oversight

ROUND = "/en/oversight/rounds/2026"
SETTINGS = tuple(
    {
        "title_en": "Next",
        "title_zh": "下一轮",
        "title_ar": "التالية",
        "opens_on": "2026-01-01",
        "closes_on": "2026-12-31",
        "reply_days": "10",
    }.items()
)
NUMBERS = tuple(
    (f"{name}-{group}", "20")
    for group in ("citizens", "peers", "experts")
    for name in ("hidden", "overseer", "indicative")
)
HOLIDAY = (("day", "2026-05-01"), ("name_en", "May Day"), ("name_zh", "劳动节"), ("name_ar", "عيد العمال"))

CASES = (
    Case("oversight_design.setup", f"{ROUND}/setup", oversight()),
    Case("oversight_design.design", f"{ROUND}/design", oversight()),
    Case("oversight_design.set_settings", f"{ROUND}/design", only(401, analyst=409), "POST", SETTINGS),
    Case(
        "oversight_design.set_board_rule",
        f"{ROUND}/design/board",
        only(401, board=409),
        "POST",
        (("quorum", "1"), ("majority", "half")),
    ),
    Case("oversight_design.set_units", f"{ROUND}/design/units", only(401, analyst=422), "POST"),
    Case(
        "oversight_design.propose_thresholds",
        f"{ROUND}/design/thresholds",
        only(401, analyst=409),
        "POST",
        (*NUMBERS, ("reason", "why not")),
    ),
    Case("oversight_design.dates", f"{ROUND}/calendar", oversight()),
    Case("oversight_design.set_dates", f"{ROUND}/calendar", only(401, analyst=409), "POST"),
    Case("oversight_design.rules", f"{ROUND}/rules", oversight()),
    Case("oversight_design.attach", f"{ROUND}/rules", only(401, analyst=422), "POST"),
    Case("oversight_design.rules_file", "/en/oversight/rounds/1999/rules/file", oversight(404)),
    Case("public.rules", "/en/rounds/1999/rules", everybody(404)),
    Case("oversight_calendar.show", "/en/oversight/calendar", oversight()),
    Case(
        "oversight_calendar.add",
        "/en/oversight/calendar/holidays",
        only(401, analyst=302, administrator=409),
        "POST",
        HOLIDAY,
    ),
    Case(
        "oversight_calendar.remove",
        "/en/oversight/calendar/holidays/2026-01-01/removal",
        only(401, analyst=404, administrator=404),
        "POST",
    ),
    Case(
        "oversight_calendar.set_rest",
        "/en/oversight/calendar/rest-days",
        only(401, analyst=422, administrator=422),
        "POST",
    ),
)
