"""Who may call what, one line an endpoint and method: the register of offices and the dictionary of indicators."""

from tests.integration.access import Case, only, oversight

UNITS = "/en/oversight/units"
INDICATORS = "/en/oversight/indicators"
CASES = (
    Case("oversight_units.show", UNITS, oversight()),
    Case("oversight_units.upload", f"{UNITS}/list", only(401, analyst=422, administrator=422), "POST"),
    Case("oversight_units.new", f"{UNITS}/new", only(analyst=200, administrator=200)),
    Case("oversight_units.new", f"{UNITS}/new", only(401, analyst=422, administrator=422), "POST"),
    Case("oversight_units.unit", f"{UNITS}/entries/U01", oversight()),
    Case("oversight_units.unit", f"{UNITS}/entries/U99", oversight(404)),
    Case("oversight_units.switch", f"{UNITS}/entries/U01", only(401, analyst=422, administrator=422), "POST"),
    Case("oversight_units.edit", f"{UNITS}/entries/U01/edit", only(analyst=200, administrator=200)),
    Case("oversight_units.edit", f"{UNITS}/entries/U01/edit", only(401, analyst=422, administrator=422), "POST"),
    Case("oversight_units.reorganisation", f"{UNITS}/reorganisation", only(analyst=200, administrator=200)),
    Case(
        "oversight_units.reorganisation", f"{UNITS}/reorganisation", only(401, analyst=422, administrator=422), "POST"
    ),
    Case("oversight_units.category", f"{UNITS}/categories/new", only(analyst=200, administrator=200)),
    Case("oversight_units.category", f"{UNITS}/categories/new", only(401, analyst=422, administrator=422), "POST"),
    Case("oversight_units.service", f"{UNITS}/services/new", only(analyst=200, administrator=200)),
    Case("oversight_units.service", f"{UNITS}/services/none", only(401, analyst=404, administrator=404), "POST"),
    Case("oversight_indicators.show", f"{INDICATORS}?q=trust", oversight()),
    Case("oversight_indicators.new", f"{INDICATORS}/new", only(analyst=200)),
    Case("oversight_indicators.new", f"{INDICATORS}/new", only(401, analyst=422), "POST"),
    Case("oversight_indicators.entry", f"{INDICATORS}/entries/trust", oversight()),
    Case("oversight_indicators.entry", f"{INDICATORS}/entries/nothing", oversight(404)),
    Case("oversight_indicators.edit", f"{INDICATORS}/entries/trust/edit", only(analyst=200)),
    Case("oversight_indicators.edit", f"{INDICATORS}/entries/trust/edit", only(401, analyst=422), "POST"),
    Case("oversight_indicators.version", f"{INDICATORS}/entries/trust/versions/1", oversight()),
    Case("oversight_indicators.version", f"{INDICATORS}/entries/trust/versions/9", oversight(404)),
    Case("oversight_indicators.of_round", "/en/oversight/rounds/2026/indicators", oversight()),
)
