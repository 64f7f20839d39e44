"""Rows that tell what happened cannot be changed, whoever connects: triggers on both databases.

SQLite drops the triggers of a table that a later migration rebuilds (batch mode): such a migration makes them anew.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE = {
    "audit_entry": ("UPDATE", "DELETE"),
    "run": ("UPDATE", "DELETE"),
    "run_table": ("UPDATE", "DELETE"),
    "scheme_version": ("DELETE",),
}
COLUMNS = {
    "scheme_version": ("round_id", "number", "body", "digest", "reason", "proposer_id", "proposed_at"),
    "response": ("answers",),
}
# A decision is taken once; the only later change is that an approved version becomes a superseded one.
DECIDED = (
    "OLD.state <> 'proposed' AND (NEW.approver_id <> OLD.approver_id OR NEW.decided_at <> OLD.decided_at "
    "OR NEW.decision_reason <> OLD.decision_reason "
    "OR (NEW.state <> OLD.state AND NOT (OLD.state = 'approved' AND NEW.state = 'superseded')))"
)


def upgrade() -> None:
    """Create the triggers."""
    if op.get_bind().dialect.name == "postgresql":
        _create_refusal()
    for table, acts in WHOLE.items():
        for act in acts:
            _protect(f"{table}_refuses_{act.lower()}", table, act, "")
    for table, columns in COLUMNS.items():
        changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)
        _protect(f"{table}_keeps_its_content", table, "UPDATE", changed)
    _protect("scheme_version_keeps_its_decision", "scheme_version", "UPDATE", DECIDED)


def downgrade() -> None:
    """Drop the triggers."""
    names = [(f"{table}_refuses_{act.lower()}", table) for table, acts in WHOLE.items() for act in acts]
    names += [(f"{table}_keeps_its_content", table) for table in COLUMNS]
    names += [("scheme_version_keeps_its_decision", "scheme_version")]
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table in names:
        op.execute(f"DROP TRIGGER {name} ON {table}" if is_postgresql else f"DROP TRIGGER {name}")
    if is_postgresql:
        op.execute("DROP FUNCTION refuse_change()")


def _protect(name: str, table: str, act: str, condition: str) -> None:
    when = f" WHEN ({condition})" if condition else ""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION refuse_change('{name}')"
        )
    else:
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table}{when} BEGIN SELECT RAISE(ABORT, '{name}'); END")


def _create_refusal() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
