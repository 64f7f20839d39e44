"""Who may call what, one line an endpoint and method: the workbench of weights, bounds and fragility."""

from tests.integration.access import Case, only, oversight

WEIGHTS = "/en/oversight/rounds/2026/weights"
CASES = (
    Case("oversight_weights.preview", f"{WEIGHTS}/preview", oversight(400, guest=401), "POST"),
    Case("oversight_bench.bounds", f"{WEIGHTS}/bounds", oversight()),
    Case("oversight_bench.bounds", "/en/oversight/rounds/1999/weights/bounds", oversight(404)),
    Case("oversight_bench.set_bounds", f"{WEIGHTS}/bounds", only(401, board=422), "POST"),
    Case(
        "oversight_bench.set_bounds",
        "/en/oversight/rounds/2025/weights/bounds",
        only(401, board=409),
        "POST",
        (("reason", "so"),),
    ),
    Case("oversight_bench.fragility", f"{WEIGHTS}/fragility", oversight()),
    Case("oversight_bench.fragility", f"{WEIGHTS}/fragility?version=99", oversight(404)),
)
