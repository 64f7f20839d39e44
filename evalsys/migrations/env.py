"""How Alembic runs here: on the connection that `upgrade` hands over."""

from typing import Any, Literal

from alembic import context

import evalsys.models
from evalsys.db import UtcDateTime


def _render(kind: str, item: object, autogenerate: Any) -> str | Literal[False]:
    """Write our own column type by its name; leave the rest to Alembic."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogenerate.imports.add("from evalsys.db import UtcDateTime")
        return "UtcDateTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=evalsys.models.Account.metadata,
    render_item=_render,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
