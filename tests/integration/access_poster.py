"""Who may call what, one line an endpoint and method: result posters and booklets of published rounds."""

from tests.integration.access import Case, everybody

ROUND = "/en/rounds/2025"
CASES = (
    Case("public.result_poster", f"{ROUND}/units/U01/poster.pdf", everybody(503)),
    Case("public.result_poster", f"{ROUND}/units/U99/poster.pdf", everybody(404)),
    Case("public.result_poster", "/en/rounds/2026/units/U01/poster.pdf", everybody(404)),
    Case("public.booklet", f"{ROUND}/booklet.pdf", everybody(503)),
    Case("public.booklet", "/en/rounds/2026/booklet.pdf", everybody(404)),
)
