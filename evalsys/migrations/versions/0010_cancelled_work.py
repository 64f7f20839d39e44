"""Work that somebody cancelled keeps its place in the queue, so that it can be taken up again."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = "ck_work_item_state"


def upgrade() -> None:
    """Apply the change."""
    _allow_states_to(4)


def downgrade() -> None:
    """Take it back; cancelled work becomes failed work, which can be tried again as well."""
    op.execute("UPDATE work_item SET state = 3, error = 'cancelled' WHERE state = 4")
    _allow_states_to(3)


def _allow_states_to(last: int) -> None:
    with op.batch_alter_table("work_item") as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
        batch.create_check_constraint(op.f(NAME), f"state BETWEEN 0 AND {last}")
