"""The tables of the open data of a round, column by column."""

from evalsys.i18n import LOCALES, _l
from evalsys.services.opendata.columns import Table, day, flag, in_languages, number, text, whole

LEVELS = ("absent", "hidden", "overseer", "indicative", "full")
REASONS = ("", "primary", "complementary")
PERCENT, ANSWERS, PLACES = "percent", "answers", "places"

UNIT = text("unit", _l("Code of the office"))
INDICATOR = text("indicator", _l("Code of the indicator"))
NAMES = tuple(in_languages("name", _l("Its name in this language")))
LOW = number("low", _l("Lower end of the 95-percent interval of the score"))
HIGH = number("high", _l("Upper end of the 95-percent interval of the score"))
N = whole("n", _l("Number of ratings; where n_to is not 0, the lower end of a range"), ANSWERS)
N_TO = whole("n_to", _l("Upper end of the range of the number of ratings; 0: the number is exact"), ANSWERS)
BAND = text("band", _l("Band of the score; empty where none is given"))
LEVEL = text("level", _l("How much may be published, by the number of ratings"), *LEVELS)
WITHHELD = text("withheld", _l("Why a score is hidden: its own small numbers, or to cover another"), *REASONS)
NOMINAL = number("weight_nominal", _l("Weight by the scheme"), PERCENT)
USED = number("weight_used", _l("Weight after missing parts have left theirs to the others"), PERCENT)
IN_INDICATOR = text("group", _l("Code of the group that judged it; empty for an administrative figure"))

