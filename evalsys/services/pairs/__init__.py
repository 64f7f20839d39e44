"""Who rates whom among offices: uploaded and drawn pairs, reminders, the head's release."""

from evalsys.services.pairs.changes import (
    Drawn,
    DrawOrder,
    Withdrawal,
    draw_pairs,
    set_release,
    upload_pairs,
    withdraw_assignments,
)
from evalsys.services.pairs.overview import pairs_page
from evalsys.services.pairs.release import list_waiting, read_waiting, release_answers, return_answers
from evalsys.services.pairs.reminders import Reminded, remind_raters
from evalsys.services.pairs.upload import preview_pairs

__all__ = [
    "DrawOrder",
    "Drawn",
    "Reminded",
    "Withdrawal",
    "draw_pairs",
    "list_waiting",
    "pairs_page",
    "preview_pairs",
    "read_waiting",
    "release_answers",
    "remind_raters",
    "return_answers",
    "set_release",
    "upload_pairs",
    "withdraw_assignments",
]
