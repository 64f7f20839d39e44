"""Ratings by form: which form is open for a unit, its number, and how a filled form gets into the box exactly once."""

from evalsys.services.collection.drafts import KeptForm, find_draft, new_code, plain_code, save_draft
from evalsys.services.collection.forms import CITIZENS, OpenForm, find_form, open_units
from evalsys.services.collection.numbers import age_seconds, is_own_nonce, new_nonce
from evalsys.services.collection.receipts import Receipt, find_earlier, find_receipt
from evalsys.services.collection.submission import (
    CHANNELS,
    NO_ANSWER,
    OPEN_STRATUM,
    Ballot,
    Parcel,
    deliver,
    prepare_ballot,
    put_into_box,
    submit_rating,
)

__all__ = [
    "CHANNELS",
    "CITIZENS",
    "NO_ANSWER",
    "OPEN_STRATUM",
    "Ballot",
    "KeptForm",
    "OpenForm",
    "Parcel",
    "Receipt",
    "age_seconds",
    "deliver",
    "find_draft",
    "find_earlier",
    "find_form",
    "find_receipt",
    "is_own_nonce",
    "new_code",
    "new_nonce",
    "open_units",
    "plain_code",
    "prepare_ballot",
    "put_into_box",
    "save_draft",
    "submit_rating",
]
