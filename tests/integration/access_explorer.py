"""Who may call what, one line an endpoint and method: the explorer of results."""

from tests.integration.access import Case, oversight

RUN = "/en/oversight/runs/{run}"
UNIT = f"{RUN}/units/U01"
CASES = (
    Case("oversight_explorer.show", f"{RUN}/explore", oversight()),
    Case("oversight_explorer.indicator", f"{UNIT}/indicators/satisfaction", oversight()),
    Case("oversight_explorer.indicator", f"{UNIT}/indicators/unknown", oversight(404)),
    Case("oversight_explorer.indicator", f"{RUN}/units/U99/indicators/satisfaction", oversight(404)),
    Case("oversight_explorer.indicator_file", f"{UNIT}/indicators/satisfaction.csv", oversight()),
    Case("oversight_explorer.indicator_file", f"{RUN}/units/U99/indicators/satisfaction.json", oversight(404)),
    Case("oversight_explorer.compare", f"{RUN}/compare/{{run}}", oversight()),
    Case("oversight_explorer.compare", f"{RUN}/compare/99999", oversight(404)),
    Case("oversight_explorer.compare_file", f"{RUN}/compare/{{run}}.json", oversight()),
    Case("oversight_explorer.category", f"{RUN}/categories/unknown", oversight(404)),
    Case("oversight_explorer.category_file", f"{RUN}/categories/unknown.csv", oversight(404)),
    Case("oversight_explorer.category_priorities", f"{RUN}/categories/unknown/priorities", oversight(404)),
    Case("oversight_explorer.category_priorities_file", f"{RUN}/categories/unknown/priorities.csv", oversight(404)),
    Case("oversight_explorer.unit_priorities", f"{UNIT}/priorities", oversight()),
    Case("oversight_explorer.unit_priorities_file", f"{UNIT}/priorities.csv", oversight()),
    Case("oversight_explorer.group_gaps", f"{RUN}/gaps", oversight()),
    Case("oversight_explorer.group_gaps_file", f"{RUN}/gaps.csv", oversight()),
    Case("oversight_explorer.firm", f"{RUN}/firmness", oversight()),
    Case("oversight_explorer.firm_file", f"{RUN}/firmness.json", oversight()),
    Case("oversight_explorer.scenarios_file", f"{RUN}/scenarios.csv", oversight()),
    Case("oversight_explorer.show", "/en/oversight/runs/99999/explore", oversight(404)),
)
