"""Nothing of a response changes but its status: the trigger that kept the answers keeps the rest of the row as well."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = "response_keeps_its_content"
KEPT = ("questionnaire_id", "unit_id", "stratum", "channel", "day", "pace", "network", "answers")


def upgrade() -> None:
    _replace(KEPT)


def downgrade() -> None:
    _replace(("answers",))


def _replace(columns: tuple[str, ...]) -> None:
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {NAME} ON response")
        op.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON response FOR EACH ROW "
            f"WHEN ({changed}) EXECUTE FUNCTION refuse_change('{NAME}')"
        )
    else:
        op.execute(f"DROP TRIGGER {NAME}")
        op.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON response WHEN {changed} BEGIN SELECT RAISE(ABORT, '{NAME}'); END"
        )
