"""The index of responses covers the recount, which then reads nothing else."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = "ix_response_questionnaire_unit"
PLACE = ["questionnaire_id", "unit_id"]


def upgrade() -> None:
    op.drop_index(NAME, table_name="response")
    op.create_index(NAME, "response", [*PLACE, "stratum", "status", "answers"], unique=False)


def downgrade() -> None:
    op.drop_index(NAME, table_name="response")
    op.create_index(NAME, "response", PLACE, unique=False)