SCORES = Table(
    "scores",
    _l("One row for each office: its score and what belongs to it"),
    ("unit",),
    (
        UNIT,
        *NAMES,
        text("category", _l("Code of the peer category")),
        *in_languages("category_name", _l("Name of the peer category in this language")),
        number("score", _l("Score of the office, 0 to 100")),
        LOW,
        HIGH,
        BAND,
        LEVEL,
        N,
        N_TO,
        whole("rank", _l("Rank inside the peer category"), PLACES),
        whole("ranked_of", _l("How many offices of the category have a rank"), PLACES),
        whole("rank_low", _l("Best rank in 90 of 100 draws of other respondents"), PLACES),
        whole("rank_high", _l("Worst rank in 90 of 100 draws of other respondents"), PLACES),
        number("band_share", _l("Draws in which the band is the same"), PERCENT),
        number("category_mean", _l("Mean score of the peer category")),
        whole("category_units", _l("Offices of the category with a published score")),
        number("score_before", _l("Score before bonus and deduction; empty where there were none")),
        number("bonus", _l("Points added by findings")),
        number("deduction", _l("Points taken off by findings")),
        text("limit", _l("Code of the finding that lowered the band")),
        number("change", _l("Change since the round named beside it")),
        text("change_since", _l("Code of the round that is compared with")),
        flag("change_is_clear", _l("Whether the change is larger than chance explains")),
        whole("open_n", _l("Ratings without an invitation, which do not count; lower end of a range"), ANSWERS),
        whole("open_n_to", _l("Upper end of that range; 0: the number is exact"), ANSWERS),
        number("open_mean", _l("Mean of the ratings without an invitation")),
        text("opened_version", _l("Version of the weights at the opening, where others are in force now")),
        number("opened_score", _l("Score by the weights of the opening")),
        text("opened_band", _l("Band by the weights of the opening")),
        text("reply", _l("What the office says about its result")),
        text("reply_language", _l("Language of the reply"), "", *LOCALES),
        day("reply_on", _l("Day of the reply")),
        text("reference", _l("Reference printed on the scorecard")),
    ),
)
GROUPS = Table(
    "groups",
    _l("One row for each office and group of raters"),
    ("unit", "group"),
    (
        UNIT,
        text("group", _l("Code of the group of raters")),
        *NAMES,
        N,
        N_TO,
        number("score", _l("Score that the group gave, 0 to 100")),
        LOW,
        HIGH,
        NOMINAL,
        USED,
        LEVEL,
        WITHHELD,
        whole("needed", _l("Number of ratings from which more would be shown; 0: nothing more"), ANSWERS),
        text("promise", _l("What the raters of the group were promised"), "anonymous", "confidential", "accountable"),
    ),
)
NODES = Table(
    "nodes",
    _l("One row for each office and part of the tree: the whole, dimensions, indicators"),
    ("unit", "node"),
    (
        UNIT,
        text("node", _l("Code of the part of the tree")),
        *NAMES,
        text("parent", _l("Code of the part above; empty for the whole")),
        number("score", _l("Score of the part, 0 to 100")),
        LOW,
        HIGH,
        NOMINAL,
        USED,
        WITHHELD,
        text("aggregation", _l("How its parts are joined")),
        number("rest", _l("Points of the score that belong to no part: a cap took them, or a missing part left them")),
    ),
)
INDICATORS = Table(
    "indicators",
    _l("One row for each office, indicator and group of raters"),
    ("unit", "indicator", "group"),
    (
        UNIT,
        INDICATOR,
        IN_INDICATOR,
        *NAMES,
        *in_languages("group_name", _l("Name of the group in this language")),
        text("parent", _l("Code of the dimension")),
        NOMINAL,
        USED,
        number("score", _l("Score of the indicator, 0 to 100")),
        number("fine", _l("The same score with so many decimals that the published scores come out again")),
        LOW,
        HIGH,
        N,
        N_TO,
        whole("dont_know_share", _l("Share of those who answered “don't know”"), PERCENT),
        whole("not_applicable_share", _l("Share of those who answered “does not apply”"), PERCENT),
        number("contribution", _l("Points that the indicator adds to the score of the office")),
        number("raw_mean", _l("Mean on the scale of the form"), ""),
        whole("points", _l("Number of levels of the scale")),
        number("category_mean", _l("Mean score of the indicator in the peer category")),
        number("gap", _l("Score less the mean of the category")),
        number("change", _l("Change since the round named in the table of scores")),
        WITHHELD,
        text("given_value", _l("Administrative figure as it was loaded")),
        *in_languages("given_measure", _l("Unit of measure of the administrative figure in this language")),
        text("given_source", _l("Source of the administrative figure")),
        text("given_period", _l("Period of the administrative figure")),
        flag("given_is_imputed", _l("Whether the figure was missing and filled in by the rule of the scheme")),
    ),
)
DISTRIBUTION = Table(
    "distribution",
    _l("One row for each level of a scale: which share chose it"),
    ("unit", "indicator", "group", "level"),
    (
        UNIT,
        INDICATOR,
        IN_INDICATOR,
        whole("level", _l("Level of the scale, the lowest is 1")),
        whole("share", _l("Share of the answers, whole percent; the levels add up to 100"), PERCENT),
    ),
)
FINDINGS = Table(
    "findings",
    _l("One row for each finding: bonus, deduction, veto or limit of the band"),
    ("unit", "number"),
    (
        UNIT,
        whole("number", _l("Number of the finding within the office")),
        text("kind", _l("Kind of the finding"), "bonus", "deduction", "veto", "limiter"),
        text("code", _l("Code of the finding")),
        number("points", _l("Points of the finding")),
        number("counted", _l("Points that count, before any limit to their sum")),
        text("source", _l("Where it was found"), "external", "self"),
        text("reason", _l("Reason of the finding")),
    ),
)
HISTORY = Table(
    "history",
    _l("One row for each office and round: earlier results beside this one"),
    ("unit", "round", "former_unit_en"),
    (
        UNIT,
        text("round", _l("Code of the round")),
        *in_languages("former_unit", _l("Office that had this result before a reorganisation; empty: the same")),
        number("score", _l("Score of the office, 0 to 100")),
        LOW,
        HIGH,
        BAND,
        LEVEL,
        flag("comparable", _l("Whether it can be compared with this round")),
        flag("is_reorganised", _l("Whether the offices were reorganised since")),
    ),
)
WEIGHTS = Table(
    "weights",
    _l("One row for each part of the tree and each group that judges it: the weights of the scheme"),
    ("node", "group"),
    (
        text("node", _l("Code of the part of the tree")),
        text("group", _l("Code of the group whose share it is; empty: the part itself")),
        *NAMES,
        text("parent", _l("Code of the part above; empty for the whole")),
        number("weight", _l("Weight in the part above, or share of the group in the indicator"), PERCENT),
        number("effective", _l("What it counts in the whole score"), PERCENT),
        text("aggregation", _l("How its parts are joined")),
        whole("points", _l("Number of levels of the scale")),
    ),
)
TABLES = (SCORES, GROUPS, NODES, INDICATORS, DISTRIBUTION, FINDINGS, HISTORY, WEIGHTS)
BY_NAME = {table.name: table for table in TABLES}
