"""How a command ends when a use case refuses: one line on the error stream, exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from evalsys.errors import EvalsysError


@contextmanager
def refusals_shown() -> Iterator[None]:
    """Turn a refusal into a ClickException with its English text and every problem it carries."""
    try:
        yield
    except EvalsysError as refusal:
        lines = [(refusal.message, refusal.params), *getattr(refusal, "problems", ())]
        raise click.ClickException(
            "\n".join(message % params if params else message for message, params in lines)
        ) from refusal
