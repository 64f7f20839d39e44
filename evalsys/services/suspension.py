"""What collecting does while its round is suspended: it takes nothing, and gives back what was filled in."""

from datetime import datetime

from evalsys.errors import Invalid
from evalsys.i18n import _l

SUSPENDED = _l(
    "This evaluation is suspended, so nothing is taken at the moment. What you filled in is still here: keep the page "
    "open or save it, and send it when the evaluation goes on."
)


def refuse_suspended(suspended_at: datetime | None) -> None:
    """Raise Invalid in a suspended round: the form comes back as it was filled in, and no invitation is spent."""
    if suspended_at is not None:
        raise Invalid(SUSPENDED)
