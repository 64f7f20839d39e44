"""The list of people who are invited to a round: loading it, inviting, reminding, forgetting.

Nothing here joins a person to a credential: the list knows neither tokens nor who has rated, a token exists in memory
while its letter is written and in the letter itself. Letters are drawn by `writing`, which only workers import.
"""

from evalsys.services.roll.codes import as_token
from evalsys.services.roll.decisions import Decision, read_batch, resolve_batch
from evalsys.services.roll.files import delete_file, finished_items, read_file
from evalsys.services.roll.groups import public_groups
from evalsys.services.roll.inviting import Order, invite_people, remind_people
from evalsys.services.roll.loading import Upload, load_roll, read_load, read_rejections
from evalsys.services.roll.pages import roll_page

__all__ = [
    "Decision",
    "Order",
    "Upload",
    "as_token",
    "delete_file",
    "finished_items",
    "invite_people",
    "load_roll",
    "public_groups",
    "read_batch",
    "read_file",
    "read_load",
    "read_rejections",
    "remind_people",
    "resolve_batch",
    "roll_page",
]
