"""Result posters and booklets: which file belongs to which published run."""

import sqlalchemy as sa
from alembic import op

from evalsys.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = "publication_file"
WHOLE = "uq_publication_file_whole"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('poster', 'booklet')", name=op.f("ck_publication_file_kind")),
        sa.CheckConstraint("kind <> 'poster' OR unit_id IS NOT NULL", name=op.f("ck_publication_file_unit")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_publication_file_run_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_publication_file_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_file")),
        sa.UniqueConstraint(
            "run_id", "kind", "unit_id", "locale", name=op.f("uq_publication_file_run_id_kind_unit_id_locale")
        ),
    )
    whole = sa.text("unit_id IS NULL")
    columns = ["run_id", "kind", "locale"]
    op.create_index(WHOLE, TABLE, columns, unique=True, sqlite_where=whole, postgresql_where=whole)


def downgrade() -> None:
    """Forget which files there are; they can be made again."""
    op.drop_index(WHOLE, table_name=TABLE)
    op.drop_table(TABLE)
