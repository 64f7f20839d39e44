"""Signed files by their digest, and published cards that are taken back by two people."""

import sqlalchemy as sa
from alembic import op

from evalsys.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = sa.text("state <> 'declined'")


def upgrade() -> None:
    """Apply the change; files that are there already are on record as they are, without a signature."""
    with op.batch_alter_table("scorecard") as batch:
        batch.add_column(sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("withdrawn_reason", sa.Text(), nullable=False, server_default=""))
        batch.create_check_constraint(op.f("ck_scorecard_withdrawn"), "withdrawn_at IS NULL OR withdrawn_reason <> ''")
    op.create_index(op.f("ix_scorecard_digest"), "scorecard", ["digest"])
    op.create_table(
        "signed_file",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_signed_file_scorecard_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_signed_file")),
    )
    op.create_index(op.f("ix_signed_file_scorecard_id"), "signed_file", ["scorecard_id"])
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposer_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decider_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'in_force', 'declined')", name=op.f("ck_withdrawal_state")),
        sa.CheckConstraint("decider_id IS NULL OR decider_id <> proposer_id", name=op.f("ck_withdrawal_two_persons")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_withdrawal_reason")),
        sa.CheckConstraint("state = 'proposed' OR decider_id IS NOT NULL", name=op.f("ck_withdrawal_decided")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_withdrawal_round_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_withdrawal_run_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_withdrawal_unit_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["account.id"], name=op.f("fk_withdrawal_proposer_id")),
        sa.ForeignKeyConstraint(["decider_id"], ["account.id"], name=op.f("fk_withdrawal_decider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
    )
    op.create_index(op.f("ix_withdrawal_round_id"), "withdrawal", ["round_id"])
    op.create_index(
        "uq_withdrawal_open",
        "withdrawal",
        ["run_id", "unit_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.execute(
        "INSERT INTO signed_file (digest, scorecard_id, made_at) "
        "SELECT pdf_digest, min(id), min(created_at) FROM scorecard WHERE pdf_digest <> '' GROUP BY pdf_digest"
    )


def downgrade() -> None:
    """Take it back; refused where a card that was withdrawn would be public again."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM scorecard WHERE withdrawn_at IS NOT NULL")):
        raise RuntimeError("0009 is not taken back: a scorecard was withdrawn and would be public again.")
    op.drop_index("uq_withdrawal_open", table_name="withdrawal", sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index(op.f("ix_withdrawal_round_id"), table_name="withdrawal")
    op.drop_table("withdrawal")
    op.drop_index(op.f("ix_signed_file_scorecard_id"), table_name="signed_file")
    op.drop_table("signed_file")
    op.drop_index(op.f("ix_scorecard_digest"), table_name="scorecard")
    with op.batch_alter_table("scorecard") as batch:
        batch.drop_constraint(op.f("ck_scorecard_withdrawn"), type_="check")
        batch.drop_column("withdrawn_reason")
        batch.drop_column("withdrawn_at")
