"""Who may call what, one line an endpoint and method: published results side by side."""

from tests.integration.access import Case, everybody

CASES = (
    Case("public.rounds", "/en/rounds", everybody(200)),
    Case("public.compare", "/en/rounds/2025/compare", everybody(200)),
    Case("public.compare", "/en/rounds/2025/compare?a=U01&b=U99", everybody(404)),
    Case("public.compare", "/en/rounds/2026/compare", everybody(404)),
    Case("public.improved", "/en/rounds/2025/improved", everybody(200)),
    Case("public.improved", "/en/rounds/2026/improved", everybody(404)),
    Case("public.how_to_read", "/en/how-to-read", everybody(200)),
)
