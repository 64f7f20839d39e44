"""Every poster and booklet that was ever sent out can be told by its bytes, also after it was made again."""

import sqlalchemy as sa
from alembic import op

from evalsys.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = "printed_file"


def upgrade() -> None:
    """Make the table; the files that are on record go into it."""
    op.create_table(
        TABLE,
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_printed_file_run_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_printed_file_unit_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_printed_file")),
    )
    op.execute(
        "INSERT INTO printed_file (digest, run_id, kind, unit_id, locale, made_at) "
        "SELECT digest, run_id, kind, unit_id, locale, created_at FROM publication_file WHERE id IN "
        "(SELECT min(id) FROM publication_file GROUP BY digest)"
    )


def downgrade() -> None:
    """Forget what was made before the files that are on record now."""
    op.drop_table(TABLE)
