"""Data from CSV files, tables and a report into a folder; docs/engine.md tells the formats with examples.

>>> from scoring.scheme import parse_scheme
>>> everyone = [{"code": "all", "weight": 100}]
>>> users = {"code": "users", "promise": "anonymous", "minimum": [1, 1, 1], "strata": everyone}
>>> leaves = [{"code": code, "weight": 50, "points": 5, "groups": {"users": 100}} for code in ("ease", "speed")]
>>> mapping = {"code": "demo", "groups": [users], "tree": {"code": "score", "children": leaves}}
>>> scheme = parse_scheme({**mapping, "bands": [{"code": "A", "from": 0}]})
>>> rows = ["unit,group,indicator,value,respondent", "U1,users,ease,5,r1", "U1,users,speed,dk,r1", "U1,users,ease,9,r2"]
>>> data = read_data([Source("data", lambda: rows)], scheme, lambda refusal: print(refusal.line, refusal.reason))
4 value is none of 1 to 5, dk, na or empty
>>> data.texts
{('U1', 'users', 'all'): {'r1': '56'}}
>>> score_data(data, scheme).stages["scores"]["score"].tolist()
[100.0]
"""

from scoring.files.again import DIFFERS, Compared, compare_published, describe_again
from scoring.files.comparison import compare, describe_change
from scoring.files.data import Data
from scoring.files.reading import read_data, score_data
from scoring.files.report import REFUSED_FILE, REPORT_FILE, RESULT_FILE, SCHEME_FILE, describe, write_result
from scoring.files.schemes import read_scheme
from scoring.files.sources import Refusal, Source, file_source
from scoring.files.stored import Stored, read_stored, values_of
from scoring.files.story import tell

__all__ = [
    "DIFFERS", "REFUSED_FILE", "REPORT_FILE", "RESULT_FILE", "SCHEME_FILE", "Compared", "Data", "Refusal", "Source",
    "Stored", "compare", "compare_published", "describe", "describe_again", "describe_change", "file_source",
    "read_data", "read_scheme", "read_stored", "score_data", "tell", "values_of", "write_result",
]  # fmt: skip
