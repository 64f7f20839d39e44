"""What raters with accounts have filled in and not handed over, locked: a copy of the database tells nothing of it."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from evalsys.models import Assignment
from evalsys.services import sealing

LOCKED = "locked"


def keep_draft(task: Assignment, content: Mapping[str, Any]) -> None:
    """Keep a half-filled form, or answers that wait for a head's release, in place of what was kept before."""
    sealed = sealing.lock(_purpose(task), json.dumps(dict(content), ensure_ascii=False))
    task.draft = {LOCKED: base64.b64encode(sealed).decode("ascii")}


def open_draft(task: Assignment) -> dict[str, Any]:
    """What is kept; empty when nothing is. Drafts from before they were locked are read as they are."""
    if LOCKED not in task.draft:
        return dict(task.draft)
    kept: dict[str, Any] = json.loads(sealing.unlock(_purpose(task), base64.b64decode(task.draft[LOCKED])))
    return kept


def _purpose(task: Assignment) -> str:
    return f"assignment/{task.id}"
